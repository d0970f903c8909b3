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


class CheckState(msgspec.Struct, frozen=True):
    """What is known from the results of one check."""

    health: Health = Health.CHECKING
    #: Failures in a row that count.
    failures: int = 0
    #: The last failure, "" after a success.
    message: str = ""


def checked(state: CheckState, probe: Probe, *, failure: str, running_for_s: float) -> CheckState:
    """Take a result; ``failure`` is "" for a success.

    Before the first success failures do not count during the start period; later as many as
    ``retries`` in a row make the check fail.
    """
    if not failure:
        return CheckState(Health.HEALTHY)
    if state.health is Health.CHECKING and running_for_s < probe.start_period_s:
        return CheckState(message=failure)
    failures = state.failures + 1
    health = Health.UNHEALTHY if failures >= max(1, probe.retries) else state.health
    return CheckState(health, failures, failure)


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
