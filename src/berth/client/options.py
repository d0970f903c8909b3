"""How a client behaves."""

from collections.abc import Callable
from typing import Any

import msgspec

from berth.client.clock import Clock, SystemClock
from berth.client.requests.flows import Context
from berth.client.requests.retries import Retries


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a request that was sent."""

    method: str
    target: str
    seconds: float
    #: 0 where no answer came.
    status: int
    request_id: str


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a client behaves."""

    #: How long an answer may take, in seconds.
    timeout_s: float = 30.0
    retries: Retries = Retries()
    clock: Clock = SystemClock()
    #: Names the program to the manager.
    agent: str = "berth-client"
    #: Is told of each request.
    on_answer: Callable[[Answered], None] | None = None
    #: A transport of the HTTP library in place of the network, for tests.
    transport: Any = None

    @property
    def context(self) -> Context:
        """What flows need to know."""
        return Context(
            clock=self.clock, retries=self.retries, timeout_s=self.timeout_s, agent=self.agent
        )
