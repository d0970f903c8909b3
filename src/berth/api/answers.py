"""JSON answers: compact, on one line."""

from typing import Any

import msgspec
from starlette.responses import Response

_encoder = msgspec.json.Encoder()


def encode(value: Any) -> bytes:
    """Encode records, plain values and ready-made JSON."""
    return _encoder.encode(value)


class Json(Response):
    """An answer in JSON."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Encode the content."""
        return encode(content)


class TaskStarted(msgspec.Struct, frozen=True):
    """Answer of a long action: follow that task."""

    task_id: str


class Deleted(msgspec.Struct, frozen=True):
    """Answer of a deletion."""

    deleted: str
