"""Asks the manager for the login of an image that is about to be pulled."""

import asyncio
import itertools
from collections.abc import Callable

from berth.domain.images import Credentials
from berth.protocol.messages import LoginAnswer, LoginQuery, Message

#: Longest wait of a pull for the answer; then it begins without a login.
ANSWER_S = 3.0


class RegistryLogins:
    """The questions of one agent; an answer lives as long as its pull, and never on the disk."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Credentials | None]] = {}
        self._send: Callable[[Message], None] | None = None

    def begin_session(self, send: Callable[[Message], None]) -> None:
        """Ask through this from now on."""
        self._send = send

    def end_session(self) -> None:
        """Drop what nobody will answer."""
        self._send = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)

    def take(self, answer: LoginAnswer) -> None:
        """Hand an answer to the one who waits."""
        waiting = self._waiting.get(answer.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer.credentials)

    async def ask(self, image: str) -> Credentials | None:
        """Return the login for an image; none without a manager, or when it knows none."""
        if self._send is None:
            return None
        query_id = next(self._ids)
        waiting: asyncio.Future[Credentials | None] = asyncio.get_running_loop().create_future()
        self._waiting[query_id] = waiting
        try:
            self._send(LoginQuery(id=query_id, image=image))
            async with asyncio.timeout(ANSWER_S):
                return await waiting
        except TimeoutError:
            return None
        finally:
            del self._waiting[query_id]
