"""Ends what goes on for long as soon as the credential that opened it is not good any more."""

from typing import NoReturn, cast

from starlette.requests import HTTPConnection

from berth.api.endpoints.auth import Principal, is_still_good
from berth.domain.errors import Unauthenticated
from berth.runtime.loop import Wakeup
from berth.store.feed import Change
from berth.store.store import Store

#: Time between two checks of credentials that end by themselves, in seconds.
LOOK_S = 15.0


class CredentialWatch:
    """Hears of every change of tokens and users, for all that is open."""

    def __init__(self, store: Store) -> None:
        self._wakeups: set[Wakeup] = set()
        store.feed.listen(self._hear)

    async def wait_for_end(self, connection: HTTPConnection, principal: Principal) -> NoReturn:
        """Wait until a credential is ended, replaced or deleted; raises Unauthenticated then."""
        wakeup = Wakeup()
        self._wakeups.add(wakeup)
        try:
            while is_still_good(connection, principal):
                wakeup.clear()
                await wakeup.wait(LOOK_S)
        finally:
            self._wakeups.discard(wakeup)
        raise Unauthenticated("the session or the token has ended", code="session_ended")

    def _hear(self, changes: list[Change]) -> None:
        if any(
            change.table in ("tokens", "users")
            or (change.table == "deployments" and change.after is None)
            for change in changes
        ):
            for wakeup in self._wakeups:
                wakeup.set()


async def wait_for_end_of_credential(connection: HTTPConnection, principal: Principal) -> NoReturn:
    """Wait until a credential is not good any more; raises Unauthenticated then."""
    watch = cast(CredentialWatch, connection.app.state.credential_watch)
    await watch.wait_for_end(connection, principal)
