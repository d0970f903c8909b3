"""Local reconciling of one assignment: what is, against what shall be, to the next operation.

Pure. Rules are tried in order and the first that says something wins. Applying what ``step``
says until it says nothing leads to one running container for an assignment that shall run, to
none for one that shall end, and to nothing more to do.
"""

from collections.abc import Callable, Sequence

import msgspec

from berth.agent.containers.observed_container import ContainerState, ObservedContainer
from berth.agent.local.attempt import UNHEALTHY, AttemptState, Image
from berth.agent.local.operations import (
    Adopt,
    Begin,
    Conclude,
    Create,
    Fail,
    Gone,
    Inspect,
    Nothing,
    Operation,
    Pull,
    Remove,
    Rename,
    Start,
    Stop,
    Wait,
)
from berth.domain.ids import ContainerId
from berth.domain.observed import SAME_START_S
from berth.domain.states import Attempt, Intent
from berth.protocol.messages import AgentAssignment


class Namesake(msgspec.Struct, frozen=True):
    """Another container that has the assignment's name."""

    id: ContainerId
    #: Its new name; "" when it is not ours to rename.
    rename_to: str = ""


class Neighbours(msgspec.Struct, frozen=True):
    """What else on the host concerns the next container of an assignment."""

    namesake: Namesake | None = None
    #: A sentence about a container of ours on its way out that holds a port or the name.
    waiting_for: str = ""
    #: Whether another assignment of the slot is wanted here, whose next container needs the name.
    rival: bool = False
    #: Whether a container that cannot be removed has the name: the next one has another.
    name_held: bool = False


class View(msgspec.Struct, frozen=True):
    """All that the rules for a wanted assignment read."""

    assignment: AgentAssignment
    state: AttemptState
    seen: Sequence[ObservedContainer]
    neighbours: Neighbours
    now: float
    #: The running container that stays.
    kept: ObservedContainer | None

    @property
    def restart(self) -> bool:
        """Whether a container that ends is replaced."""
        return self.assignment.spec.restart

    @property
    def retries(self) -> bool:
        """Whether another attempt follows the last one of a run-once service."""
        return _retries(self.assignment, self.state, seen=self.seen)

    @property
    def replaces(self) -> bool:
        """Whether another container takes the place of the one that ended."""
        return self.restart or self.retries

    @property
    def own(self) -> ObservedContainer | None:
        """The container of the attempt under way, or of the last one."""
        return next((one for one in self.seen if one.id == self.state.container_id), None)

    @property
    def next_attempt(self) -> int:
        """The number above all that are known."""
        labelled = max((one.attempt for one in self.seen), default=0)
        return max(labelled, self.assignment.attempt_floor, self.state.attempt) + 1


def step(
    assignment: AgentAssignment | None,
    state: AttemptState,
    *,
    seen: Sequence[ObservedContainer],
    neighbours: Neighbours,
    now: float,
) -> Operation:
    """Choose the next operation for an assignment; none is one that was dropped from the set.

    ``seen`` are the containers with this assignment's label, ``now`` is monotonic.
    """
    if assignment is None or assignment.intent is Intent.END:
        return _step_to_the_end(state, seen)
    view = View(
        assignment=assignment,
        state=state,
        seen=seen,
        neighbours=neighbours,
        now=now,
        kept=_kept(assignment, state, seen=seen),
    )
    for rule in RULES:
        operation = rule(view)
        if operation is not None:
            return operation
    return Nothing()


def _step_to_the_end(state: AttemptState, seen: Sequence[ObservedContainer]) -> Operation:
    for one in sorted(seen, key=lambda each: each.age, reverse=True):
        if one.alive:
            return Stop(one.id)
    if seen:
        return Remove(seen[0].id)
    return Nothing() if state.state is Attempt.REMOVED else Gone()


