"""The verbs of a client: written once as calls and flows, offered both waiting and awaited.

A noun is a class of verbs that belongs to a client. Its type says which kind of client that is, so
``berth.pools.get("default")`` is a ``Pool`` for a Client and a coroutine of one for an AsyncClient.
"""

import functools
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from berth.client.requests.calls import Call
from berth.client.requests.flows import Context, Flow, send
from berth.client.requests.pages import pages
from berth.client.requests.streams import Stream

P = ParamSpec("P")
T = TypeVar("T")
M_co = TypeVar("M_co", covariant=True)


class Blocking:
    """Marks the nouns of a client whose verbs wait."""


class Awaiting:
    """Marks the nouns of a client whose verbs are awaited."""


class Driver(Protocol):
    """Carries flows out, in one of the two ways."""

    @property
    def context(self) -> Context:
        """What flows need to know of the client."""
        ...

    def run(self, flow: Flow[Any]) -> Any:
        """Return the result of a flow, or a coroutine of it."""
        ...

    def iterate(self, flow: Flow[None]) -> Any:
        """Return a generator of what a flow emits, of the one kind or the other."""
        ...

    def open_program(self, opening: Any) -> Any:
        """Return a program of the one kind or the other, not started yet."""
        ...


class Noun(Generic[M_co]):
    """Verbs about one kind of thing."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    @property
    def context(self) -> Context:
        """What flows need to know of the client."""
        return self.driver.context


class _Bound(Generic[P]):
    """A method of a noun whose result depends on the kind of its client."""

    def __init__(self, make: Callable[Concatenate[Any, P], Any]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def bind(self, noun: Noun[Any]) -> Callable[P, Any]:
        """Return the method as it is called."""

        @functools.wraps(self._make)
        def call(*arguments: P.args, **named: P.kwargs) -> Any:
            return self.start(noun, functools.partial(self._make, noun, *arguments, **named))

        return call

    def start(self, noun: Noun[Any], make: Callable[[], Any]) -> Any:
        """Let the client carry out what is made."""
        raise NotImplementedError


class Verb(_Bound[P], Generic[P, T]):
    """One request, with one answer."""

    def __init__(self, make: Callable[Concatenate[Any, P], Call[T]]) -> None:
        super().__init__(make)
        #: Makes the call for a noun, for flows that send it among others.
        self.make = make

    @overload
    def __get__(self, noun: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, noun: Noun[Blocking], owner: Any = None) -> Callable[P, T]: ...
    @overload
    def __get__(
        self, noun: Noun[Awaiting], owner: Any = None
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, noun: Noun[Any] | None, owner: Any = None) -> Any:
        return self if noun is None else self.bind(noun)

    def start(self, noun: Noun[Any], make: Callable[[], Call[T]]) -> Any:
        """Send the call."""

        def flow() -> Flow[T]:
            return (yield from send(make(), noun.context))

        return noun.driver.run(flow())


class Steps(_Bound[P], Generic[P, T]):
    """Several requests that follow each other, with one result."""

    def __init__(self, make: Callable[Concatenate[Any, P], Flow[T]]) -> None:
        super().__init__(make)

    @overload
    def __get__(self, noun: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, noun: Noun[Blocking], owner: Any = None) -> Callable[P, T]: ...
    @overload
    def __get__(
        self, noun: Noun[Awaiting], owner: Any = None
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, noun: Noun[Any] | None, owner: Any = None) -> Any:
        return self if noun is None else self.bind(noun)

    def start(self, noun: Noun[Any], make: Callable[[], Flow[T]]) -> Any:
        """Carry the flow out."""
        return noun.driver.run(make())


class Listing(_Bound[P], Generic[P, T]):
    """A list, as an iteration over all its parts."""

    def __init__(self, make: Callable[Concatenate[Any, P], Call[list[T]]]) -> None:
        super().__init__(make)

    @overload
    def __get__(self, noun: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(
        self, noun: Noun[Blocking], owner: Any = None
    ) -> Callable[P, Generator[T, None, None]]: ...
    @overload
    def __get__(
        self, noun: Noun[Awaiting], owner: Any = None
    ) -> Callable[P, AsyncGenerator[T, None]]: ...
    def __get__(self, noun: Noun[Any] | None, owner: Any = None) -> Any:
        return self if noun is None else self.bind(noun)

    def start(self, noun: Noun[Any], make: Callable[[], Call[list[T]]]) -> Any:
        """Read the list part by part."""

        def flow() -> Flow[None]:
            yield from pages(make(), noun.context)

        return noun.driver.iterate(flow())


class Following(_Bound[P], Generic[P, T]):
    """A stream that goes on by itself, as an iteration."""

    def __init__(self, make: Callable[Concatenate[Any, P], Stream[T]]) -> None:
        super().__init__(make)

    @overload
    def __get__(self, noun: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(
        self, noun: Noun[Blocking], owner: Any = None
    ) -> Callable[P, Generator[T, None, None]]: ...
    @overload
    def __get__(
        self, noun: Noun[Awaiting], owner: Any = None
    ) -> Callable[P, AsyncGenerator[T, None]]: ...
    def __get__(self, noun: Noun[Any] | None, owner: Any = None) -> Any:
        return self if noun is None else self.bind(noun)

    def start(self, noun: Noun[Any], make: Callable[[], Stream[T]]) -> Any:
        """Follow the stream."""

        def flow() -> Flow[None]:
            yield from make().flow

        return noun.driver.iterate(flow())
