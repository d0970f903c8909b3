"""The frames of streams: opened by the manager, pieces both ways, ended by either side.

Pieces from the agent are ``CallPart``, its end is ``CallDone``; the manager ends with ``Cancel``.
"""

from berth.domain.ids import ContainerId
from berth.domain.streams import StreamRequest
from berth.domain.usage import Usage
from berth.protocol.base import Message


class OpenStream(Message, frozen=True, kw_only=True, omit_defaults=True, tag="open"):
    """Begins a stream, whose id is below 0."""

    id: int
    request: StreamRequest


class Input(Message, frozen=True, kw_only=True, omit_defaults=True, tag="input"):
    """A piece from the manager."""

    id: int
    name: str
    data: bytes = b""


class Taken(Message, frozen=True, kw_only=True, omit_defaults=True, tag="taken"):
    """The other side may send so much more; both sides say it."""

    id: int
    cost: int


class UsageReport(Message, frozen=True, kw_only=True, omit_defaults=True, tag="usage"):
    """What the host and its running containers use, from the agent at intervals."""

    host: Usage
    containers: dict[ContainerId, Usage]
