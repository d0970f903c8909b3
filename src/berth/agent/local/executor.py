"""Carrying out one operation: the engine's request, and what its answer means."""

import logging
from functools import partial
from typing import Protocol

import msgspec

from berth.agent.containers.labels import labels_of, seal_labels
from berth.agent.containers.linked_services import LinkedServices, resolve_links
from berth.agent.containers.observed_container import (
    ContainerState,
    ObservedContainer,
    new_seen,
    seen_in_inspect,
)
from berth.agent.engine.protocol import ContainerRequest
from berth.agent.local import attempt as to
from berth.agent.local.attempt import AttemptState
from berth.agent.local.context import AgentContext
from berth.agent.local.operations import Create, Inspect, Operation, Remove, Rename, Start, Stop
from berth.agent.local.user_actions import UserAction, apply_action
from berth.domain.calls import ContainerAction
from berth.domain.errors import EngineError, EngineNotFound, EngineUnreachable, NameTaken
from berth.domain.ids import AssignmentId, ContainerId
from berth.domain.spec import ContainerSpec
from berth.protocol.messages import AgentAssignment
from berth.runtime.backoff import backoff_s

log = logging.getLogger(__name__)

#: Longest host name that Linux takes.
HOSTNAME_AT_MOST = 63

_replace = msgspec.structs.replace


class Attempting(Protocol):
    """The assignment whose attempt is under way, and what becomes of the attempt."""

    @property
    def id(self) -> AssignmentId:
        """Return the assignment's id."""
        ...

    @property
    def title(self) -> str:
        """Return what the log calls the assignment."""
        ...

    @property
    def assignment(self) -> AgentAssignment | None:
        """Return what the manager wants; none when the assignment is not wanted."""
        ...

    @property
    def state(self) -> AttemptState:
        """Return where the newest attempt stands."""
        ...

    @property
    def leaving(self) -> bool:
        """Whether what is left of the assignment is on its way out."""
        ...

    @property
    def stop_grace_s(self) -> float:
        """Return the seconds between the request to stop and the kill."""
        ...

    def become(self, state: AttemptState) -> None:
        """Take a new state and report it."""
        ...

    def fail(self, code: str, message: str) -> None:
        """Conclude an attempt that did not come to run."""
        ...

    def pause(self, wait_s: float, message: str) -> None:
        """Do nothing for a while but what users ask for; the engine refused an operation."""
        ...

    def made_room(self) -> None:
        """Note that a container of the assignment came or went."""
        ...


