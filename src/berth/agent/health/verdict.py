"""What checks of a container mean for its health, as values with pure transitions."""

from collections.abc import Mapping

import msgspec

from berth.domain.spec import Probe
from berth.domain.states import Health

#: A check that has not succeeded yet is repeated this often, so that a quick service is ready
#: at once.
CHECKING_S = 1.0


class Verdict(msgspec.Struct, frozen=True):
    """What the checks of a container say together."""

    health: Health = Health.NONE
    total: int = 0
    passed: int = 0
    #: Why checks fail, for people; "" while none does.
    message: str = ""
    #: Whether all have passed at one time since the container started, as far as is known.
    was_healthy: bool = False


class CheckState(msgspec.Struct, frozen=True):
    """What is known from the results of one check."""

    health: Health = Health.CHECKING
    #: Failures in a row that count.
    failures: int = 0
    #: The last failure, "" after a success.
    message: str = ""
    #: How long the container had run when the last failure counted; none before the first.
    counted_s: float | None = None


def checked(state: CheckState, probe: Probe, *, failure: str, running_for_s: float) -> CheckState:
    """Take a result; ``failure`` is "" for a success.

    As many failures in a row as ``retries`` make the check fail. Before the first success they
    do not count during the start period, and after it once an interval: the check is repeated
    more often only to notice the success early.
    """
    if not failure:
        return CheckState(Health.HEALTHY)
    if state.health is Health.CHECKING and running_for_s < _counts_from_s(state, probe):
        return msgspec.structs.replace(state, message=failure)
    failures = state.failures + 1
    health = Health.UNHEALTHY if failures >= max(1, probe.retries) else state.health
    return CheckState(health, failures, failure, counted_s=running_for_s)


def _counts_from_s(state: CheckState, probe: Probe) -> float:
    """Return how long a container must have run for a failure to count."""
    if state.counted_s is None:
        return probe.start_period_s
    # Checks do not begin to the moment.
    return state.counted_s + probe.interval_s - pause_s(state, probe) / 2


def pause_s(state: CheckState, probe: Probe) -> float:
    """Return the seconds from one check to the next."""
    if state.health is Health.CHECKING:
        return min(CHECKING_S, probe.interval_s)
    return probe.interval_s


def fold_checks(checks: Mapping[str, CheckState]) -> Verdict:
    """Join the checks of a container, by label: it is healthy when all of them are."""
    if not checks:
        return Verdict()
    every = [state.health for state in checks.values()]
    health = Health.HEALTHY
    if Health.UNHEALTHY in every:
        health = Health.UNHEALTHY
    elif Health.CHECKING in every:
        health = Health.CHECKING
    failing = [
        f"{label or 'HEALTHCHECK'}: {state.message or 'the check failed'}"
        for label, state in checks.items()
        if state.message or state.health is Health.UNHEALTHY
    ]
    return Verdict(health, len(every), every.count(Health.HEALTHY), "; ".join(failing))
