"""Docker Swarm on the engines of a bed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import quote

import msgspec

from bench.containers import remove_containers, wait_empty
from bench.engine_api import EngineApi, EngineError
from bench.waiting import seconds_until
from testbed import Bed, BedError, Host, wait_until

SERVICE = "fleet"
_TIMEOUT_S = 180.0


class _Descriptor(msgspec.Struct):
    digest: str


class _Distribution(msgspec.Struct):
    Descriptor: _Descriptor


class _ServiceStatus(msgspec.Struct):
    RunningTasks: int


class _Service(msgspec.Struct):
    ServiceStatus: _ServiceStatus | None = None


class _Status(msgspec.Struct):
    State: str


class _ContainerStatus(msgspec.Struct):
    ContainerID: str = ""


class _TaskStatus(_Status):
    ContainerStatus: _ContainerStatus | None = None


class SwarmTask(msgspec.Struct):
    """A replica as the swarm's manager sees it."""

    ID: str
    Status: _TaskStatus
    Slot: int = 0
    NodeID: str = ""

    @property
    def container_id(self) -> str:
        """The container; empty while there is none."""
        found = self.Status.ContainerStatus
        return found.ContainerID if found else ""


class _NodeDescription(msgspec.Struct):
    Hostname: str


class _Node(msgspec.Struct):
    ID: str
    Status: _Status
    Description: _NodeDescription | None = None


class Swarm:
    """A swarm of all hosts, whose first one is its manager; it exists inside `running`."""

    name = "Docker Swarm"

    def __init__(self, bed: Bed, image: str) -> None:
        self._bed = bed
        self._image = image
        self._manager: EngineApi | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Form the swarm, and dissolve it at the end."""
        first, *others = self._bed.hosts
        # A host of a bed has several addresses, its bridges' among them: name the one to use.
        own = ["--advertise-addr", first.ip, "--listen-addr", f"{first.ip}:2377"]
        first.docker("swarm", "init", *own)
        try:
            token = first.docker("swarm", "join-token", "--quiet", "worker")
            for host in others:
                own = ["--advertise-addr", host.ip, "--listen-addr", f"{host.ip}:2377"]
                host.docker("swarm", "join", "--token", token, *own, f"{first.ip}:2377")
            self._manager = EngineApi(first)
            wait_until(
                lambda: len(self._ready_nodes()) == len(self._bed.hosts), 30, what="the swarm"
            )
            yield
        finally:
            self._dissolve(self._bed.hosts)

    def start(self, replicas: int) -> float:
        """Create the service and return the seconds until all replicas run.

        These are the two requests of `docker service create --detach --replicas N IMAGE`: the
        client asks for the image's digest and puts it behind the name.
        """
        manager = self._get_manager()
        since = time.monotonic()
        path = f"/distribution/{self._image}/json"
        digest = manager.call("GET", path, answer=_Distribution).Descriptor.digest
        spec = {
            "Name": SERVICE,
            "TaskTemplate": {"ContainerSpec": {"Image": f"{self._image}@{digest}"}},
            "Mode": {"Replicated": {"Replicas": replicas}},
        }
        manager.call("POST", "/services/create", body=spec)
        return seconds_until(
            lambda: self._running_tasks() == replicas,
            since=since,
            timeout=_TIMEOUT_S,
            what=f"the swarm to run {replicas} replicas",
        )

    def remove(self) -> None:
        """Remove the service and wait until its containers are gone."""
        self._get_manager().call("DELETE", f"/services/{SERVICE}")
        wait_empty(self._bed.hosts, _TIMEOUT_S)

    def tasks(self) -> list[SwarmTask]:
        """Return the replicas that shall run, as `docker service ps` lists them."""
        wanted = quote(json.dumps({"service": [SERVICE], "desired-state": ["running"]}))
        path = f"/tasks?filters={wanted}"
        return self._get_manager().call("GET", path, answer=list[SwarmTask])

    def node_id(self, host: Host) -> str:
        """Return the id under which the swarm knows a host."""
        for node in self._nodes():
            if node.Description and node.Description.Hostname == host.name:
                return node.ID
        raise BedError(f"The swarm does not know {host.name}.")

    def wait_ready(self) -> None:
        """Wait until the swarm sees all hosts."""
        everyone = len(self._bed.hosts)
        wait_until(
            lambda: len(self._ready_nodes()) == everyone, _TIMEOUT_S, what="the swarm's nodes"
        )

    def _running_tasks(self) -> int:
        path = "/services?status=true"
        services = self._get_manager().call("GET", path, answer=list[_Service])
        return sum(s.ServiceStatus.RunningTasks for s in services if s.ServiceStatus)

    def _nodes(self) -> list[_Node]:
        return self._get_manager().call("GET", "/nodes", answer=list[_Node])

    def _ready_nodes(self) -> list[_Node]:
        return [node for node in self._nodes() if node.Status.State == "ready"]

    def _get_manager(self) -> EngineApi:
        if self._manager is None:
            raise BedError("There is no swarm: use `with swarm.running()`.")
        return self._manager

    def _dissolve(self, hosts: Sequence[Host]) -> None:
        """Let all hosts leave, the manager last, and remove what they ran."""
        if self._manager is not None:
            self._manager.close()
            self._manager = None
        for host in reversed(hosts):
            engine = EngineApi(host)
            try:
                engine.call("POST", "/swarm/leave?force=true")
            except EngineError as error:
                if ": 503 " not in str(error):  # it is no member
                    raise
            finally:
                engine.close()
        remove_containers(hosts)