class Executor:
    """The hands of a worker."""

    def __init__(self, shared: AgentContext, worker: Attempting) -> None:
        self._shared = shared
        self._worker = worker
        #: Requests that failed in a row, apart from those that end an attempt.
        self._refusals = 0
        self._name_checked = False

    async def perform(self, work: Operation | UserAction) -> None:
        """Carry it out; a failure of the engine becomes a state, never an exception."""
        try:
            if isinstance(work, UserAction):
                await self._act(work)
            else:
                await self._ask(work)
        except EngineUnreachable:
            # Nothing is known of the outcome; the list that brings the engine back shows it.
            self._shared.engine_lost()
        except EngineError as exc:
            await self._refused(work, exc)
        else:
            self._refusals = 0

    async def _ask(self, operation: Operation) -> None:
        match operation:
            case Inspect(container_ids):
                for container_id in container_ids:
                    await self._inspect(container_id)
            case Create(attempt, name):
                await self._create(attempt, name)
            case Start(container_id):
                await self._start(container_id)
            case Stop(container_id):
                await self._stop(container_id)
            case Remove(container_id, force):
                await self._remove(container_id, force)
            case Rename(container_id, name):
                await self._rename(container_id, name)

    async def _refused(self, work: Operation | UserAction, failure: EngineError) -> None:
        """Wait a little before the same is tried again."""
        self._refusals += 1
        settings = self._shared.settings
        wait_s = backoff_s(
            self._refusals + 1, first_s=settings.backoff_first_s, longest_s=settings.backoff_max_s
        )
        log.warning("%s: %s failed, again in %.0f s: %s", self._worker.title,
                    type(work).__name__.lower(), wait_s, failure)  # fmt: skip
        for one in self._shared.view.of(self._worker.id):
            self._shared.view.mark_stale(one.id)
        self._worker.pause(wait_s, f"{type(work).__name__.lower()} failed: {failure}")

    async def _inspect(self, container_id: ContainerId) -> None:
        try:
            document = await self._shared.engine.inspect(container_id)
        except EngineNotFound:
            self._lost(container_id)
            return
        self._shared.inventory.inspected(container_id, document)
        self._shared.view.put(seen_in_inspect(document))

    async def _create(self, attempt: int, name: str) -> None:
        worker = self._worker
        assignment = worker.assignment
        assert assignment is not None
        worker.become(to.creating(worker.state))
        try:
            company = await self._find_company(assignment)
            worker.become(to.remarked(worker.state, company.remark))
            request = self._request(assignment, attempt, company=company)
            request = _replace(request, name=name or request.name)
            container_id = await self._shared.engine.create(request)
        except EngineUnreachable:
            raise
        except NameTaken as exc:
            await self._name_taken(exc)
        except EngineError as exc:
            worker.fail(exc.code, f"creating the container failed: {exc}")
        else:
            self._name_checked = False
            seen = new_seen(container_id, request.name, labels=dict(request.labels))
            self._shared.view.put(seen)
            worker.become(to.created(worker.state, container_id, name=request.name))
            worker.made_room()

    async def _find_company(self, assignment: AgentAssignment) -> LinkedServices:
        """Make the networks that the container joins, and find the containers that it names."""
        names = [network.name for network in assignment.spec.networks]
        networks = {}
        if names:
            networks = await self._shared.networks.ensure(assignment.deployment_id, names)
        find = partial(self._shared.view.of_service, assignment.deployment_id)
        return resolve_links(assignment, find, networks=networks)

    def _request(
        self, assignment: AgentAssignment, attempt: int, *, company: LinkedServices
    ) -> ContainerRequest:
        state = self._worker.state
        return ContainerRequest(
            name=assignment.name,
            hostname=assignment.spec.hostname or assignment.name[:HOSTNAME_AT_MOST],
            spec=_replace(assignment.spec, image=state.image_reference or assignment.spec.image),
            labels=seal_labels(
                labels_of(
                    assignment, self._shared.owner, attempt=attempt, digest=state.image_digest
                )
            ),
            environment=assignment.environment,
            networks=company.networks,
            links=company.links,
            volumes_from=company.volumes_from,
        )

    async def _name_taken(self, failure: NameTaken) -> None:
        """Find out who has the name; the rules rename or refuse once it is known."""
        if self._name_checked:
            self._name_checked = False
            self._worker.fail(failure.code, f"creating the container failed: {failure}")
        else:
            self._name_checked = True
            await self._shared.refresh()

    async def _start(self, container_id: ContainerId) -> None:
        worker, view = self._worker, self._shared.view
        assignment = worker.assignment
        try:
            await self._shared.engine.start(container_id)
        except EngineUnreachable:
            raise
        except EngineError as exc:
            view.mark_stale(container_id)
            if isinstance(exc, EngineNotFound):
                view.drop(container_id)
            worker.fail(exc.code, f"starting the container failed: {exc}")
            return
        seen = view.get(container_id)
        if seen is None:
            return
        if assignment is not None and self._needs_inspection(assignment.spec):
            # Bindings and checks are part of the report: inspect before reporting that it runs.
            view.mark_stale(container_id)
            return
        seen = _replace(seen, life=ContainerState.RUNNING)
        view.put(seen)
        worker.become(to.started(worker.state, seen, moment=self._shared.moment()))

    def _needs_inspection(self, spec: ContainerSpec) -> bool:
        own_check = spec.image_probe and not spec.probes and self._worker.state.image_check
        return bool(spec.ports or spec.probes or own_check)

    async def _stop(self, container_id: ContainerId) -> None:
        worker = self._worker
        if container_id == worker.state.container_id or worker.leaving:
            worker.become(to.stopping(worker.state))
        try:
            await self._shared.engine.stop(container_id, grace_s=worker.stop_grace_s)
        except EngineNotFound:
            self._lost(container_id)
            return
        self._note_end(container_id)

    async def _remove(self, container_id: ContainerId, force: bool) -> None:
        """Remove it; one that cannot be removed stays, and nothing waits for it once it does not run."""
        try:
            await self._shared.engine.remove(container_id, force=force)
        except EngineUnreachable:
            raise
        except EngineError as failure:
            self._shared.stuck.note(container_id, failure)
            # An inspection shows whether it runs.
            self._shared.view.mark_stale(container_id)
        else:
            self._lost(container_id)

    async def _rename(self, container_id: ContainerId, name: str) -> None:
        seen = self._shared.view.get(container_id)
        try:
            await self._shared.engine.rename(container_id, name)
        except EngineNotFound:
            self._lost(container_id)
            return
        if seen is not None:
            self._shared.view.put(_replace(seen, name=name))

    def _note_end(self, container_id: ContainerId) -> None:
        seen = self._shared.view.get(container_id)
        if seen is not None:
            self._shared.view.put(_replace(seen, life=ContainerState.ENDED))
            self._shared.view.mark_fresh(container_id)

    def _lost(self, container_id: ContainerId) -> None:
        self._shared.view.drop(container_id)
        self._worker.made_room()

    async def _act(self, work: UserAction) -> None:
        if work.done.done():
            return
        try:
            if not self._retry_now(work):
                await apply_action(
                    self._shared.engine,
                    work.container_id,
                    action=work.action,
                    grace_s=self._worker.stop_grace_s,
                )
        except EngineError as exc:
            if not work.done.done():
                work.done.set_exception(exc)
        else:
            if not work.done.done():
                work.done.set_result(None)
        finally:
            self._shared.view.mark_stale(work.container_id)

    def _retry_now(self, work: UserAction) -> bool:
        """Take the start of a container that will be replaced as the wish not to wait for it."""
        worker = self._worker
        replaced = worker.assignment is not None and worker.assignment.spec.restart
        starts = work.action in (ContainerAction.START, ContainerAction.RESTART)
        seen: ObservedContainer | None = self._shared.view.get(work.container_id)
        if not (replaced and starts and seen is not None and seen.life is ContainerState.ENDED):
            return False
        worker.become(to.hastened(worker.state))
        return True
