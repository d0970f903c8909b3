"""How often and how soon a request is sent again."""

import msgspec

from berth.client.clock import Clock
from berth.client.errors import ClientError, RefusedError


class Retries(msgspec.Struct, frozen=True, kw_only=True):
    """Waits that double, spread by chance, within a bound of tries and of time."""

    #: How often a request is sent at most; 1 is never again.
    tries: int = 5
    #: Longest wait after the first try, and after any, in seconds.
    first_s: float = 0.2
    longest_s: float = 5.0
    #: No wait reaches beyond this many seconds after the first try began.
    budget_s: float = 30.0

    def wait(self, error: ClientError, tries: int, *, spent_s: float, clock: Clock) -> float | None:
        """Return how long to wait before the next try; none when there is no more."""
        wanted_s = self.delay(tries, clock=clock)
        if isinstance(error, RefusedError) and error.retry_after_s is not None:
            wanted_s = max(wanted_s, error.retry_after_s)
        if tries >= self.tries or spent_s + wanted_s > self.budget_s:
            return None
        return wanted_s

    def delay(self, tries: int, *, clock: Clock) -> float:
        """Return the wait after a number of failures in a row: half of it is chance."""
        longest_s = min(self.longest_s, self.first_s * 2.0 ** min(tries - 1, 30))
        return longest_s * (0.5 + 0.5 * clock.chance())


#: A request is sent once.
NEVER = Retries(tries=1)
