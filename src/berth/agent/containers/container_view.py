"""The containers of the host as the agent knows them: the last list, and what was done since."""

import itertools
from collections.abc import Iterable, Iterator

from berth.agent.containers.labels import Owner
from berth.agent.containers.observed_container import (
    ContainerState,
    ObservedContainer,
    seen_in_list,
)
from berth.domain.ids import AssignmentId, ContainerId, DeploymentId, ServiceKey
from berth.domain.labels import DEPLOYMENT_LABEL, SERVICE_LABEL
from berth.domain.observed import EngineContainer


class ListMark:
    """A moment before a list was asked for."""

    __slots__ = ("count",)

    def __init__(self, count: int) -> None:
        self.count = count


class ContainerView:
    """Containers by id, by assignment and by name.

    A list is older than what was done while it was under way: what changed after its mark stays
    as it is known.
    """

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self._seen: dict[ContainerId, ObservedContainer] = {}
        self._by_assignment: dict[AssignmentId, dict[ContainerId, ObservedContainer]] = {}
        #: Names of containers that are not ours.
        self._foreign: dict[str, ContainerId] = {}
        self._foreign_running = 0
        self._stale: dict[AssignmentId, set[ContainerId]] = {}
        self._count = itertools.count(1)
        self._changed: dict[ContainerId, int] = {}

    def get(self, container_id: ContainerId) -> ObservedContainer | None:
        """Return a container of ours."""
        return self._seen.get(container_id)

    def of(self, assignment_id: AssignmentId) -> list[ObservedContainer]:
        """Return the containers with the assignment's label."""
        return list(self._by_assignment.get(assignment_id, {}).values())

    def of_service(
        self, deployment_id: DeploymentId, service: ServiceKey
    ) -> list[ObservedContainer]:
        """Return the containers of a service, of whichever assignment."""
        return [
            one
            for one in self._seen.values()
            if one.labels.get(DEPLOYMENT_LABEL) == deployment_id
            and one.labels.get(SERVICE_LABEL) == service
        ]

    def deployments(self) -> set[DeploymentId]:
        """Return the deployments that have a container on the host."""
        return {DeploymentId(one.labels.get(DEPLOYMENT_LABEL, "")) for one in self._seen.values()}

    def assignments(self) -> Iterator[AssignmentId]:
        """Return the assignments that have a container."""
        return iter(tuple(self._by_assignment))

    def named(self, name: str) -> tuple[ContainerId, ObservedContainer | None] | None:
        """Return the container with the name, with what is known of it if it is ours."""
        for one in self._seen.values():
            if one.name == name:
                return one.id, one
        foreign = self._foreign.get(name)
        return (foreign, None) if foreign else None

    @property
    def running(self) -> int:
        """How many containers run on the host, ours or not."""
        return self._foreign_running + sum(1 for one in self._seen.values() if one.alive)

    @property
    def owned(self) -> int:
        """How many containers of ours the host has, running or not."""
        return len(self._seen)

    def mark(self) -> ListMark:
        """Note the moment before a list is asked for."""
        return ListMark(next(self._count))

    def put(self, seen: ObservedContainer) -> None:
        """Note what is known of a container of ours now."""
        self._changed[seen.id] = next(self._count)
        self._put(seen)

    def drop(self, container_id: ContainerId) -> AssignmentId | None:
        """Note that a container is gone; return its assignment if it was known as ours."""
        self._changed[container_id] = next(self._count)
        self._foreign = {n: one for n, one in self._foreign.items() if one != container_id}
        return self._drop(container_id)

    def apply_list(
        self, containers: Iterable[EngineContainer], mark: ListMark
    ) -> set[AssignmentId]:
        """Take a list over; return the assignments of which a container changed."""
        changed: set[AssignmentId] = set()
        listed: set[ContainerId] = set()
        self._foreign = {}
        self._foreign_running = 0
        for container in containers:
            if not self.owner.owns(container.labels):
                self._foreign[container.name] = container.id
                self._foreign_running += container.running
                continue
            listed.add(container.id)
            last = self._seen.get(container.id)
            seen = seen_in_list(container, last)
            if seen == last or self._newer(container.id, mark):
                continue
            changed.add(seen.assignment_id)
            doubtful = _is_doubtful(seen, last)
            if last is None or not doubtful:
                self._put(seen)
            if doubtful:
                self.mark_stale(seen.id)
        for container_id in [one for one in self._seen if one not in listed]:
            gone = None if self._newer(container_id, mark) else self._drop(container_id)
            if gone is not None:
                changed.add(gone)
        self._changed = {one: at for one, at in self._changed.items() if at > mark.count}
        return changed

    def mark_stale(self, container_id: ContainerId) -> AssignmentId | None:
        """Ask for an inspection of a container of ours; return its assignment."""
        seen = self._seen.get(container_id)
        if seen is None:
            return None
        self._stale.setdefault(seen.assignment_id, set()).add(container_id)
        return seen.assignment_id

    def mark_fresh(self, container_id: ContainerId) -> None:
        """Take back the doubt: what happened to the container was done by the agent itself."""
        seen = self._seen.get(container_id)
        if seen is not None:
            self._stale.get(seen.assignment_id, set()).discard(container_id)

    def take_stale(self, assignment_id: AssignmentId) -> frozenset[ContainerId]:
        """Return the containers to inspect, and forget that they were in doubt."""
        return frozenset(self._stale.pop(assignment_id, ()))

    def _newer(self, container_id: ContainerId, mark: ListMark) -> bool:
        return self._changed.get(container_id, 0) > mark.count

    def _put(self, seen: ObservedContainer) -> None:
        self._seen[seen.id] = seen
        self._by_assignment.setdefault(seen.assignment_id, {})[seen.id] = seen

    def _drop(self, container_id: ContainerId) -> AssignmentId | None:
        seen = self._seen.pop(container_id, None)
        if seen is None:
            return None
        of_assignment = self._by_assignment[seen.assignment_id]
        del of_assignment[container_id]
        if not of_assignment:
            del self._by_assignment[seen.assignment_id]
        self._stale.get(seen.assignment_id, set()).discard(container_id)
        return seen.assignment_id


def _is_doubtful(seen: ObservedContainer, last: ObservedContainer | None) -> bool:
    """Whether only an inspection shows that a container has never run.

    An engine may list one as created while it runs; what has run is never created again.
    """
    never_ran = seen.life is ContainerState.CREATED
    return never_ran and (last is None or last.life is not ContainerState.CREATED)
