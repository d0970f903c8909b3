"""A manager whose memory holds a large fleet: 500 hosts, 10,000 containers with their documents."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import msgspec
import uvloop

from berth.control.hosts.join_token import JoinToken
from berth.definition import parse_definition
from berth.domain.fleet import HostStatus
from berth.domain.ids import AssignmentId, ContainerId, DeploymentId, HostId, PoolId
from berth.domain.observed import (
    ContainerReport,
    EngineContainer,
    HostFacts,
    HostMetrics,
    InventoryItem,
)
from berth.domain.records import Assignment, Deployment, Host
from berth.domain.states import Attempt, HostState, Subtype
from berth.manager import Manager
from berth.runtime.clock import SystemClock
from berth.runtime.ids import new_uuid
from berth.runtime.secrets import Secrets
from berth.store.draft import Draft
from berth.store.store import Store

HOSTS, DEPLOYMENTS, SLOTS = 500, 100, 100
DOCUMENT_BYTES = 4_200
TEXT = "version: 2\nservices:\n  web:\n    image: nginx\n"


def fill_hosts(draft: Draft) -> None:
    """Make the hosts; none expires, since no agent is there."""
    draft.settings = msgspec.structs.replace(draft.settings, host_ttl_s=3600.0)
    for number in range(HOSTS):
        draft.hosts.put(
            Host(
                id=HostId(f"00000000-0000-4000-8000-{number:012}"),
                name=f"host-{number:03}",
                pool_id=PoolId("default"),
                engine_id=f"engine-{number}",
                credential_hash="",
                created_at=draft.now,
            )
        )


def fill_deployments(draft: Draft) -> None:
    """Make the deployments with an assignment for each slot."""
    services = parse_definition(TEXT).services
    hosts = sorted(host.id for host in draft.hosts.values())
    for number in range(DEPLOYMENTS):
        deployment = Deployment(
            id=DeploymentId(f"app-{number:03}"), name=f"app {number}", pool_id=PoolId("default"),
            subtype=Subtype.SERVICE, service_id="web", service_name="web", content=TEXT,
            services=services, quantities={services[0].key: SLOTS}, desired_state=1,
            desired_changed_at=draft.now, created_by="admin", created_at=draft.now,
        )  # fmt: skip
        draft.deployments.put(deployment)
        for slot in range(SLOTS):
            draft.assignments.put(
                Assignment(
                    id=AssignmentId(f"{number:03}-{slot:03}"), deployment_id=deployment.id,
                    service=services[0].key, slot=slot,
                    host_id=hosts[(number * SLOTS + slot) % HOSTS], spec=services[0].container,
                    spec_hash=deployment.hash_of(services[0]), created_at=draft.now,
                )
            )  # fmt: skip


def observe(store: Store) -> None:
    """Let every host be in contact and every container run."""
    observed, now = store.memory.observed, 1_700_000_000.0
    for host in store.memory.hosts.values():
        facts = HostFacts(hostname=host.name, engine_id=host.engine_id, cpus=4,
                          memory_bytes=8 << 30, address="10.0.0.5")  # fmt: skip
        observed.hosts[host.id] = HostStatus(
            host_id=host.id, state=HostState.ACTIVE, last_seen=now, facts=facts,
            metrics=HostMetrics(cpu_percent=3.0),
        )  # fmt: skip
        observed.inventory[host.id] = {}
    for number, assignment in enumerate(store.memory.assignments.values()):
        container_id = ContainerId(f"{number:064x}")
        name = f"{assignment.slot}.web.{assignment.deployment_id}"
        observed.reports[assignment.id] = ContainerReport(
            assignment_id=assignment.id, attempt=1, state=Attempt.RUNNING, agent_epoch=1,
            sequence=number + 1, container_id=container_id, name=name, started_at=now,
        )  # fmt: skip
        container = EngineContainer(id=container_id, name=name, image="nginx", state="running")
        document = _document(container_id, name)
        observed.inventory[assignment.host_id][container_id] = InventoryItem(container, document)


def _document(container_id: str, name: str) -> bytes:
    environment = [f"VARIABLE_{number}=some value of the usual length" for number in range(70)]
    document = {
        "Id": container_id, "Name": f"/{name}", "Created": "2026-01-01T00:00:00Z", "Args": [],
        "Config": {"Image": "nginx", "Env": environment, "Labels": {}}, "State": {"Running": True},
        "HostConfig": {"Binds": []}, "NetworkSettings": {"Ports": {}}, "Mounts": [],
    }  # fmt: skip
    encoded = msgspec.json.encode(document)
    document["Path"] = "x" * max(0, DOCUMENT_BYTES - len(encoded))
    return msgspec.json.encode(document)


async def main(directory: Path) -> None:
    """Serve until the input ends; the first line of output is the address."""
    clock = SystemClock()
    secrets = Secrets.read_or_make(directory)
    store = await Store.open(
        f"sqlite:///{directory}/berth.db", clock=clock, new_instance_id=new_uuid, lock_path=None
    )
    manager = Manager(store, clock=clock, secrets=secrets)
    await manager.seed(directory)
    await store.run(fill_hosts)
    await store.run(fill_deployments)
    observe(store)
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listening.setblocking(False)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, stopped.set)
    await manager.serve(
        listening,
        join_token=JoinToken(directory, None),
        certificates=None,
        stopped=stopped,
        on_ready=lambda url: print(url, flush=True),
    )
    await manager.close()


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
