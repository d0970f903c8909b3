"""What the agent knows of an assignment's attempt, as a value with pure transitions."""

import enum

import msgspec

from berth.agent.containers.observed_container import ContainerState, ObservedContainer
from berth.agent.health.verdict import Verdict
from berth.domain.ids import AssignmentId
from berth.domain.labels import DIGEST_LABEL
from berth.domain.observed import ContainerReport, PortBinding, describe_end
from berth.domain.settings import Settings
from berth.domain.states import Attempt
from berth.runtime.backoff import backoff_s


class Image(enum.Enum):
    """Where the image for the attempt's container stands."""

    NEEDED = "needed"
    PULLING = "pulling"
    READY = "ready"


class AttemptEnd(enum.Enum):
    """What follows the end of an attempt's container."""

    REPLACED = "replaced"  #: the next attempt, after the usual wait
    RENEWED = "renewed"  #: the same, since it was unhealthy
    RETRIED = "retried"  #: the next attempt of a run-once service that ended badly
    FINAL = "final"  #: nothing: it ran once, or nobody said whether it is wanted


class AttemptState(msgspec.Struct, frozen=True, kw_only=True):
    """The newest attempt of an assignment; times of members named so are Unix seconds."""

    #: Counts the containers from 1; 0 before the first.
    attempt: int = 0
    state: Attempt = Attempt.ASSIGNED
    image: Image = Image.NEEDED
    container_id: str = ""
    name: str = ""
    #: Whether this attempt's container has run.
    ran: bool = False
    #: Monotonic seconds; none while it does not run.
    running_since: float | None = None
    started_at: float | None = None
    exit_code: int | None = None
    #: Whether its processes were killed since they wanted more memory than there was.
    out_of_memory: bool = False
    code: str = ""
    message: str = ""
    paused: bool = False
    ports: tuple[PortBinding, ...] = ()
    verdict: Verdict = Verdict()
    #: What the attempt waits for, or starts without, for people.
    remark: str = ""
    #: Attempts that ended in a row.
    failures: int = 0
    #: Failures in a row of the slot on other hosts before.
    earlier_failures: int = 0
    #: Attempts of a run-once service that ran and ended badly.
    bad_ends: int = 0
    #: Monotonic seconds before which no next attempt is made.
    due: float = 0.0
    #: ``due`` as Unix seconds, for people.
    retry_at: float | None = None
    #: Whether the image has a check of its own.
    image_check: bool = False
    #: Unix seconds; none when no pull brought the image.
    pulled_at: float | None = None
    #: Digest of the image that containers of the assignment are made from; "" where it has none.
    image_digest: str = ""
    #: What the attempt's container is made from; "" is the image as the text names it.
    image_reference: str = ""

    @property
    def over(self) -> bool:
        """Whether the attempt has ended, so that what follows is a next one."""
        return self.state >= Attempt.ENDED


class Moment(msgspec.Struct, frozen=True):
    """One point in time on both clocks."""

    monotonic: float
    unix: float


_replace = msgspec.structs.replace

#: Failure word of an attempt that ended because another container was asked for in its place.
UNHEALTHY = "unhealthy"

#: Characters of a report's message: an engine repeats the whole command that it cannot start.
MESSAGE_AT_MOST = 2_000

#: Failure word and message by what follows.
_ENDINGS = {
    AttemptEnd.REPLACED: ("exited", "{ending}"),
    AttemptEnd.RENEWED: (UNHEALTHY, "the container was unhealthy and is replaced{failing}"),
    AttemptEnd.RETRIED: ("exited", "{ending}; it is tried again"),
}


def begun(state: AttemptState, attempt: int, *, earlier_failures: int = 0) -> AttemptState:
    """Begin the next attempt; the first one takes over how often the slot failed elsewhere."""
    return AttemptState(
        attempt=attempt,
        state=Attempt.ASSIGNED,
        failures=state.failures,
        earlier_failures=state.earlier_failures if state.attempt else earlier_failures,
        bad_ends=state.bad_ends,
        image_digest=state.image_digest,
    )


