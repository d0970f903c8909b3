"""Streams between the manager and one host: what they are asked for, and how both ends use them."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from berth.domain.ids import ContainerId, HostId
from berth.domain.observed import LogQuery


class FollowLogs(msgspec.Struct, frozen=True, tag="follow_logs", tag_field="t"):
    """A container's output as it is written; pieces are whole lines of ``stdout`` and ``stderr``."""

    container_id: ContainerId
    query: LogQuery


class Exec(msgspec.Struct, frozen=True, kw_only=True, tag="exec", tag_field="t"):
    """A program in a container.

    Pieces to it: ``stdin``, ``eof`` without data, ``resize`` with ``<rows> <columns>``. Pieces from
    it: ``stdout``, ``stderr``, at the end ``exit`` with the exit code in decimal.
    """

    container_id: ContainerId
    command: tuple[str, ...]
    tty: bool = False
    user: str = ""
    workdir: str = ""
    #: ``NAME=value``.
    env: tuple[str, ...] = ()


class FollowStats(msgspec.Struct, frozen=True, tag="follow_stats", tag_field="t"):
    """What a container uses, or the host without one; each piece is a ``Usage`` as JSON."""

    container_id: ContainerId | None
    interval_s: float


StreamRequest = FollowLogs | Exec | FollowStats


class Piece(msgspec.Struct, frozen=True):
    """Something that travels over a stream."""

    name: str
    data: bytes = b""


class Stream(Protocol):
    """An open stream, as the manager holds it."""

    async def receive(self) -> Piece | None:
        """Return the next piece; none at the end. Raises HostAway, CallFailed."""
        ...

    async def send(self, piece: Piece) -> None:
        """Send a piece; waits while the host takes none. Raises HostAway."""
        ...


class Streams(Protocol):
    """Opens streams to hosts."""

    def open_stream(
        self, host_id: HostId, request: StreamRequest
    ) -> AbstractAsyncContextManager[Stream]:
        """Open a stream; leaving ends it on the host, too. Raises HostAway."""
        ...
