"""The streaming calls of the Engine protocol: output as it is written, programs, use of resources."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from berth.domain.ids import ContainerId
from berth.domain.observed import LogChunk, LogQuery
from berth.domain.streams import Exec


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """What a container has used since its start, as the engine counts it."""

    #: Processor time of all its processes.
    cpu_s: float = 0.0
    memory_bytes: int = 0
    #: 0 when there is none.
    memory_limit_bytes: int = 0
    received_bytes: int = 0
    sent_bytes: int = 0
    read_bytes: int = 0
    written_bytes: int = 0


class Program(Protocol):
    """A program that runs in a container beside its main one."""

    async def read(self) -> LogChunk | None:
        """Give the next output, as it comes; none at the end. With a terminal all is stdout."""
        ...

    async def write(self, data: bytes) -> None:
        """Give it input; waits while it takes none."""
        ...

    async def end_input(self) -> None:
        """Tell it that no more input comes."""
        ...

    async def resize(self, rows: int, columns: int) -> None:
        """Set the size of its terminal."""
        ...

    async def read_exit_code(self) -> int | None:
        """Give its exit code; none while it runs."""
        ...


class StreamEngine(Protocol):
    """The calls that last. Each raises EngineError like all others."""

    def follow_logs(self, container_id: ContainerId, query: LogQuery) -> AsyncIterator[LogChunk]:
        """Give output up to now and then as it is written, until the container ends."""
        ...

    def run_program(self, request: Exec) -> AbstractAsyncContextManager[Program]:
        """Start a program; leaving ends its input, and an interactive one with it.

        Raises EngineConflict when the container does not run, EngineRefused when there is no such
        program.
        """
        ...

    async def read_counters(self, container_id: ContainerId) -> Counters:
        """Give what a container has used; all 0 when it does not run."""
        ...