def _kept(
    assignment: AgentAssignment, state: AttemptState, *, seen: Sequence[ObservedContainer]
) -> ObservedContainer | None:
    """Return the newest running container of the right spec.

    One whose attempt has been reported as ended cannot come back: states only grow.
    """
    replaced = assignment.spec.restart or _retries(assignment, state, seen=seen)
    running = [
        one
        for one in seen
        if one.alive
        and not _is_outdated(assignment, one)
        and not (state.over and one.id == state.container_id and replaced)
    ]
    return max(running, key=lambda one: one.age, default=None)


def _is_outdated(assignment: AgentAssignment, one: ObservedContainer) -> bool:
    """Return whether a container is of another spec, or was unhealthy and is to be renewed."""
    return one.spec_hash != assignment.spec_hash or is_renewed(assignment, one)


def is_renewed(assignment: AgentAssignment, one: ObservedContainer) -> bool:
    """Return whether another container was asked for in place of this one, which was unhealthy."""
    return not assignment.spec.is_job and one.renewals < assignment.renewals


def _retries(
    assignment: AgentAssignment, state: AttemptState, *, seen: Sequence[ObservedContainer]
) -> bool:
    if assignment.spec.restart or not assignment.spec.retries or not state.over:
        return False
    if state.exit_code is None:  # no result yet, unless nothing is left of the container
        last = [one for one in seen if one.attempt >= state.attempt]
        return state.code == UNHEALTHY or any(is_renewed(assignment, one) for one in last)
    if state.exit_code == 0:
        return False
    return assignment.spec.retries < 0 or max(1, state.bad_ends) <= assignment.spec.retries


def _surplus(view: View) -> list[ObservedContainer]:
    kept = view.kept.id if view.kept else ""
    return [one for one in view.seen if one.id != kept and not _has_a_use(view, one)]


def _has_a_use(view: View, one: ObservedContainer) -> bool:
    """Return whether a container that does not run is still good for something."""
    if one.alive or one.spec_hash != view.assignment.spec_hash:
        return False
    # The one just created, about to be started.
    if one.life is ContainerState.CREATED:
        return one.id == view.state.container_id and view.state.state is Attempt.STARTING
    if view.kept is not None:
        return False
    # One that has just ended and is not concluded yet, or whose output can be read while the
    # next attempt waits.
    if one.id == view.state.container_id:
        return not view.state.over or not view.replaces or view.now < view.state.due
    return not view.replaces and one is _result(view)


def _result(view: View) -> ObservedContainer | None:
    """Return the result of a run-once service, found after a start of the agent."""
    ended = [one for one in view.seen if _is_result(view, one)]
    return max(ended, key=lambda one: one.age, default=None)


def _is_result(view: View, one: ObservedContainer) -> bool:
    # One of an earlier attempt has ended badly, and a further one is under way.
    return one.life is ContainerState.ENDED and one.attempt >= view.state.attempt


def _stop_surplus(view: View) -> Operation | None:
    for one in _surplus(view):
        if one.alive:
            return Stop(one.id)
    return None


def _begin(view: View) -> Operation | None:
    """Begin before what is left is removed: its labels count, and the image comes meanwhile."""
    state = view.state
    if view.kept is not None or (not view.replaces and _has_run(view)):
        return None
    if view.assignment.blocked:
        return None
    if state.attempt == 0 or (state.over and view.now >= state.due):
        return Begin(view.next_attempt)
    return Pull() if not state.over and state.image is Image.NEEDED else None


def _has_run(view: View) -> bool:
    return view.state.ran or any(_is_result(view, one) for one in view.seen)


def _remove_surplus(view: View) -> Operation | None:
    for one in _surplus(view):
        return Remove(one.id)
    return None


