"""Streams that go on by themselves: the watch, output as it is written, and measurements."""

from collections.abc import Callable, Collection
from typing import Any, Generic, TypeVar

import msgspec

from berth.client.errors import (
    AnswerLostError,
    ClientError,
    Fault,
    NotFoundError,
    RefusedError,
    StrangeAnswerError,
    TooOldError,
    UnavailableError,
    UnreachableError,
    UntrustedError,
    kind_of,
)
from berth.client.records.workloads import LogLine, Usage
from berth.client.requests.answers import Reply, decode, strange
from berth.client.requests.calls import Call
from berth.client.requests.events import EventReader, ServerEvent
from berth.client.requests.flows import Context, Emit, Flow, Open, Pause, Read, Step, exchange_of
from berth.client.requests.retries import Retries

T = TypeVar("T")

#: A stream says every 15 s that it lives; one that is silent for longer is lost.
SILENCE_S = 45.0

#: A stream that is lost for longer is given up.
GIVE_UP_S = 300.0

#: Is told of each loss of a stream, before it is opened again.
OnLost = Callable[[ClientError], None]


class Stream(Generic[T]):
    """Items that come as they happen, with the flow that emits them."""

    def __init__(self, flow: Flow[None]) -> None:
        self.flow = flow


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change of an object, as the watch tells it."""

    #: ``begin``: read the lists now, what follows happened later. ``put``: the object is like
    #: this now. ``drop``: it is gone.
    type: str
    revision: int = 0
    #: Kind and id of the object; "" at a begin.
    kind: str = ""
    id: str = ""
    #: The object in the shape of the API; none unless it was put.
    object: Any = None


class _End:
    """What a reader of messages returns for the last one."""


END = _End()


class _Problem(msgspec.Struct, frozen=True):
    message: str = "the stream ended for a reason that it did not say"
    code: str = "unavailable"


def watch(
    context: Context, *, kinds: Collection[str], since: int | None, on_lost: OnLost | None
) -> Stream[Change]:
    """Follow changes; see ``Api.watch``."""
    return Stream(_watch(context, kinds=kinds, since=since, on_lost=on_lost))


def _watch(
    context: Context, *, kinds: Collection[str], since: int | None, on_lost: OnLost | None
) -> Flow[None]:
    query: dict[str, Any] = {"kinds": sorted(kinds)} if kinds else {}
    known = since is not None
    while True:
        if known and since is not None:
            query["since"] = since
        call: Call[bytes] = Call(
            method="GET", path="/api/v2/watch", query=dict(query), answer=bytes
        )
        reader = _ChangeReader(begins=not known)
        try:
            yield from follow(call, context, take=reader.take, on_lost=on_lost)
        except TooOldError:
            # What was missed is not known any more: the caller reads everything again.
            query.pop("since", None)
            known, since = False, None


class _ChangeReader:
    """Reads changes; only a watch from now begins, one that goes on does not."""

    def __init__(self, *, begins: bool) -> None:
        self._begins = begins

    def take(self, event: ServerEvent) -> Change | None:
        if event.name == "begin":
            begins, self._begins = self._begins, False
            begin = decode(event.data, _Begin)
            return Change(type="begin", revision=begin.revision) if begins else None
        raise_problem(event)
        return decode(event.data, Change)


class _Begin(msgspec.Struct, frozen=True):
    revision: int


def follow_lines(call: Call[bytes], context: Context, *, on_lost: OnLost | None) -> Stream[LogLine]:
    """Follow output; ends with the container, or when what is followed is gone."""

    def take(event: ServerEvent) -> LogLine | _End:
        if event.name == "end":
            return END
        raise_problem(event)
        return decode(event.data, LogLine)

    return Stream(follow(call, context, take=take, on_lost=on_lost))


def follow_usage(call: Call[bytes], context: Context, *, on_lost: OnLost | None) -> Stream[Usage]:
    """Follow measurements; ends when what is measured is gone."""

    def take(event: ServerEvent) -> Usage | _End:
        if event.name == "end":
            return END
        raise_problem(event)
        return decode(event.data, Usage)

    return Stream(follow(call, context, take=take, on_lost=on_lost))


def raise_problem(event: ServerEvent) -> None:
    """Raise the error that a message is, if it is one."""
    if event.name in ("resync", "error"):
        problem = decode(event.data, _Problem)
        status = 410 if event.name == "resync" else 409
        raise kind_of(status)([Fault(message=problem.message, code=problem.code)], status=status)


def follow(
    call: Call[bytes],
    context: Context,
    *,
    take: Callable[[ServerEvent], Any],
    on_lost: OnLost | None,
) -> Flow[None]:
    """Emit what is read of a stream's messages; opens the stream again where it was lost.

    It ends when a message says so, or when what it is about is gone. Raises what the manager
    refuses, and the last loss when the stream stayed lost for ``GIVE_UP_S``.
    """
    line = _Line(context)
    while True:
        try:
            reply: Reply = yield _open(call, context, position=line.position)
            check_stream(reply)
            line.opened = True
            over = yield from _read_open(line, take)
            if over:
                return
            lost: ClientError = AnswerLostError("the stream ended before its time")
        except ClientError as error:
            if line.opened and isinstance(error, NotFoundError):
                return
            if not may_go_on(error, opened=line.opened):
                raise
            lost = error
        if line.give_up(context.retries):
            raise lost
        if on_lost is not None:
            on_lost(lost)
        yield Pause(context.retries.delay(line.failures, clock=context.clock))


def check_stream(reply: Reply) -> None:
    """Raise StrangeAnswerError for an answer that is no stream of messages."""
    if not reply.headers.get("content-type", "").startswith("text/event-stream"):
        raise strange(reply, "no stream of events")


class _Line:
    """How a stream fares over all times that it was opened."""

    def __init__(self, context: Context) -> None:
        self._clock = context.clock
        self._heard_at = self._clock.monotonic()
        #: Id of the last message, "" when none had one.
        self.position = ""
        #: How often it was lost in a row.
        self.failures = 0
        #: Whether it was ever open.
        self.opened = False

    def hear(self) -> None:
        """Note that something came."""
        self.failures, self._heard_at = 0, self._clock.monotonic()

    def give_up(self, retries: Retries) -> bool:
        """Note a loss, and tell whether nothing has come for too long.

        A stream that was never open is tried like any request; one that was is waited for.
        """
        self.failures += 1
        if not self.opened and self.failures >= retries.tries:
            return True
        return self._clock.monotonic() - self._heard_at > GIVE_UP_S


def _read_open(line: _Line, take: Callable[[ServerEvent], Any]) -> Flow[bool]:
    """Emit what comes while a stream is open, and return whether its last message came."""
    reader = EventReader()
    while data := (yield Read()):
        line.hear()
        for event in reader.feed(data):
            item = take(event)
            if item is END:
                return True
            line.position = reader.last_id or line.position
            if item is not None:
                yield Emit(item)
        line.position = reader.last_id or line.position
    return False


def _open(call: Call[bytes], context: Context, *, position: str) -> Step:
    headers = {"Accept": "text/event-stream", **call.headers}
    if position:
        headers["Last-Event-ID"] = position
    exchange = exchange_of(msgspec.structs.replace(call, headers=headers), context)
    return Open(msgspec.structs.replace(exchange, silence_s=SILENCE_S))


def may_go_on(error: ClientError, *, opened: bool) -> bool:
    """Return whether a stream may be opened again after an error."""
    if isinstance(error, UntrustedError | StrangeAnswerError):
        return False
    if isinstance(error, UnreachableError | AnswerLostError | UnavailableError):
        return True
    # A host that was there before may come back.
    away = isinstance(error, RefusedError) and error.code in ("host_inactive", "host_timeout")
    return opened and away