def pulling(state: AttemptState, message: str) -> AttemptState:
    """Say that the image is on its way."""
    return _replace(state, state=Attempt.PULLING, image=Image.PULLING, message=message)


def pulled(
    state: AttemptState,
    warning: str,
    *,
    pulled_at: float | None = None,
    has_check: bool = False,
    digest: str = "",
    reference: str = "",
) -> AttemptState:
    """Say that the image is there; a warning stays in the attempt's reports."""
    return _replace(
        state,
        image=Image.READY,
        message=warning,
        pulled_at=pulled_at,
        image_check=has_check,
        image_digest=digest,
        image_reference=reference,
    )


def creating(state: AttemptState) -> AttemptState:
    """Say that the container is asked for."""
    return _replace(state, state=Attempt.CREATING)


def remarked(state: AttemptState, remark: str) -> AttemptState:
    """Say what the attempt waits for, or starts without."""
    return _replace(state, remark=remark)


def created(state: AttemptState, container_id: str, *, name: str) -> AttemptState:
    """Say that the container is there and is about to be started."""
    return _replace(state, state=Attempt.STARTING, container_id=container_id, name=name)


def started(state: AttemptState, seen: ObservedContainer, *, moment: Moment) -> AttemptState:
    """Say that the container runs."""
    return _replace(
        state,
        state=max(state.state, Attempt.RUNNING),
        container_id=seen.id,
        name=seen.name,
        ran=True,
        running_since=moment.monotonic,
        started_at=seen.started_at or moment.unix,
        paused=seen.life is ContainerState.PAUSED,
        ports=seen.ports,
    )


def adopted(
    state: AttemptState, seen: ObservedContainer, *, floor: int, moment: Moment
) -> AttemptState:
    """Take a running container as this assignment's; the same one again is read again.

    One that is older than the attempts already known gets the next number, since reports of a
    lower attempt than a known one say nothing.
    """
    if seen.id != state.container_id:
        known = max(floor, state.attempt)
        spent = state.over and state.container_id != ""
        fresh = seen.attempt > known or (seen.attempt == known and not spent)
        number = seen.attempt if fresh else known + 1
        digest = seen.labels.get(DIGEST_LABEL, state.image_digest)
        state = _replace(begun(state, number), image=Image.READY, image_digest=digest)
    started_at = seen.started_at or state.started_at or seen.created_at or moment.unix
    running_for = max(0.0, moment.unix - started_at)
    return _replace(
        started(state, _replace(seen, started_at=started_at), moment=moment),
        running_since=moment.monotonic - running_for,
    )


def stopping(state: AttemptState) -> AttemptState:
    """Say that the container is being stopped because it is not wanted any more."""
    return _replace(state, state=max(state.state, Attempt.STOPPING))


def ended(
    state: AttemptState,
    seen: ObservedContainer | None,
    *,
    how: AttemptEnd,
    settings: Settings,
    moment: Moment,
    memory_bytes: int = 0,
) -> AttemptState:
    """Conclude an attempt whose container runs no more; ``seen`` is none when it is gone.

    ``memory_bytes`` is the limit of its memory.
    """
    ending = _ending(seen, memory_bytes)
    if how is AttemptEnd.FINAL or (state.state is Attempt.STOPPING and how is AttemptEnd.REPLACED):
        done = how is AttemptEnd.FINAL and seen is not None and seen.exit_code == 0
        state = _over(state, "", message=("done: " if done else "") + ending)
    else:
        code, message = _ENDINGS[how]
        failing = f": {state.verdict.message}" if state.verdict.message else ""
        ran_for = moment.monotonic - state.running_since if state.running_since else 0.0
        if ran_for >= settings.backoff_reset_s:
            state = _replace(state, failures=0, earlier_failures=0)
        failures = state.failures + 1
        state = _backed_off(
            _over(state, code, message=message.format(ending=ending, failing=failing)),
            wait_s=_wait_s(failures + state.earlier_failures, settings),
            failures=failures,
            moment=moment,
        )
    if seen is None:
        return _replace(state, state=Attempt.REMOVED) if how is AttemptEnd.FINAL else state
    return _replace(
        state,
        ran=state.ran or seen.life is ContainerState.ENDED,
        container_id=seen.id,
        name=seen.name,
        # How it ended when it was stopped is no result.
        exit_code=None if how is AttemptEnd.RENEWED else seen.exit_code,
        out_of_memory=seen.out_of_memory,
        started_at=seen.started_at or state.started_at,
    )


