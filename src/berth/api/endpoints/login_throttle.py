"""Slows down whoever guesses passwords."""

import contextlib
from collections import OrderedDict
from collections.abc import Iterator

import msgspec
from starlette.requests import Request

from berth.api.endpoints.audit import record_refused_login
from berth.api.endpoints.auth import services_of
from berth.api.endpoints.callers import address_of
from berth.api.schemas.users import LoginBody
from berth.control.accounts.users import find_user
from berth.domain.errors import Throttled, Unauthenticated
from berth.domain.records import User
from berth.runtime.addresses import source_of
from berth.runtime.clock import Clock

#: Wrong passwords in a row, for one name and for all names of one source, that cost no wait.
FREE_PER_NAME, FREE_PER_SOURCE = 5, 20
#: Whoever knows the password must get in beside somebody who guesses from the same address, so
#: that no wait is long.
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 10.0
#: How long failures are remembered after the last one, in seconds.
FORGET_S = 900.0
#: Sources and names remembered at once; the oldest are forgotten first.
MAX_REMEMBERED = 4096
#: Passwords waiting to be hashed at once; each takes some 30 ms of one thread.
MAX_WAITING = 32


class _Failures(msgspec.Struct):
    count: int = 0
    last_at: float = 0.0
    #: Monotonic time before which no attempt counts.
    wait_until: float = 0.0


class LoginThrottle:
    """Counts failed logins by source and name, in bounded memory."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: OrderedDict[tuple[str, str], _Failures] = OrderedDict()
        self._waiting = 0

    def begin(self, source: str, name: str) -> None:
        """Let an attempt begin; raises Throttled while an earlier failure makes it wait.

        Attempts that run at once are compared before any of them counts, so the number of those
        is bounded too.
        """
        now = self._clock.monotonic()
        for key in ((source, name), (source, "")):
            kept = self._failures.get(key)
            if kept is not None and kept.wait_until > now:
                raise _throttled(kept.wait_until - now)
        if self._waiting >= MAX_WAITING:
            raise _throttled(1.0)
        self._waiting += 1

    def end(self, source: str, name: str, *, matched: bool) -> None:
        """Note how an attempt ended; a right password forgets the failures before it."""
        self._waiting -= 1
        if matched:
            self._failures.pop((source, name), None)
            self._failures.pop((source, ""), None)
            return
        now = self._clock.monotonic()
        self._count((source, name), free=FREE_PER_NAME, now=now)
        self._count((source, ""), free=FREE_PER_SOURCE, now=now)

    def _count(self, key: tuple[str, str], *, free: int, now: float) -> None:
        kept = self._failures.pop(key, None)
        if kept is None or now - kept.last_at > FORGET_S:
            kept = _Failures()
        kept.count += 1
        kept.last_at = now
        if kept.count >= free:
            wait_s = min(FIRST_WAIT_S * 2.0 ** min(kept.count - free, 30), LONGEST_WAIT_S)
            kept.wait_until = now + wait_s
        self._failures[key] = kept
        while len(self._failures) > MAX_REMEMBERED:
            self._failures.popitem(last=False)


class LoginAttempt:
    """One attempt at a password."""

    matched = False


@contextlib.contextmanager
def guessing(request: Request, name: str) -> Iterator[LoginAttempt]:
    """Let a caller try a password, which is noted inside; raises Throttled for one who must wait."""
    throttle: LoginThrottle = request.app.state.throttle
    source = source_of(address_of(request))
    throttle.begin(source, name)
    guess = LoginAttempt()
    try:
        yield guess
    finally:
        throttle.end(source, name, matched=guess.matched)


async def check_login(request: Request, login: LoginBody) -> User:
    """Return the user of a name and a password; raises Unauthenticated or Throttled."""
    services = services_of(request)
    user = find_user(services.store.memory.users, login.username)
    kept = user.password_hash if user else None
    with guessing(request, login.username[:256]) as guess:
        guess.matched = await services.secrets.verify_password(kept, login.password)
    if user is None or not guess.matched:
        await record_refused_login(request, user)
        raise Unauthenticated("the name or the password is wrong", code="wrong_credentials")
    return user


def _throttled(wait_s: float) -> Throttled:
    retry_after_s = max(1, int(wait_s + 0.999))
    return Throttled(
        f"too many failed logins: try again in {retry_after_s} s", retry_after_s=retry_after_s
    )
