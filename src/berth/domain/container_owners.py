"""Which host a container belongs to: what hosts claim is weighed, not believed.

A host lists whatever its agent says. An assignment, though, is the manager's: only the host that
has it can report its container.
"""

from collections.abc import Iterator

from berth.domain.errors import Conflict, HostAway
from berth.domain.fleet import Fleet
from berth.domain.ids import ContainerId, HostId
from berth.domain.states import Attempt, HostState


def claimed_ids(fleet: Fleet) -> Iterator[tuple[ContainerId, HostId]]:
    """Yield every container that a host lists, or that an assignment of it has."""
    for host_id, items in fleet.observed.inventory.items():
        for container_id in items:
            yield container_id, host_id
    yield from reported_ids(fleet)


def reported_ids(fleet: Fleet) -> Iterator[tuple[ContainerId, HostId]]:
    """Yield the containers of assignments, with the host of each."""
    for report in fleet.observed.reports.values():
        if report.container_id and report.state < Attempt.REMOVED:
            assignment = fleet.assignments.get(report.assignment_id)
            if assignment is not None:
                yield ContainerId(report.container_id), assignment.host_id


def find_owner(fleet: Fleet, container_id: ContainerId) -> HostId | None:
    """Return the host that calls about a container go to, none when nobody claims it.

    Raises Conflict or HostAway when it cannot be told whose it is: then a call goes to nobody.
    """
    reporting = {
        assignment.host_id
        for report in fleet.observed.reports.values()
        if report.container_id == container_id and report.state < Attempt.REMOVED
        if (assignment := fleet.assignments.get(report.assignment_id)) is not None
    }
    listing = {
        host_id for host_id, items in fleet.observed.inventory.items() if container_id in items
    }
    claiming = reporting or listing
    if len(claiming) > 1:
        names = " and ".join(sorted(_name(fleet, host_id) for host_id in claiming))
        raise Conflict(
            f"hosts {names} both claim container {container_id}: calls about it go to neither",
            code="contested_container",
        )
    if not claiming:
        return None
    (owner,) = claiming
    if not reporting:
        _check_listed(fleet, container_id, owner=owner)
    return owner


def find_contested(fleet: Fleet) -> dict[HostId, dict[ContainerId, set[HostId]]]:
    """Return for each host the containers that it claims with less right than others, and whose."""
    first: dict[ContainerId, HostId] = {}
    contested: dict[ContainerId, set[HostId]] = {}
    for container_id, host_id in claimed_ids(fleet):
        # A set for each of many thousands of containers would hold up everything else.
        known = first.setdefault(container_id, host_id)
        if known != host_id:
            contested.setdefault(container_id, {known}).add(host_id)
    if not contested:
        return {}
    reporting: dict[ContainerId, set[HostId]] = {}
    for container_id, host_id in reported_ids(fleet):
        reporting.setdefault(container_id, set()).add(host_id)
    accused: dict[HostId, dict[ContainerId, set[HostId]]] = {}
    for container_id, hosts in contested.items():
        owners = reporting.get(container_id, set())
        for host_id in hosts if len(owners) != 1 else hosts - owners:
            accused.setdefault(host_id, {})[container_id] = hosts - {host_id}
    return accused


def _check_listed(fleet: Fleet, container_id: ContainerId, *, owner: HostId) -> None:
    """Raise HostAway while another host may have a container that only a list names."""
    for key in fleet.keys.values():
        if key.system and key.id.endswith(f"/{container_id}"):
            assignment = fleet.assignments.get(key.assignment_id)
            if assignment is not None and assignment.host_id != owner:
                name = _name(fleet, assignment.host_id)
                raise HostAway(
                    f"container {container_id} belongs to host {name}, which is not in contact; "
                    f"host {_name(fleet, owner)} claims it"
                )
    for host in fleet.hosts.values():
        if host.id != owner and fleet.status_of(host.id).state is HostState.UNKNOWN:
            raise HostAway(
                f"container {container_id} may belong to host {host.name}, which has not been "
                "heard of since the manager's start: try again in a few seconds"
            )


def _name(fleet: Fleet, host_id: HostId) -> str:
    host = fleet.hosts.get(host_id)
    return host.name if host is not None else host_id
