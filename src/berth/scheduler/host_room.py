"""What each host of a pool still has room for, kept up to date while a plan grows."""

from collections.abc import Iterator

from berth.domain.bindings import overlap
from berth.domain.engine_api import read_api
from berth.domain.fleet import Fleet
from berth.domain.ids import HostId, ServiceKey
from berth.domain.labels import ASSIGNMENT_LABEL
from berth.domain.observed import EngineContainer
from berth.domain.records import Assignment, Deployment, Host
from berth.domain.slots import is_gone
from berth.domain.spec import ContainerSpec, PortSpec
from berth.domain.states import HostState

#: Host port, protocol.
PortKey = tuple[int, str]


class HostRoom:
    """One host as a plan sees it: what is held there, and what is left."""

    def __init__(self, host: Host, fleet: Fleet) -> None:
        status = fleet.status_of(host.id)
        self.host = host
        self.active = status.state is HostState.ACTIVE
        self.engine_reachable = status.metrics.engine_reachable
        self.held = status.held
        self.memory_bytes = status.facts.memory_bytes if status.facts else 0
        self.facts_known = status.facts is not None
        #: Version of its engine's API; None while it is unknown.
        self.engine_api = read_api(status.facts.engine_api_version) if status.facts else None
        self.cpus = status.facts.cpus if status.facts else 1
        self.used_bytes = status.metrics.memory_used_bytes
        self.cpu_percent = status.metrics.cpu_percent
        self.assignments = 0
        self.by_service: dict[tuple[str, ServiceKey], int] = {}
        self.reserved_bytes = 0
        self.reserved_cpus = 0.0
        self._ports: dict[PortKey, list[tuple[str, str]]] = {}
        self._names: dict[str, str] = {}
        self.agent_version = status.facts.agent_version if status.facts else ""
        #: Names of its volumes; None while they are unknown.
        self.volumes = fleet.observed.volumes.get(host.id)
        #: Names of all containers that run here, whoever made them.
        self.running: set[str] = set()
        #: Services of the planned deployment that have a container here, or get one.
        self.services: set[ServiceKey] = set()
        #: Placed by this plan: load that no metric shows yet.
        self.placed = 0

    def hold(self, deployment_id: str, service: ServiceKey, *, spec: ContainerSpec) -> None:
        """Count an assignment: its ports, name, memory and processors are taken from now on."""
        holder = f"deployment {deployment_id!r}"
        self.assignments += 1
        key = (deployment_id, service)
        self.by_service[key] = self.by_service.get(key, 0) + 1
        self.reserved_bytes += spec.memory_reservation_bytes
        self.reserved_cpus += spec.cpus_reservation
        for port in spec.static_ports:
            self._hold_port(port.host or 0, port.protocol, ip=port.ip, holder=holder)
        if spec.container_name:
            self._names.setdefault(spec.container_name, holder)

    def hold_unmanaged(self, container: EngineContainer) -> None:
        """Count a container that Berth did not make: its ports and its name are taken."""
        holder = f"container {container.name!r}"
        self._names.setdefault(container.name, holder)
        for port in container.ports:
            self._hold_port(port.host, port.protocol, ip=port.ip, holder=holder)

    def _hold_port(self, number: int, protocol: str, *, ip: str, holder: str) -> None:
        self._ports.setdefault((number, protocol), []).append((ip, holder))

    def port_holder(self, port: PortSpec) -> str | None:
        """Return who uses a static port on an address that clashes, if anyone does."""
        for ip, holder in self._ports.get((port.host or 0, port.protocol), ()):
            if overlap(ip, port.ip):
                return holder
        return None

    def name_holder(self, name: str) -> str | None:
        """Return who uses a container name, if anyone does."""
        return self._names.get(name)


class Rooms:
    """The rooms of a pool's hosts; built once per plan, and only when something is to be placed."""

    def __init__(self, fleet: Fleet, deployment: Deployment) -> None:
        self._rooms: dict[HostId, HostRoom] = {}
        for host in fleet.hosts_in(deployment.pool_id):
            room = HostRoom(host, fleet)
            self._rooms[host.id] = room
            assignments = fleet.assignments_on(host.id)
            _hold_assignments(room, fleet, assignments=assignments)
            room.services.update(
                a.service for a in assignments if a.wanted and a.deployment_id == deployment.id
            )

    def __iter__(self) -> Iterator[HostRoom]:
        return iter(self._rooms.values())

    def get(self, host_id: HostId) -> HostRoom | None:
        """Return a host's room, or none when it is not in the pool."""
        return self._rooms.get(host_id)


def _hold_assignments(room: HostRoom, fleet: Fleet, *, assignments: list[Assignment]) -> None:
    ours: set[str] = set()
    for assignment in assignments:
        report = fleet.report_of(assignment.id)
        if report is not None:
            ours.add(report.container_id)
        if not is_gone(fleet, assignment):
            room.hold(assignment.deployment_id, assignment.service, spec=assignment.spec)
    for item in fleet.observed.inventory.get(room.host.id, {}).values():
        if item.container.running:
            room.running.add(item.container.name)
        if item.container.id not in ours and ASSIGNMENT_LABEL not in item.container.labels:
            room.hold_unmanaged(item.container)
