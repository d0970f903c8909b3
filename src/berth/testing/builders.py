"""Builders: a valid object in one call, with only what a test is about spelled out."""

from collections.abc import Iterable, Mapping

import msgspec

from berth.domain.fleet import Fleet, HostStatus, Observed, Planned
from berth.domain.ids import AssignmentId, ContainerId, DeploymentId, HostId, PoolId, ServiceKey
from berth.domain.observed import (
    ContainerReport,
    EngineContainer,
    HostFacts,
    HostMetrics,
    InventoryItem,
    PortBinding,
)
from berth.domain.plan import Plan
from berth.domain.records import Assignment, Deployment, Host, Pool
from berth.domain.settings import Settings
from berth.domain.spec import ContainerSpec, Dependency, PlacementRules, PortSpec, ServiceSpec
from berth.domain.states import Attempt, Duty, HostState, Intent, Subtype
from berth.domain.volume_homes import new_homes
from berth.store.nouns import NounTables

MB = 1024 * 1024


def a_service(
    key: str = "web",
    *,
    ports: Iterable[int] = (),
    phase: int = 0,
    rules: PlacementRules | None = None,
    needs: Mapping[str, str] | None = None,
    **spec: object,
) -> ServiceSpec:
    """Build a service; ``ports`` are static host ports, ``spec`` goes to the container's spec.

    ``needs`` are the services it depends on, with the condition of each.
    """
    published = tuple(PortSpec(container=80 + i, host=p) for i, p in enumerate(ports))
    image = spec.pop("image", "example/web:1")
    return ServiceSpec(
        key=ServiceKey(key),
        container=ContainerSpec(image=str(image), ports=published, **spec),  # type: ignore[arg-type]
        placement=rules or PlacementRules(),
        phase=phase,
        depends_on=tuple(
            Dependency(ServiceKey(key), condition)  # type: ignore[arg-type]
            for key, condition in (needs or {}).items()
        ),
    )


def a_deployment(
    deployment_id: str = "shop",
    *,
    services: Iterable[ServiceSpec] = (),
    quantities: dict[str, int] | None = None,
    **members: object,
) -> Deployment:
    """Build a running deployment of one service ``web`` with one container."""
    chosen = tuple(services) or (a_service(),)
    numbers = {service.key: 1 for service in chosen}
    numbers |= {ServiceKey(key): number for key, number in (quantities or {}).items()}
    values: dict[str, object] = {
        "id": DeploymentId(deployment_id),
        "name": deployment_id,
        "pool_id": PoolId("default"),
        "subtype": Subtype.SERVICE if len(chosen) == 1 else Subtype.STACK,
        "service_id": deployment_id,
        "service_name": deployment_id,
        "content": "",
        "services": chosen,
        "quantities": numbers,
        "desired_state": 1,
        "desired_changed_at": 0.0,
        "created_by": "admin",
        "created_at": 0.0,
    }
    return Deployment(**(values | members))  # type: ignore[arg-type]


