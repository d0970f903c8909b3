"""Containers of hosts with their owners and inspect documents."""

import asyncio
import logging
from collections.abc import Iterable, Sequence

import msgspec

from berth.api.presenters.inspect_document import (
    complete_document,
    render_node,
    synthesise_document,
)
from berth.api.row_cache import RowCache
from berth.api.schemas.containers import (
    FlatContainer,
    WrappedContainer,
    render_unmanaged,
    wrap,
)
from berth.api.services import Services
from berth.domain.errors import CallFailed, HostAway
from berth.domain.fleet import Fleet
from berth.domain.ids import ContainerId, HostId
from berth.domain.labels import DEPLOYMENT_LABEL
from berth.domain.observed import EngineContainer, InventoryItem
from berth.domain.records import Assignment, Host
from berth.domain.states import HostState

log = logging.getLogger(__name__)

#: At most this many documents are requested at once.
MAX_CALLS = 16


class HostContainer(msgspec.Struct, frozen=True):
    """A container and the host that has it."""

    host: Host
    item: InventoryItem


class SlotLookup:
    """Finds the slot of a container; reads each host once."""

    def __init__(self, fleet: Fleet, rows: RowCache) -> None:
        self._fleet = fleet
        self._rows = rows
        self._of_hosts: dict[str, dict[str, Assignment]] = {}

    def describe(self, located: HostContainer) -> FlatContainer:
        """Return the flat form of a container."""
        fleet, host, container = self._fleet, located.host, located.item.container
        assignment = self._find_assignment(host, container.id)
        deployment = fleet.deployments.get(assignment.deployment_id) if assignment else None
        if assignment is not None and deployment is not None:
            return self._rows.render(fleet, deployment, assignment=assignment)
        active = fleet.status_of(host.id).state is HostState.ACTIVE
        return render_unmanaged(host, container, active=active)

    def _find_assignment(self, host: Host, container_id: ContainerId) -> Assignment | None:
        found = self._of_hosts.get(host.id)
        if found is None:
            found = self._of_hosts[host.id] = {}
            for assignment in self._fleet.assignments_on(host.id):
                report = self._fleet.report_of(assignment.id)
                if report is not None and report.container_id:
                    found[report.container_id] = assignment
        return found.get(container_id)


def id_of(located: HostContainer) -> str:
    """Return the id of a container."""
    return located.item.container.id


def list_all(fleet: Fleet) -> list[HostContainer]:
    """Return every container of every host, by id."""
    of_hosts = ((fleet.hosts.get(key), items) for key, items in fleet.observed.inventory.items())
    return sort_by_id(
        HostContainer(host, item) for host, items in of_hosts if host for item in items.values()
    )


def list_on(fleet: Fleet, host: Host) -> list[HostContainer]:
    """Return every container of a host, by id."""
    items = fleet.observed.inventory.get(host.id, {})
    return sort_by_id(HostContainer(host, item) for item in items.values())


def check_contact(services: Services, host_id: HostId) -> None:
    """Raise HostAway when a host's agent is not in contact."""
    fleet = services.store.memory.fleet
    if fleet.status_of(host_id).state is not HostState.ACTIVE:
        host = fleet.hosts.get(host_id)
        raise HostAway(f"host {host.name if host else host_id} is not in contact")


def locate(fleet: Fleet, host: Host, *, container_id: ContainerId) -> HostContainer:
    """Return a container of a host; one that its engine's list does not have yet stands for itself."""
    item = fleet.observed.inventory.get(host.id, {}).get(container_id)
    if item is None:
        item = InventoryItem(_as_reported(fleet, host, container_id=container_id))
    return HostContainer(host, item)


def _as_reported(fleet: Fleet, host: Host, *, container_id: ContainerId) -> EngineContainer:
    """Make a list entry of what the agent has reported about one of its assignments."""
    name, labels = "", {}
    for assignment in fleet.assignments_on(host.id):
        report = fleet.report_of(assignment.id)
        if report is not None and report.container_id == container_id:
            name, labels = report.name, {DEPLOYMENT_LABEL: str(assignment.deployment_id)}
    return EngineContainer(id=container_id, name=name, image="", state="running", labels=labels)


def sort_by_id(located: Iterable[HostContainer]) -> list[HostContainer]:
    """Put containers in the order of lists."""
    return sorted(located, key=id_of)


async def read_documents(services: Services, located: Sequence[HostContainer]) -> list[msgspec.Raw]:
    """Return the inspect document of each container; one not known yet is asked for."""
    fleet = services.store.memory.fleet
    nodes = {each.host.id: render_node(fleet, each.host) for each in _one_per_host(located)}
    places = asyncio.Semaphore(MAX_CALLS)

    async def ask(each: HostContainer) -> bytes:
        async with places:
            return await _ask(services, each)

    unknown = [each for each in located if not each.item.inspect]
    asked = iter(await asyncio.gather(*(ask(each) for each in unknown)))
    return [
        _complete(each, each.item.inspect or next(asked), node=nodes[each.host.id])
        for each in located
    ]


async def wrap_all(services: Services, located: Sequence[HostContainer]) -> list[WrappedContainer]:
    """Return each container's document in its envelope, with its owner."""
    documents = await read_documents(services, located)
    owners = SlotLookup(services.store.memory.fleet, services.rows)
    return [
        wrap(owners.describe(each), document)
        for each, document in zip(located, documents, strict=True)
    ]


def _one_per_host(located: Iterable[HostContainer]) -> Iterable[HostContainer]:
    return {each.host.id: each for each in located}.values()


def _complete(each: HostContainer, document: bytes, *, node: bytes) -> msgspec.Raw:
    """Complete a document, or one made from the list entry where there is none."""
    if document:
        try:
            return complete_document(document, node)
        except ValueError:
            log.warning(
                "host %s returned no JSON for container %s; a short document stands for it",
                each.host.name,
                each.item.container.id,
            )
    return complete_document(synthesise_document(each.item.container), node)


async def _ask(services: Services, each: HostContainer) -> bytes:
    """Ask the host; empty when it is away or refuses."""
    if services.store.memory.fleet.status_of(each.host.id).state is not HostState.ACTIVE:
        return b""
    try:
        return await services.agents.inspect(each.host.id, each.item.container.id)
    except (HostAway, CallFailed):
        return b""
