"""The Fleet: everything that planning reads, as one consistent view."""

from typing import Protocol

import msgspec

from berth.domain.discovery_records import Key
from berth.domain.ids import AssignmentId, ContainerId, DeploymentId, HostId, PoolId, TaskId
from berth.domain.observed import (
    ContainerReport,
    EngineImage,
    HostFacts,
    HostMetrics,
    InventoryItem,
    TaskProgress,
)
from berth.domain.plan import Exclusion, SlotId, Unplaced, WaitingSlot
from berth.domain.records import Assignment, Deployment, Host, Pool, VolumeHome
from berth.domain.settings import Settings
from berth.domain.states import HostState
from berth.domain.table import TableView
from berth.domain.usage import HostUsage


class HostStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What is observed of a host; rebuilt from its agent's reports after a manager's start."""

    host_id: HostId
    state: HostState = HostState.UNKNOWN
    #: Unix seconds of the last contact, 0 = never.
    last_seen: float = 0.0
    facts: HostFacts | None = None
    metrics: HostMetrics = HostMetrics()
    #: Seconds by which its clock was ahead of the manager's at its last heartbeat.
    clock_ahead_s: float = 0.0
    #: True while the agent obeys nothing, because the manager seems wrong, empty or restored.
    held: bool = False
    #: Why, in its agent's words.
    held_because: str = ""
    #: Why its agent's session before this one ended, in its words.
    trouble: str = ""
    #: Version of the protocol that its agent spoke in its last hello, 0 = none yet.
    protocol: int = 0


class Observed:
    """Everything observed, in memory only; written by the dispatcher."""

    def __init__(self) -> None:
        self.reports: dict[AssignmentId, ContainerReport] = {}
        #: Since when the running attempt of an assignment is known to run; Unix seconds.
        self.running_since: dict[AssignmentId, float] = {}
        self.hosts: dict[HostId, HostStatus] = {}
        self.inventory: dict[HostId, dict[ContainerId, InventoryItem]] = {}
        #: By host and image id; a host is missing until its first list.
        self.images: dict[HostId, dict[str, EngineImage]] = {}
        #: Names of the volumes of each host; one is missing until its first list.
        self.volumes: dict[HostId, frozenset[str]] = {}
        self.usage: dict[HostId, HostUsage] = {}
        #: Re-placing from lost hosts waits until this Unix time (mass silence).
        self.replacing_waits_until: float = 0.0


class Planned:
    """What plans left behind, in memory only; written by the reconcilers."""

    def __init__(self) -> None:
        #: Hosts that slots stay away from.
        self.exclusions: dict[SlotId, tuple[Exclusion, ...]] = {}
        #: Wanted slots without a host, and slots that stay where they should not.
        self.unplaced: dict[DeploymentId, tuple[Unplaced, ...]] = {}
        #: The slots that nothing fills, with their reasons counted.
        self.waiting: dict[DeploymentId, tuple[WaitingSlot, ...]] = {}
        #: How far the open tasks are.
        self.progress: dict[TaskId, TaskProgress] = {}


class FleetTables(Protocol):
    """Where a Fleet's records are kept: in memory, in a draft over it, or in a test's world."""

    @property
    def pools(self) -> TableView[Pool]:
        """Every pool."""
        ...

    @property
    def hosts(self) -> TableView[Host]:
        """Every host."""
        ...

    @property
    def deployments(self) -> TableView[Deployment]:
        """Every deployment."""
        ...

    @property
    def assignments(self) -> TableView[Assignment]:
        """Every assignment, ending ones too."""
        ...

    @property
    def volume_homes(self) -> TableView[VolumeHome]:
        """Where slots have their named volumes."""
        ...

    @property
    def keys(self) -> TableView[Key]:
        """Every key of the key/value store."""
        ...

    @property
    def observed(self) -> Observed:
        """What agents report."""
        ...

    @property
    def planned(self) -> Planned:
        """What plans left behind."""
        ...

    @property
    def settings(self) -> Settings:
        """The instance's settings."""
        ...


class Fleet:
    """What is wanted, observed and planned: live, or as an uncommitted draft would make it."""

    def __init__(self, tables: FleetTables) -> None:
        self.pools = tables.pools
        self.hosts = tables.hosts
        self.deployments = tables.deployments
        self.assignments = tables.assignments
        self.volume_homes = tables.volume_homes
        self.keys = tables.keys
        self.observed = tables.observed
        self.planned = tables.planned
        self.settings = tables.settings

    def assignments_of(self, deployment_id: DeploymentId) -> list[Assignment]:
        """Return every assignment of a deployment, ending ones too."""
        return self.assignments.find("deployment", deployment_id)

    def assignments_on(self, host_id: HostId) -> list[Assignment]:
        """Return every assignment on a host, ending ones too."""
        return self.assignments.find("host", host_id)

    def hosts_in(self, pool_id: PoolId) -> list[Host]:
        """Return the hosts of a pool by name, so that ties fall the same way each time."""
        return sorted(self.hosts.find("pool", pool_id), key=lambda host: (host.name, host.id))

    def status_of(self, host_id: HostId) -> HostStatus:
        """Return what is observed of a host; unknown when nothing is."""
        return self.observed.hosts.get(host_id) or HostStatus(host_id=host_id)

    def report_of(self, assignment_id: AssignmentId) -> ContainerReport | None:
        """Return the latest report about an assignment, or none."""
        return self.observed.reports.get(assignment_id)
