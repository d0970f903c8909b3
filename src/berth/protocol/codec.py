"""Messages to bytes and back.

A frame of a kind that this version does not know is no error: the other side is newer. Members
that this version does not know are skipped, and what it knows is checked.
"""

from typing import get_args

import msgspec

from berth.domain.errors import ProtocolError
from berth.domain.streams import StreamRequest
from berth.protocol.messages import CallRequest, FromAgent, FromManager, Message
from berth.protocol.rules import check_frame, one_line
from berth.protocol.unknown import Unknown, UnknownRequest

#: What decoding raises: its own errors, for text that is no UTF-8, for frames nested too deep.
_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)

_encoder = msgspec.msgpack.Encoder()
_from_agent: msgspec.msgpack.Decoder[FromAgent] = msgspec.msgpack.Decoder(FromAgent)
_from_manager: msgspec.msgpack.Decoder[FromManager] = msgspec.msgpack.Decoder(FromManager)


class _Tagged(msgspec.Struct, frozen=True):
    """What every frame has."""

    t: str


class _Asking(msgspec.Struct, frozen=True):
    """What every frame has that asks for something."""

    t: str
    id: int
    request: _Tagged


_tagged = msgspec.msgpack.Decoder(_Tagged)
_asking = msgspec.msgpack.Decoder(_Asking)


def _tags(union: object) -> frozenset[object]:
    return frozenset(kind.__struct_config__.tag for kind in get_args(union))


_AGENT_TAGS, _MANAGER_TAGS = _tags(FromAgent), _tags(FromManager)
#: Kinds of requests by the tag of the frame that brings them.
_REQUEST_TAGS = {"call": _tags(CallRequest), "open": _tags(StreamRequest)}


def encode(message: Message) -> bytes:
    """Return a message's frame."""
    return _encoder.encode(message)


def decode_from_agent(frame: bytes) -> FromAgent | Unknown:
    """Read and check a frame that an agent sent. Raises ProtocolError."""
    try:
        message = _from_agent.decode(frame)
    except _UNREADABLE as exc:
        unknown = _find_unknown(frame, _AGENT_TAGS)
        if unknown is None:
            reason = one_line(str(exc))
            raise ProtocolError(f"a frame from the agent cannot be read: {reason}") from exc
        return unknown
    check_frame(message)
    return message


def decode_from_manager(frame: bytes) -> FromManager | Unknown:
    """Read a frame that the manager sent. Raises ProtocolError."""
    try:
        return _from_manager.decode(frame)
    except _UNREADABLE as exc:
        unknown = _find_unknown(frame, _MANAGER_TAGS) or _find_unknown_request(frame)
        if unknown is None:
            reason = one_line(str(exc))
            raise ProtocolError(f"a frame from the manager cannot be read: {reason}") from exc
        return unknown


def _find_unknown(frame: bytes, known: frozenset[object]) -> Unknown | None:
    """Read the tag alone of a frame that could not be read; none when it is a known one."""
    try:
        tag = _tagged.decode(frame).t
    except _UNREADABLE:
        return None
    return None if tag in known else Unknown(tag)


def _find_unknown_request(frame: bytes) -> UnknownRequest | None:
    """Read what a frame asks for that could not be decoded; none when that is known."""
    try:
        asking = _asking.decode(frame)
    except _UNREADABLE:
        return None
    if asking.request.t in _REQUEST_TAGS.get(asking.t, (asking.request.t,)):
        return None
    return UnknownRequest(asking.request.t, asking.id)
