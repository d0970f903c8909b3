"""Programs in containers, as their callers see them."""

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, overload

import msgspec

from berth.client.verbs import Awaiting, Blocking, Noun

P = ParamSpec("P")


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """Which program to run, where, and how."""

    container_id: str
    command: list[str]
    tty: bool = False
    user: str = ""
    workdir: str = ""
    env: list[str] = []


class Printed(msgspec.Struct, frozen=True):
    """Bytes that a program wrote; a terminal has ``stdout`` alone."""

    stream: str
    data: bytes


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """A program that has ended, with all that it wrote."""

    #: None where that is not known.
    exit_code: int | None
    stdout: bytes
    stderr: bytes


class Program(Protocol):
    """A program that runs while its ``with`` lasts; iterate over what it writes."""

    #: How it ended, once the iteration is over; none where that is not known.
    exit_code: int | None

    def __enter__(self) -> Self:
        """Start it. Raises ClientError."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave it: its input ends, and a terminal is interrupted."""
        ...

    def __iter__(self) -> Iterator[Printed]:
        """Return what it writes, until it ends."""
        ...

    def send(self, data: bytes) -> None:
        """Send it input."""
        ...

    def end_input(self) -> None:
        """Say that no more input comes."""
        ...

    def resize(self, rows: int, columns: int) -> None:
        """Resize its terminal."""
        ...

    def finish(self) -> Finished:
        """Send no more input, and wait until it has ended."""
        ...


class AsyncProgram(Protocol):
    """A program that runs while its ``async with`` lasts; iterate over what it writes."""

    #: How it ended, once the iteration is over; none where that is not known.
    exit_code: int | None

    async def __aenter__(self) -> Self:
        """Start it. Raises ClientError."""
        ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave it: its input ends, and a terminal is interrupted."""
        ...

    def __aiter__(self) -> AsyncIterator[Printed]:
        """Return what it writes, until it ends."""
        ...

    async def send(self, data: bytes) -> None:
        """Send it input."""
        ...

    async def end_input(self) -> None:
        """Say that no more input comes."""
        ...

    async def resize(self, rows: int, columns: int) -> None:
        """Resize its terminal."""
        ...

    async def finish(self) -> Finished:
        """Send no more input, and wait until it has ended."""
        ...


class Running(Generic[P]):
    """The method of a noun that runs programs."""

    def __init__(self, make: Callable[Concatenate[Any, P], Opening]) -> None:
        self.make = make
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, noun: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, noun: Noun[Blocking], owner: Any = None) -> Callable[P, Program]: ...
    @overload
    def __get__(self, noun: Noun[Awaiting], owner: Any = None) -> Callable[P, AsyncProgram]: ...
    def __get__(self, noun: Noun[Any] | None, owner: Any = None) -> Any:
        """Return the method as it is called."""
        if noun is None:
            return self
        known = noun

        @functools.wraps(self.make)
        def run(*arguments: P.args, **named: P.kwargs) -> Any:
            return known.driver.open_program(self.make(known, *arguments, **named))

        return run