class World(NounTables):
    """A Fleet to build up step by step, with an engine that obeys at once."""

    def __init__(self, *, hosts: int = 0) -> None:
        self.observed = Observed()
        self.planned = Planned()
        self.settings = Settings()
        self.now = 1000.0
        self._made = 0
        self.pools.put(Pool(id=PoolId("default"), name="default"))
        for _ in range(hosts):
            self.add_host()

    @property
    def fleet(self) -> Fleet:
        """The Fleet as it stands."""
        return Fleet(self)

    def add_host(
        self,
        name: str = "",
        *,
        pool: str = "default",
        tags: Iterable[str] = (),
        memory_mb: int = 4096,
        duty: Duty = Duty.ACTIVE,
        engine_api: str = "",
        **metrics: float,
    ) -> Host:
        """Add an active host, by default named h1, h2 and so on."""
        name = name or f"h{len(self.hosts) + 1}"
        host = Host(
            id=HostId(name),
            name=name,
            pool_id=PoolId(pool),
            engine_id=f"engine-{name}",
            credential_hash="",
            created_at=0.0,
            tags=tuple(tags),
            duty=duty,
        )
        self.hosts.put(host)
        facts = HostFacts(
            hostname=name,
            engine_id=host.engine_id,
            engine_api_version=engine_api,
            cpus=2,
            memory_bytes=memory_mb * MB,
        )
        self.observed.hosts[host.id] = HostStatus(
            host_id=host.id,
            state=HostState.ACTIVE,
            facts=facts,
            metrics=HostMetrics(**metrics),  # type: ignore[arg-type]
        )
        return host

    def set_state(self, name: str, state: HostState) -> None:
        """Make a host active, inactive or unknown."""
        old = self.observed.hosts[HostId(name)]
        self.observed.hosts[HostId(name)] = HostStatus(
            host_id=old.host_id, state=state, facts=old.facts, metrics=old.metrics
        )

    def set_duty(self, name: str, duty: Duty) -> None:
        """Pause a host, drain it, or take it into service again."""
        host = self.hosts.get(name)
        if host is not None:
            self.hosts.put(msgspec.structs.replace(host, duty=duty))

    def add_unmanaged(self, host: str, *, port: int, name: str = "by-hand") -> None:
        """Start a container by hand that publishes a port."""
        container = EngineContainer(
            id=ContainerId("f" * 64),
            name=name,
            image="example/other:1",
            state="running",
            ports=(PortBinding(80, "tcp", port),),
        )
        self.observed.inventory[HostId(host)] = {container.id: InventoryItem(container)}

    def apply(self, deployment: Deployment, plan: Plan) -> None:
        """Apply a plan to the tables, as the reconcilers do."""
        begun = (*deployment.begun, *plan.begun)
        self.deployments.put(msgspec.structs.replace(deployment, begun=begun))
        for assignment_id in plan.forget:
            self.assignments.drop(assignment_id)
            self.observed.reports.pop(assignment_id, None)
        for ending in plan.endings:
            ended = self.assignments.get(ending.assignment_id)
            if ended is not None:
                self.assignments.put(_ended(ended, ending.reason))
        for new in plan.exclusions:
            self.planned.exclusions[new.slot_id] = (new.exclusion,)
        for renewal in plan.renewals:
            unhealthy = self.assignments.get(renewal.assignment_id)
            if unhealthy is not None:
                self.assignments.put(
                    msgspec.structs.replace(
                        unhealthy,
                        renewals=unhealthy.renewals + 1,
                        renewed_attempt=renewal.attempt,
                        renewed_in_vain=renewal.in_vain,
                    )
                )
        for placement in plan.placements:
            service = deployment.service(placement.service)
            if service is not None:
                self._made += 1
                self.assignments.put(
                    Assignment(
                        id=AssignmentId(f"a{self._made}"),
                        deployment_id=deployment.id,
                        service=placement.service,
                        slot=placement.slot,
                        host_id=placement.host_id,
                        spec=service.container,
                        spec_hash=placement.spec_hash,
                        created_at=self.now + self._made,
                    )
                )

    def report(self, assignment_id: str, state: Attempt, **members: object) -> None:
        """Let an agent report."""
        old = self.observed.reports.get(AssignmentId(assignment_id))
        values: dict[str, object] = {
            "assignment_id": AssignmentId(assignment_id),
            "attempt": 1,
            "state": state,
            "agent_epoch": 1,
            "sequence": (old.sequence if old else 0) + 1,
            "container_id": f"{assignment_id:0>64}",
        }
        self.observed.reports[AssignmentId(assignment_id)] = ContainerReport(**(values | members))  # type: ignore[arg-type]

    def obey(self, *, failing: Iterable[str] = ()) -> None:
        """Let the agents of active hosts do what is wanted; images in ``failing`` never run."""
        bad = set(failing)
        for assignment in list(self.assignments.values()):
            if self.observed.hosts[assignment.host_id].state is not HostState.ACTIVE:
                continue
            if not assignment.wanted:
                self.report(assignment.id, Attempt.REMOVED)
            elif assignment.spec.image in bad:
                if assignment.spec.restart:
                    self.report(assignment.id, Attempt.ENDED, code="exited", failures=1)
                else:
                    self.report(assignment.id, Attempt.ENDED, exit_code=1)
            elif assignment.spec.is_job:
                self.report(assignment.id, Attempt.ENDED, exit_code=0)
            else:
                self.report(assignment.id, Attempt.RUNNING)
        self.remember_homes()

    def remember_homes(self) -> None:
        """Remember where volumes are, as the reconcilers do."""
        for deployment in self.deployments.values():
            for home in list(new_homes(self.fleet, deployment)):
                self.volume_homes.put(home)


def _ended(assignment: Assignment, reason: str) -> Assignment:
    return msgspec.structs.replace(assignment, intent=Intent.END, end_reason=reason)
