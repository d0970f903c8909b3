"""Keeps the workers: one for each assignment of the set, and for each that left a container."""

import asyncio
import logging
from collections.abc import Iterable
from functools import partial

from berth.agent.containers.container_view import ListMark
from berth.agent.containers.labels import same_slot
from berth.agent.containers.linked_services import missing_volumes
from berth.agent.containers.observed_container import ObservedContainer
from berth.agent.local.attempt import AttemptState
from berth.agent.local.context import AgentContext
from berth.agent.local.step import Namesake, Neighbours
from berth.agent.local.timers import Timers
from berth.agent.local.worker import Worker
from berth.domain.ids import AssignmentId, ContainerId, DeploymentId
from berth.domain.observed import EngineContainer, EngineEvent
from berth.domain.spec import PortSpec
from berth.domain.states import Attempt
from berth.protocol.messages import AgentAssignment

log = logging.getLogger(__name__)

#: Engine events after which a container of ours is inspected.
INSPECT_AFTER = frozenset({"die", "pause", "unpause", "rename", "oom", "health_status"})


class Supervisor:
    """All assignments of the host, wanted or on their way out."""

    def __init__(self, shared: AgentContext) -> None:
        self._shared = shared
        self._workers: dict[AssignmentId, Worker] = {}
        self._timers = Timers(shared.clock, self._wake)
        self._ready = False
        #: True once a full set of the manager was obeyed: what it does not name is not wanted.
        self._complete = False
        self._waiting: set[AssignmentId] = set()
        shared.reporter.on_accepted = self._accepted
        shared.networks.needed_by = self._needing_networks

    def restore(
        self,
        assignments: Iterable[AgentAssignment],
        attempts: dict[AssignmentId, AttemptState],
    ) -> None:
        """Take what was on disk; containers that it does not name are left alone."""
        for assignment in assignments:
            self._worker(assignment.id, attempts.get(assignment.id)).assign(assignment)

    def apply_set(self, assignments: Iterable[AgentAssignment]) -> None:
        """Make a full set what is wanted, and everything else what is not."""
        wanted = {assignment.id: assignment for assignment in assignments}
        self._complete = True
        self.apply_change(wanted.values(), [one for one in self._workers if one not in wanted])

    def release(self) -> None:
        """Leave all containers as they are: nobody says any more whether they are wanted."""
        self._complete = False
        for worker in tuple(self._workers.values()):
            worker.release()

    def apply_change(self, put: Iterable[AgentAssignment], drop: Iterable[AssignmentId]) -> None:
        """Change what is wanted; what goes is dropped first, so that it makes room."""
        changed = list(put)
        for assignment_id in drop:
            if assignment_id in self._workers:
                self._workers[assignment_id].assign(None)
        for assignment in sorted(changed, key=lambda one: one.intent, reverse=True):
            self._worker(assignment.id).assign(assignment)

    @property
    def attempts(self) -> dict[AssignmentId, AttemptState]:
        """Return the attempts of the assignments that began one."""
        return {one.id: one.state for one in self._workers.values() if one.state.attempt}

    @property
    def ready(self) -> bool:
        """Whether the engine answers and its containers are known."""
        return self._ready

    def engine_lost(self) -> None:
        """Ask nothing of the engine until the next list."""
        self._ready = False

    def apply_list(self, containers: Iterable[EngineContainer], mark: ListMark) -> None:
        """Take a list over; wake those whose containers changed, or all when it is the first."""
        changed = self._shared.view.apply_list(containers, mark)
        came_back, self._ready = not self._ready, True
        for assignment_id in changed | set(self._shared.view.assignments()):
            self._worker(assignment_id)
        for assignment_id in tuple(self._workers) if came_back else changed:
            self._wake(assignment_id)
        if came_back:
            self._shared.reporter.wake_session()

    def apply_event(self, event: EngineEvent) -> None:
        """Take an event as a hint to inspect again."""
        if event.kind != "container":
            return
        container_id = ContainerId(event.subject)
        assignment_id: AssignmentId | None = None
        if event.action == "destroy":
            assignment_id = self._shared.view.drop(container_id)
            self.made_room()
        elif event.action in INSPECT_AFTER or self._unexpected_start(event, container_id):
            assignment_id = self._shared.view.mark_stale(container_id)
        if assignment_id is not None:
            self._wake(assignment_id)

    def _unexpected_start(self, event: EngineEvent, container_id: ContainerId) -> bool:
        seen = self._shared.view.get(container_id)
        if event.action != "start" or seen is None or seen.alive:
            return False
        worker = self._workers.get(seen.assignment_id)
        return worker is None or worker.state.state is not Attempt.STARTING

    def worker_of(self, container_id: ContainerId) -> Worker | None:
        """Return the worker of a container of ours."""
        seen = self._shared.view.get(container_id)
        return self._worker(seen.assignment_id) if seen is not None else None

    def _needing_networks(self) -> set[DeploymentId] | None:
        """Return the deployments that have an assignment or a container here, once all is known."""
        if not (self._ready and self._complete):
            return None
        wanted = {
            worker.assignment.deployment_id
            for worker in self._workers.values()
            if worker.assignment is not None
        }
        return wanted | self._shared.view.deployments()

    def neighbours(self, assignment: AgentAssignment) -> Neighbours:
        """Return what else on the host concerns the assignment's next container."""
        find = partial(self._shared.view.of_service, assignment.deployment_id)
        holder = self._holder(assignment) or missing_volumes(assignment.spec, find)
        if holder:
            self._waiting.add(assignment.id)
            return Neighbours(waiting_for=holder)
        named = self._shared.view.named(assignment.name)
        if named is None:
            return Neighbours(rival=self._has_rival(assignment))
        container_id, seen = named
        if seen is None:
            return Neighbours(namesake=Namesake(container_id))
        if self._shared.stuck.holds(seen.id) and not seen.alive:
            return Neighbours(name_held=True, rival=self._has_rival(assignment))
        if seen.assignment_id == assignment.id:
            return Neighbours()
        return self._our_namesake(assignment, seen)

    def _our_namesake(self, assignment: AgentAssignment, seen: ObservedContainer) -> Neighbours:
        if same_slot(seen.labels, assignment):
            self._waiting.add(assignment.id)
            return Neighbours(namesake=Namesake(seen.id, f"{assignment.name}.{seen.assignment_id}"))
        worker = self._workers.get(seen.assignment_id)
        if worker is not None and worker.leaving:
            self._waiting.add(assignment.id)
            return Neighbours(waiting_for=f"container {seen.name} of another service goes first")
        return Neighbours(namesake=Namesake(seen.id))

    def _has_rival(self, assignment: AgentAssignment) -> bool:
        """Whether another assignment of the same slot is wanted here; its end wakes this one."""
        slot = (assignment.deployment_id, assignment.service, assignment.slot)
        for worker in self._workers.values():
            other = worker.assignment
            if worker.leaving or other is None or other.id == assignment.id:
                continue
            if (other.deployment_id, other.service, other.slot) == slot:
                self._waiting.add(assignment.id)
                return True
        return False

    def _holder(self, assignment: AgentAssignment) -> str:
        """Return a sentence when a container on its way out holds one of the fixed ports."""
        ports = assignment.spec.static_ports
        if not ports:
            return ""
        for worker in self._workers.values():
            if not worker.leaving or worker.id == assignment.id:
                continue
            for seen in self._shared.view.of(worker.id):
                if seen.alive and _overlap(ports, seen):
                    return f"container {seen.name} must release its port first"
        return ""

    def made_room(self) -> None:
        """Wake those who wait for a container, a name or a port."""
        waiting, self._waiting = self._waiting, set()
        loop = asyncio.get_running_loop()
        for assignment_id in waiting:
            loop.call_soon(self._wake, assignment_id)

    def wake_at(self, assignment_id: AssignmentId, due: float | None) -> None:
        """Wake the assignment's worker at a monotonic time; none takes that back."""
        if due is None:
            self._timers.clear(assignment_id)
        else:
            self._timers.set(assignment_id, due)

    def forget(self, assignment_id: AssignmentId) -> None:
        """Drop the worker of an assignment that is gone and reported so."""
        self._workers.pop(assignment_id, None)
        self._shared.networks.remove_soon()
        self._timers.clear(assignment_id)
        self._shared.reporter.forget(assignment_id)

    async def close(self) -> None:
        """End all tasks; containers are not touched."""
        await self._timers.close()
        await self._shared.pulls.close()
        await asyncio.gather(*(worker.close() for worker in tuple(self._workers.values())))

    def _worker(self, assignment_id: AssignmentId, state: AttemptState | None = None) -> Worker:
        """Return the worker of an assignment, made in this state when there is none yet."""
        worker = self._workers.get(assignment_id)
        if worker is None:
            worker = self._workers[assignment_id] = Worker(
                assignment_id, self._shared, keeper=self, known=self._complete, state=state
            )
        return worker

    def _wake(self, assignment_id: AssignmentId) -> None:
        worker = self._workers.get(assignment_id)
        if worker is not None:
            worker.wake()

    def _accepted(self, assignment_ids: list[AssignmentId]) -> None:
        for assignment_id in assignment_ids:
            worker = self._workers.get(assignment_id)
            if worker is not None and worker.leaving:
                worker.wake()


def _overlap(ports: Iterable[PortSpec], seen: ObservedContainer) -> bool:
    held = {(one.host, one.protocol) for one in seen.ports}
    return any((one.host, one.protocol) in held for one in ports)
