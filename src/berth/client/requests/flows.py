"""What a client does step by step, written once: a flow yields steps, and whoever drives it, waiting
or awaiting, carries them out.

A flow is a generator. It gets the outcome of each step as the value of the ``yield``, or as the
error that the step raised, and returns its result. A flow that emits is driven as an iterator.
"""

from collections.abc import Generator
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from berth.client.clock import Clock
from berth.client.errors import (
    AnswerLostError,
    ClientError,
    RefusedError,
    StrangeAnswerError,
    UnreachableError,
    UntrustedError,
)
from berth.client.requests.answers import Reply, error_of, read
from berth.client.requests.calls import Call
from berth.client.requests.retries import Retries

T = TypeVar("T")


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it is sent."""

    method: str
    target: str
    headers: dict[str, str]
    content: bytes | None
    #: Longest silence of the manager, in seconds.
    silence_s: float


class Ask(msgspec.Struct, frozen=True):
    """Send a request and read its answer; the outcome is a Reply."""

    exchange: Exchange


class Open(msgspec.Struct, frozen=True):
    """Send a request whose answer is a stream; the outcome is a Reply without content.

    An answer that is no success is read like that of Ask. One stream is open at a time.
    """

    exchange: Exchange


class Read(msgspec.Struct, frozen=True):
    """Read the next bytes of the stream; the outcome is none at its end."""


class Pause(msgspec.Struct, frozen=True):
    """Wait; there is no outcome."""

    seconds: float


class Emit(msgspec.Struct, Generic[T], frozen=True):
    """Hand an item to whoever iterates; there is no outcome."""

    item: T


Step: TypeAlias = Ask | Open | Read | Pause | Emit[Any]
Flow: TypeAlias = Generator[Step, Any, T]


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What flows need to know of their client."""

    clock: Clock
    retries: Retries
    #: How long an answer may take, in seconds.
    timeout_s: float
    agent: str


def exchange_of(call: Call[Any], context: Context) -> Exchange:
    """Write a call as it is sent. Raises UsageError."""
    headers = {"Accept": "application/json", "User-Agent": context.agent, **call.headers}
    content = None
    if isinstance(call.body, bytes):
        content = call.body
    elif call.body is not None:
        content = msgspec.json.encode(call.body)
        headers["Content-Type"] = "application/json"
    if call.credential is not None:
        headers["Authorization"] = call.credential
    if call.method == "POST" and call.keyed:
        headers["Idempotency-Key"] = context.clock.new_key()
    return Exchange(
        method=call.method,
        target=call.target,
        headers=headers,
        content=content,
        silence_s=context.timeout_s + call.takes_s,
    )


def send(call: Call[T], context: Context) -> Flow[T]:
    """Send a call, again where that is safe and may help, and return its answer."""
    reply = yield from ask(call, context)
    return read(call, reply)


def ask(call: Call[Any], context: Context) -> Flow[Reply]:
    """Send a call as ``send`` does, and return the answer of success as it came."""
    exchange = exchange_of(call, context)
    repeatable = call.repeatable and (call.method != "POST" or call.keyed)
    started, tries = context.clock.monotonic(), 0
    while True:
        tries += 1
        try:
            reply: Reply = yield Ask(exchange)
            if reply.status == 200:
                return reply
            raise error_of(reply)
        except ClientError as error:
            if not may_help(error, repeatable=repeatable):
                raise
            spent_s = context.clock.monotonic() - started
            wait_s = context.retries.wait(error, tries, spent_s=spent_s, clock=context.clock)
            if wait_s is None:
                raise
        yield Pause(wait_s)


def may_help(error: ClientError, *, repeatable: bool) -> bool:
    """Return whether to send a request again after an error."""
    if isinstance(error, UntrustedError | StrangeAnswerError):
        return False
    if isinstance(error, UnreachableError):
        return True  # it was not sent
    if isinstance(error, AnswerLostError):
        return repeatable
    if isinstance(error, RefusedError):
        if error.code in ("request_under_way", "busy"):
            return True
        if error.status in (502, 504):
            return repeatable  # a proxy that may have passed it on
        return error.status == 503
    return False
