"""Messages to bytes and back."""

import msgspec

from berth.domain.errors import ProtocolError
from berth.protocol.messages import FromAgent, FromManager, Message

_encoder = msgspec.msgpack.Encoder()
_from_agent: msgspec.msgpack.Decoder[FromAgent] = msgspec.msgpack.Decoder(FromAgent)
_from_manager: msgspec.msgpack.Decoder[FromManager] = msgspec.msgpack.Decoder(FromManager)


def encode(message: Message) -> bytes:
    """Give a message's frame."""
    return _encoder.encode(message)


def decode_from_agent(frame: bytes) -> FromAgent:
    """Read a frame that an agent sent. Raises ProtocolError."""
    try:
        return _from_agent.decode(frame)
    except msgspec.MsgspecError as exc:
        raise ProtocolError(f"a frame from the agent cannot be read: {exc}") from exc


def decode_from_manager(frame: bytes) -> FromManager:
    """Read a frame that the manager sent. Raises ProtocolError."""
    try:
        return _from_manager.decode(frame)
    except msgspec.MsgspecError as exc:
        raise ProtocolError(f"a frame from the manager cannot be read: {exc}") from exc
