"""Proxy ports: reserved on a host with the first assignment that names them, freed with its owner."""

import msgspec

from berth.discovery.proxies import choose_proxy_port
from berth.domain.discovery_records import ProxyPort, proxy_id
from berth.domain.ids import ServiceKey
from berth.domain.records import Assignment
from berth.store.draft import Draft
from berth.store.memory import Memory


def reserve_proxies(draft: Draft, assignment: Assignment, *, targets: tuple[str, ...]) -> None:
    """Reserve a port on the assignment's host for each target such as ``db:3306``; repeatable."""
    for target in targets:
        service, _, port = target.rpartition(":")
        record = ProxyPort(
            id=proxy_id(
                assignment.host_id, assignment.deployment_id, service=service, target=int(port)
            ),
            host_id=assignment.host_id,
            deployment_id=assignment.deployment_id,
            service=ServiceKey(service),
            target=int(port),
            port=0,
        )
        if record.id in draft.proxy_ports:
            continue
        chosen = choose_proxy_port(
            assignment.deployment_id, service, target=int(port), taken=_taken(draft, assignment)
        )
        if chosen is not None:
            draft.proxy_ports.put(msgspec.structs.replace(record, port=chosen))


def find_stale_proxies(tables: Memory | Draft) -> list[str]:
    """Return the ids of ports whose host or deployment no longer exists."""
    return [
        record.id
        for record in tables.proxy_ports.values()
        if record.host_id not in tables.hosts or record.deployment_id not in tables.deployments
    ]


def drop_stale_proxies(draft: Draft) -> None:
    """Free the ports whose host or deployment no longer exists."""
    for record_id in find_stale_proxies(draft):
        draft.proxy_ports.drop(record_id)


def _taken(draft: Draft, assignment: Assignment) -> set[int]:
    """Return the ports that are reserved or published on a host."""
    taken = {record.port for record in draft.proxy_ports.find("host", assignment.host_id)}
    for item in draft.observed.inventory.get(assignment.host_id, {}).values():
        taken |= {binding.host for binding in item.container.ports}
    for other in draft.fleet.assignments_on(assignment.host_id):
        taken |= {port.host for port in other.spec.static_ports if port.host is not None}
    return taken
