"""Builders of requests, the list of all calls, and waiting for what an engine shall do."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from berth.agent.engine.protocol import ContainerRequest, Engine, NetworkRequest
from berth.domain.errors import EngineError
from berth.domain.ids import ContainerId
from berth.domain.observed import EngineContainer, EngineEvent, LogQuery
from berth.domain.spec import ContainerSpec, LogSpec, MountSpec, PortSpec, UlimitSpec

#: Longest wait for anything that is not about time.
DEADLINE_S = 15.0

NOBODY = ContainerId("0123456789abcdef" * 4)
_numbers = itertools.count(1)

Call = Callable[[Engine, ContainerId], Awaitable[object]]


def a_request(image: str, *, name: str = "", **spec: object) -> ContainerRequest:
    """Ask for a container without a network, unless the spec has ports."""
    if not spec.get("ports"):
        spec.setdefault("network_mode", "none")
    name = name or f"contract-{next(_numbers)}"
    return ContainerRequest(
        name=name,
        hostname=name,
        spec=ContainerSpec(image=image, **spec),  # type: ignore[arg-type]
        labels={"berth.assignment": "a1"},
    )


def a_network(subnet: str, *, name: str = "") -> NetworkRequest:
    """Ask for a network."""
    name = name or f"contract-{next(_numbers)}"
    return NetworkRequest(name=name, subnet=subnet, labels={"berth.deployment": "shop"})


def a_rich_spec() -> dict[str, object]:
    """Return a value to nearly every member of a spec."""
    return {
        "command": ("sh", "-c", "sleep 1000"),
        "environment": (("COLOUR", "blue"),),
        "ports": (PortSpec(80), PortSpec(81, "udp", 18081, "127.0.0.1")),
        "expose": ("90",),
        "mounts": (
            MountSpec("bind", "/mnt/host", "/tmp", read_only=True),
            MountSpec("volume", "/mnt/volume", "contract"),
            MountSpec("volume", "/mnt/anonymous"),
            MountSpec("tmpfs", "/mnt/memory"),
            MountSpec("tmpfs", "/mnt/still", read_only=True),
            MountSpec("tmpfs", "/mnt/small", tmpfs_bytes=1 << 20, tmpfs_mode=0o700),
            MountSpec("bind", "/mnt/spread", "/usr", propagation="rprivate"),
        ),
        "hostname": "h" * 80,
        "domainname": "example.org",
        "user": "0",
        "working_dir": "/tmp",
        "pid_mode": "host",
        "ipc_mode": "private",
        "mac_address": "02:42:ac:11:00:77",
        "extra_hosts": ("db:10.0.0.9",),
        "dns": ("10.0.0.53",),
        "dns_search": ("example.org",),
        "dns_options": ("ndots:1",),
        "group_add": ("8",),
        "sysctls": (("kernel.shm_rmid_forced", "0"),),
        "ulimits": (UlimitSpec("nofile", 1024, 2048),),
        "cgroup_mode": "private",
        "oom_score_adj": 500,
        "cap_add": ("NET_ADMIN",),
        "cap_drop": ("MKNOD",),
        "security_opt": ("no-new-privileges",),
        "devices": ("/dev/null:/dev/nothing:rw",),
        "tty": True,
        "stdin_open": True,
        "read_only": True,
        "stop_signal": "SIGKILL",
        "stop_grace_s": 2.5,
        "memory_bytes": 64 << 20,
        "memory_swap_bytes": 128 << 20,
        "memory_reservation_bytes": 32 << 20,
        "cpus": 0.5,
        "cpu_shares": 512,
        "cpuset": "0",
        "pids_limit": 50,
        "shm_bytes": 16 << 20,
        "log": LogSpec("json-file", (("max-size", "1m"),)),
    }


async def error_of(call: Awaitable[object]) -> type[EngineError] | None:
    """Await a call and give the kind of its error, None when it succeeds."""
    try:
        await call
    except EngineError as error:
        return type(error)
    return None


async def run(engine: Engine, image: str, **spec: object) -> ContainerId:
    """Create and start a container."""
    container_id = await engine.create(a_request(image, **spec))
    await engine.start(container_id)
    return container_id


async def find(engine: Engine, container_id: ContainerId) -> EngineContainer | None:
    """Look a container up in the engine's list."""
    listed = {container.id: container for container in await engine.list_containers()}
    return listed.get(container_id)


async def state_of(engine: Engine, container_id: ContainerId) -> str:
    """Return a container's state, "" when there is none."""
    container = await find(engine, container_id)
    return container.state if container else ""


async def wait_for_state(engine: Engine, container_id: ContainerId, *, state: str) -> None:
    """Wait until a container is in a state."""
    async with asyncio.timeout(DEADLINE_S):
        while await state_of(engine, container_id) != state:  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.01)


async def next_event(events: AsyncIterator[EngineEvent], action: str, *, of: str) -> EngineEvent:
    """Wait for an event, passing over others."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            event = await anext(events)
            if (event.action, event.subject) == (action, of):
                return event


async def read_log(
    engine: Engine, container_id: ContainerId, *, query: LogQuery | None = None
) -> list[tuple[str, str]]:
    """Return the lines of a container's log: stream, and time with text."""
    return [
        (chunk.stream, line)
        async for chunk in engine.logs(container_id, query or LogQuery())
        for line in chunk.data.decode().splitlines()
    ]


async def _follow(engine: Engine, container_id: ContainerId) -> None:
    async with engine.events():
        pass


#: Calls that name a container.
CONTAINER_CALLS: Mapping[str, Call] = {
    "inspect": lambda engine, it: engine.inspect(it),
    "start": lambda engine, it: engine.start(it),
    "stop": lambda engine, it: engine.stop(it, grace_s=0.0),
    "kill": lambda engine, it: engine.kill(it),
    "restart": lambda engine, it: engine.restart(it, grace_s=0.0),
    "pause": lambda engine, it: engine.pause(it),
    "unpause": lambda engine, it: engine.unpause(it),
    "rename": lambda engine, it: engine.rename(it, "another-name"),
    "logs": read_log,
    "execute": lambda engine, it: engine.execute(it, ("true",), deadline_s=0.3),
}
#: All other calls that ask the engine for something.
OTHER_CALLS: Mapping[str, Call] = {
    "ping": lambda engine, it: engine.ping(),
    "info": lambda engine, it: engine.info(),
    "list": lambda engine, it: engine.list_containers(),
    "create": lambda engine, it: engine.create(a_request("busybox:1")),
    "remove": lambda engine, it: engine.remove(it),
    "pull": lambda engine, it: engine.pull("busybox:1", deadline_s=0.3),
    "find_image": lambda engine, it: engine.find_image("busybox:1"),
    "list_images": lambda engine, it: engine.list_images(),
    "inspect_image": lambda engine, it: engine.inspect_image("busybox:1"),
    "read_history": lambda engine, it: engine.read_history("busybox:1"),
    "push": lambda engine, it: engine.push("busybox:1", deadline_s=0.3),
    "tag_image": lambda engine, it: engine.tag_image("busybox:1", "busybox:2"),
    "remove_image": lambda engine, it: engine.remove_image("busybox:1"),
    "events": _follow,
    "list_networks": lambda engine, it: engine.list_networks(),
    "create_network": lambda engine, it: engine.create_network(a_network("10.211.9.0/26")),
    "remove_network": lambda engine, it: engine.remove_network("nothing"),
}
ALL_CALLS = {**CONTAINER_CALLS, **OTHER_CALLS}
