"""Reads answers: the records in them, or the error that they are."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from berth.client.errors import (
    ClientError,
    Fault,
    RefusedError,
    StrangeAnswerError,
    UnavailableError,
    kind_of,
)
from berth.client.requests.calls import Call

T = TypeVar("T")

#: At most this many characters of a stranger's answer are shown.
SHOWN = 80


class Reply(msgspec.Struct, frozen=True):
    """An answer, read to its end."""

    status: int
    #: Names in lower case.
    headers: Mapping[str, str]
    content: bytes


class _Faults(msgspec.Struct, frozen=True):
    errors: list[Fault]


def read(call: Call[T], reply: Reply) -> T:
    """Return what was asked for. Raises the error that the answer is."""
    if reply.status != 200:
        raise error_of(reply)
    if call.answer is bytes:
        return reply.content  # type: ignore[return-value]
    if call.answer is str and not reply.headers.get("content-type", "").startswith("application/"):
        return reply.content.decode("utf-8", "replace")  # type: ignore[return-value]
    try:
        if not call.member:
            return msgspec.json.decode(reply.content, type=call.answer)
        envelope = msgspec.json.decode(reply.content, type=dict[str, msgspec.Raw])
        return msgspec.json.decode(envelope[call.member], type=call.answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, RecursionError) as error:
        raise strange(reply, str(error)) from error


def error_of(reply: Reply) -> ClientError:
    """Return the error that an answer is, whoever sent it."""
    try:
        faults = msgspec.json.decode(reply.content, type=_Faults).errors
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        faults = []
    if faults:
        return refusal_of(reply, faults)
    if reply.status == 404 and not reply.content:
        return refusal_of(reply, [Fault(message="it does not exist", code="not_found")])
    if reply.status in (502, 503, 504):
        message = f"a proxy answered {reply.status} instead of the manager"
        return UnavailableError(
            [Fault(message=message, code="unavailable")],
            status=reply.status,
            retry_after_s=_seconds(reply.headers.get("retry-after")),
        )
    return strange(reply, f"status {reply.status}")


def refusal_of(reply: Reply, faults: list[Fault]) -> RefusedError:
    """Return the error of a refusal."""
    return kind_of(reply.status)(
        faults,
        status=reply.status,
        request_id=reply.headers.get("x-request-id", "")[:SHOWN],
        retry_after_s=_seconds(reply.headers.get("retry-after")),
    )


def strange(reply: Reply, reason: str) -> StrangeAnswerError:
    """Return the error for an answer that is not one of the API."""
    if 300 <= reply.status < 400:
        place = plain(reply.headers.get("location", "somewhere else"))
        return StrangeAnswerError(f"what answered sends us to {place}; no manager does that")
    kind = plain(reply.headers.get("content-type", "")) or "no type"
    begin = plain(reply.content[:SHOWN].decode("utf-8", "replace"))
    return StrangeAnswerError(
        f"what answered is not the API of Berth ({reason}; {kind}): {begin or 'nothing'}"
    )


def plain(text: str) -> str:
    """Make a stranger's text safe to show: one short line without control characters."""
    shown = "".join(each if each.isprintable() else " " for each in text[:SHOWN])
    return " ".join(shown.split())


def _seconds(text: str | None) -> float | None:
    """Read ``Retry-After``; a date counts as none."""
    try:
        return float(text) if text is not None and float(text) >= 0 else None
    except ValueError:
        return None


def decode(data: bytes | str, kind: type[T]) -> T:
    """Read a message of a stream. Raises StrangeAnswerError."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        begin = plain(str(data[:SHOWN]))
        raise StrangeAnswerError(f"a message is not understood ({error}): {begin}") from error


def to_builtins(record: Any) -> Any:
    """Return a record as the API writes it: objects, lists, texts and numbers."""
    return msgspec.to_builtins(record)
