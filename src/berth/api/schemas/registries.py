"""Registries."""

import msgspec

from berth.api.http.params import Body, Line
from berth.domain.records import Registry


class RegistryBody(Body):
    """Body of a creation or change; missing members stay as they are."""

    url: Line | None = None
    email: Line | None = None
    username: Line | None = None
    password: str | None = None
    description: str | None = None


class LoginCheckBody(Body):
    """Body of a validation; ``registry_id`` lends what is missing."""

    url: Line | None = None
    username: Line | None = None
    password: str | None = None
    registry_id: str | None = None


class RegistryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A registry; its password is never shown."""

    registry_id: str
    url: str
    email: str
    username: str
    password: str = ""
    description: str


class OneRegistry(msgspec.Struct, frozen=True, kw_only=True):
    """Envelope of a registry that was made."""

    elapsed_time: float
    registry: RegistryAnswer
    total_results: int = 1


class ManyRegistries(msgspec.Struct, frozen=True, kw_only=True):
    """Envelope of registries, also of one that was read or changed."""

    elapsed_time: float
    registries: list[RegistryAnswer]
    total_results: int


class LoginCheckAnswer(msgspec.Struct, frozen=True):
    """How a login at a registry went."""

    valid: bool
    message: str


def render_registry(registry: Registry) -> RegistryAnswer:
    """Render a registry."""
    return RegistryAnswer(
        registry_id=registry.id,
        url=registry.url,
        email=registry.email,
        username=registry.username,
        description=registry.description,
    )
