"""A draft and a user who asks for changes of one deployment, for the tests of control."""

import itertools
from collections.abc import Iterator

from berth.control.definitions.texts import GivenText, Text, read_text
from berth.control.deployments.change import (
    DeploymentChange,
    change_deployment,
    start_deployment,
    stop_deployment,
)
from berth.control.deployments.lifecycle import NewDeployment, create_deployment
from berth.control.deployments.restart import restart_deployment
from berth.control.pools import create_shipped_pools
from berth.domain.fleet import HostStatus
from berth.domain.ids import AssignmentId, DeploymentId, HostId, PoolId, ServiceKey, TaskId
from berth.domain.origin import Origin
from berth.domain.records import Assignment, Deployment, Host, Instance
from berth.domain.spec import ContainerSpec
from berth.domain.states import HostState, Intent
from berth.store.draft import Draft
from berth.store.memory import Memory

ONE = "services:\n  web:\n    image: nginx\n"
TWO = ONE + "  db:\n    image: redis\n"


def text(content: str = ONE) -> Text:
    """Parse a text."""
    return read_text(GivenText(content=content))


class Desk:
    """A draft and a user who asks for changes of one deployment."""

    def __init__(self) -> None:
        instance = Instance(id="i", epoch=3, revision_reserved=0, created_at=0.0)  # type: ignore[arg-type]
        self.draft = Draft(Memory(instance), now=1000.0)
        create_shipped_pools(self.draft)
        self._ids: Iterator[int] = itertools.count(1)

    def origin(self) -> Origin:
        """Return an origin with the next task id: t1, t2 ..."""
        return Origin(user="ada", task_id=TaskId(f"t{next(self._ids)}"))

    def create(self, content: str = ONE, **members: object) -> Deployment:
        """Make the deployment ``app``."""
        new = NewDeployment(text=text(content), deployment_id="app", **members)  # type: ignore[arg-type]
        return create_deployment(self.draft, new, origin=self.origin())

    def change(self, **members: object) -> Deployment:
        """Change it, one second later."""
        self.draft.now += 1
        change = DeploymentChange(**members)  # type: ignore[arg-type]
        return change_deployment(self.draft, "app", change=change, origin=self.origin())

    def stop(self) -> Deployment:
        """Stop it, one second later."""
        self.draft.now += 1
        return stop_deployment(self.draft, "app", origin=self.origin())

    def start(self) -> Deployment:
        """Start it, one second later."""
        self.draft.now += 1
        return start_deployment(self.draft, "app", change=DeploymentChange(), origin=self.origin())

    def restart(self) -> Deployment:
        """Restart it, one second later."""
        self.draft.now += 1
        return restart_deployment(self.draft, "app", origin=self.origin())

    def task(self, task_id: str) -> tuple[str, str, int]:
        """Return kind, status and generation of a task."""
        task = self.draft.tasks.get(task_id)
        assert task is not None
        return task.kind.value, task.status.name, task.generation

    def add_host(self) -> HostId:
        """Add an active host."""
        host = Host(
            id=HostId("h"), name="h", pool_id=PoolId("default"), engine_id="e",
            credential_hash="", created_at=0.0,
        )  # fmt: skip
        self.draft.hosts.put(host)
        self.draft.observed.hosts[host.id] = HostStatus(host_id=host.id, state=HostState.ACTIVE)
        return host.id

    def assign(self, intent: Intent = Intent.RUN) -> None:
        """Let slot 0 be on an active host."""
        self.draft.assignments.put(
            Assignment(
                id=AssignmentId("a"), deployment_id=DeploymentId("app"), slot=0,
                service=ServiceKey("web"), host_id=self.add_host(), spec=ContainerSpec(image="nginx"),
                spec_hash="", created_at=0.0, intent=intent,
            )
        )  # fmt: skip
