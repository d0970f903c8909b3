"""Settings."""

from typing import Any

import msgspec
from pydantic import model_validator

from berth.api.http.params import Body
from berth.domain.settings import Settings


class SettingsBody(Body):
    """The settings to change, inside ``settings`` as they are shown, or bare."""

    settings: dict[str, Any]

    @model_validator(mode="before")
    @classmethod
    def read_forms(cls, value: Any) -> Any:
        """Accept both forms."""
        if isinstance(value, dict) and "settings" not in value:
            return {"settings": value}
        return value


class SettingsAnswer(msgspec.Struct, frozen=True):
    """Envelope of the settings."""

    settings: Settings