def _adopt_kept(view: View) -> Operation | None:
    kept, state = view.kept, view.state
    if kept is None:
        return None
    if kept.address is None and view.assignment.spec.agent_probes:
        return Inspect(frozenset({kept.id}))
    if kept.id != state.container_id or state.state < Attempt.RUNNING:
        return Adopt(kept)
    restarted = (
        kept.started_at is not None
        and state.started_at is not None
        and abs(kept.started_at - state.started_at) > SAME_START_S
    )
    if restarted or (kept.name, kept.ports) != (state.name, state.ports):
        return Adopt(kept)
    return Adopt(kept) if (kept.life is ContainerState.PAUSED) != state.paused else None


def _take_the_name(view: View) -> Operation | None:
    """Take the slot's name once it is free: until then the container has another."""
    kept, neighbours = view.kept, view.neighbours
    if kept is None or kept.name == view.assignment.name:
        return None
    if neighbours.namesake or neighbours.waiting_for or neighbours.rival or neighbours.name_held:
        return None
    return Rename(kept.id, view.assignment.name)


def _leave_kept(view: View) -> Operation | None:
    return Nothing() if view.kept else None


def _conclude_once(view: View) -> Operation | None:
    """Leave what a run-once service left behind; only one that ended badly may run again."""
    if view.restart:
        return None
    state = view.state
    own = view.own or _result(view)
    found = own is not None and own.life is ContainerState.ENDED
    if found and (not state.over or own is not view.own):
        return _conclude(own)
    if state.over and state.ran and not view.retries:
        lost = own is None and state.state is not Attempt.REMOVED
        return Conclude(None) if lost else Nothing()
    return None


def _conclude(own: ObservedContainer | None) -> Operation:
    """Conclude the attempt, but inspect first what only a list shows as ended."""
    if own is not None and own.life is ContainerState.ENDED and own.exit_code is None:
        return Inspect(frozenset({own.id}))
    return Conclude(own)


def _start_created(view: View) -> Operation | None:
    own = view.own
    if (
        own is not None
        and own.life is ContainerState.CREATED
        and view.state.state is Attempt.STARTING
    ):
        return Start(own.id)
    return None


def _conclude_ended(view: View) -> Operation | None:
    """Notice that the attempt's container has ended or is gone."""
    if view.state.container_id and not view.state.over:
        return _conclude(view.own)
    return None


def _back_off(view: View) -> Operation | None:
    if view.state.over and view.now < view.state.due:
        return Wait(view.state.due, "the next attempt is backed off")
    return None


def _wait_for_neighbour(view: View) -> Operation | None:
    if view.neighbours.waiting_for:
        return Wait(None, view.neighbours.waiting_for, reported=True)
    return None


def _wait_until_unblocked(view: View) -> Operation | None:
    """Make nothing of texts that are not complete; what runs was kept by an earlier rule."""
    return Wait(None, view.assignment.blocked) if view.assignment.blocked else None


def _wait_for_image(view: View) -> Operation | None:
    if view.state.image is Image.PULLING:
        return Wait(None, "the image is being pulled")
    return None


def _free_the_name(view: View) -> Operation | None:
    namesake = view.neighbours.namesake
    if namesake is None:
        return None
    if namesake.rename_to:
        return Rename(namesake.id, namesake.rename_to)
    return Fail(
        "name_taken",
        f"the name {view.assignment.name} belongs to container {namesake.id[:12]}, which is not "
        "Berth's; rename or remove it",
    )


def _create(view: View) -> Operation | None:
    attempt = view.state.attempt
    held = view.neighbours.name_held
    return Create(attempt, f"{view.assignment.name}.{attempt}" if held else "")


#: For an assignment that shall run; order matters: what goes, goes before what comes.
RULES: tuple[Callable[[View], Operation | None], ...] = (
    _stop_surplus,
    _begin,
    _remove_surplus,
    _adopt_kept,
    _take_the_name,
    _leave_kept,
    _conclude_once,
    _start_created,
    _conclude_ended,
    _back_off,
    _wait_until_unblocked,
    _wait_for_image,
    _wait_for_neighbour,
    _free_the_name,
    _create,
)