def failed(
    state: AttemptState, code: str, *, message: str, settings: Settings, moment: Moment
) -> AttemptState:
    """Conclude an attempt that did not come to run; the next one waits."""
    failures = state.failures + 1
    return _backed_off(
        _over(state, code, message=message),
        wait_s=max(settings.backoff_first_s, _wait_s(failures + state.earlier_failures, settings)),
        failures=failures,
        moment=moment,
    )


def hastened(state: AttemptState) -> AttemptState:
    """Let the next attempt follow at once."""
    return _replace(state, due=0.0)


def removed(state: AttemptState, floor: int) -> AttemptState:
    """Say that nothing of the assignment is left on the engine."""
    return _replace(
        state,
        attempt=max(state.attempt, floor),
        state=Attempt.REMOVED,
        running_since=None,
        paused=False,
        ports=(),
        verdict=Verdict(),
        retry_at=None,
        message="",
        code="",
    )


def _over(state: AttemptState, code: str, *, message: str) -> AttemptState:
    return _replace(
        state,
        state=max(state.state, Attempt.ENDED),
        running_since=None,
        paused=False,
        ports=(),
        verdict=Verdict(),
        remark="",
        code=code,
        message=message,
    )


def _ending(seen: ObservedContainer | None, memory_bytes: int) -> str:
    if seen is None:
        return "the container was removed"
    end = describe_end(seen.exit_code, out_of_memory=seen.out_of_memory, memory_bytes=memory_bytes)
    return f"the container {end}"


def _wait_s(failures: int, settings: Settings) -> float:
    return backoff_s(failures, first_s=settings.backoff_first_s, longest_s=settings.backoff_max_s)


def _backed_off(
    state: AttemptState, *, wait_s: float, failures: int, moment: Moment
) -> AttemptState:
    return _replace(
        state,
        failures=failures,
        due=moment.monotonic + wait_s,
        retry_at=moment.unix + wait_s if wait_s else None,
    )


def report_of(assignment_id: AssignmentId, state: AttemptState) -> ContainerReport:
    """Return the report of the state; epoch and sequence are the reporter's to fill in."""
    return ContainerReport(
        assignment_id=assignment_id,
        attempt=state.attempt,
        state=state.state,
        agent_epoch=0,
        sequence=0,
        container_id=state.container_id,
        name=state.name,
        paused=state.paused,
        health=state.verdict.health,
        was_healthy=state.verdict.was_healthy,
        checks_total=state.verdict.total,
        checks_passed=state.verdict.passed,
        message=_shortened(
            "; ".join(text for text in (state.message, state.remark, state.verdict.message) if text)
        ),
        code=state.code,
        exit_code=state.exit_code,
        out_of_memory=state.out_of_memory,
        started_at=state.started_at,
        failures=state.failures,
        retry_at=state.retry_at,
        ports=state.ports,
        pulled_at=state.pulled_at,
        image_digest=state.image_digest,
    )


def _shortened(message: str) -> str:
    return message if len(message) <= MESSAGE_AT_MOST else message[: MESSAGE_AT_MOST - 1] + "…"
