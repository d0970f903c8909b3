"""Asks the manager for the login of an image that is about to be pulled."""

import asyncio
import itertools

from berth.agent.source import Notify, no_session
from berth.domain.images import Credentials
from berth.protocol.messages import LoginAnswer, LoginQuery

#: Longest wait of a pull for the answer; then it begins without a login.
ANSWER_S = 3.0


class RegistryLogins:
    """The questions of one agent; an answer lives as long as its pull, and never on the disk."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Credentials | None]] = {}
        self._unsent: dict[int, LoginQuery] = {}
        #: None while there is no session.
        self._notify: Notify | None = None

    def begin_session(self, notify: Notify = no_session) -> None:
        """Ask from now on."""
        self._notify = notify

    def take(self) -> LoginQuery | None:
        """Return the next question; none when all were asked."""
        return self._unsent.pop(next(iter(self._unsent))) if self._unsent else None

    def end_session(self) -> None:
        """Drop what nobody will answer."""
        self._notify = None
        self._unsent = {}
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)

    def take_answer(self, answer: LoginAnswer) -> None:
        """Hand an answer to the one who waits."""
        waiting = self._waiting.get(answer.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer.credentials)

    async def ask(self, image: str) -> Credentials | None:
        """Return the login for an image; none without a manager, or when it knows none."""
        if self._notify is None:
            return None
        query_id = next(self._ids)
        waiting: asyncio.Future[Credentials | None] = asyncio.get_running_loop().create_future()
        self._waiting[query_id] = waiting
        try:
            self._unsent[query_id] = LoginQuery(id=query_id, image=image)
            self._notify(True)
            async with asyncio.timeout(ANSWER_S):
                return await waiting
        except TimeoutError:
            return None
        finally:
            del self._waiting[query_id]
            self._unsent.pop(query_id, None)
