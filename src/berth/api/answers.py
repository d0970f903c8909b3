"""JSON answers: compact, on one line."""

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

import msgspec
from starlette.responses import Response

T_co = TypeVar("T_co", covariant=True)

_encoder = msgspec.json.Encoder()


def encode(value: Any) -> bytes:
    """Encode records, plain values and ready-made JSON."""
    return _encoder.encode(value)


class Json(Response, Generic[T_co]):
    """An answer in JSON; endpoints name its content, which their description is made of."""

    media_type = "application/json"

    def __init__(
        self,
        content: T_co,
        status_code: int = 200,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(content, status_code, headers)

    def render(self, content: Any) -> bytes:
        """Encode the content."""
        return encode(content)


class TaskStarted(msgspec.Struct, frozen=True):
    """Answer of a long action: follow that task."""

    task_id: str


class Deleted(msgspec.Struct, frozen=True):
    """Answer of a deletion."""

    deleted: str
