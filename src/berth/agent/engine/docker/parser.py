"""Reads Docker's JSON: lists of containers, an engine's facts, counters, events."""

import ipaddress
from collections.abc import AsyncGenerator, AsyncIterator

import msgspec

from berth.agent.engine.protocol import ContainerCounters
from berth.domain.bindings import fold_bindings
from berth.domain.errors import EngineError, EngineUnreachable
from berth.domain.ids import ContainerId
from berth.domain.observed import EngineContainer, EngineEvent, EngineInfo, PortBinding

#: Actions that say something about the state of a container or an image.
CONTAINER_ACTIONS = (
    "create", "start", "die", "stop", "kill", "destroy", "rename", "pause", "unpause", "oom",
    "health_status",
)  # fmt: skip
IMAGE_ACTIONS = ("pull", "delete", "tag", "untag", "load", "import")

#: Value of the query member ``filters``: the engine sends nothing else.
EVENT_FILTER = msgspec.json.encode(
    {"type": ["container", "image"], "event": [*CONTAINER_ACTIONS, *IMAGE_ACTIONS]}
).decode()


class _Port(msgspec.Struct):
    ip: str = msgspec.field(name="IP", default="")
    private: int = msgspec.field(name="PrivatePort", default=0)
    public: int = msgspec.field(name="PublicPort", default=0)
    type: str = msgspec.field(name="Type", default="tcp")


class _Listed(msgspec.Struct, rename="pascal"):
    id: str
    names: list[str] | None = None
    image: str = ""
    image_id: str = msgspec.field(name="ImageID", default="")
    command: str | list[str] | None = None
    created: float = 0.0
    ports: list[_Port] | None = None
    labels: dict[str, str] | None = None
    state: str = ""
    status: str = ""


class _Info(msgspec.Struct, rename="pascal"):
    id: str = msgspec.field(name="ID", default="")
    name: str = ""
    server_version: str = ""
    operating_system: str = ""
    kernel_version: str = ""
    cpus: int = msgspec.field(name="NCPU", default=1)
    mem_total: int = 0
    images: int = 0
    containers_running: int = 0
    docker_root_dir: str = ""
    #: Podman names its own version of Buildah here; Docker has no such member.
    buildah_version: str = ""


class _Actor(msgspec.Struct):
    id: str = msgspec.field(name="ID", default="")
    attributes: dict[str, str] | None = msgspec.field(name="Attributes", default=None)


class _Event(msgspec.Struct):
    type: str = msgspec.field(name="Type", default="")
    action: str = msgspec.field(name="Action", default="")
    actor: _Actor = msgspec.field(name="Actor", default_factory=_Actor)
    time: float = 0.0
    time_nano: int = msgspec.field(name="timeNano", default=0)


_containers = msgspec.json.Decoder(list[_Listed])
_event = msgspec.json.Decoder(_Event)


def parse_containers(body: bytes) -> list[EngineContainer]:
    """Read the answer of ``GET /containers/json``; raises msgspec.DecodeError."""
    return [_from_listed(listed) for listed in _containers.decode(body)]


class _Subnet(msgspec.Struct, rename="pascal"):
    subnet: str = ""
    gateway: str = ""


class _Addresses(msgspec.Struct, rename="pascal"):
    config: list[_Subnet] | None = None


class _Network(msgspec.Struct):
    addresses: _Addresses = msgspec.field(name="IPAM", default_factory=_Addresses)


def parse_gateway(body: bytes) -> str:
    """Read the host's IPv4 address from the answer of ``GET /networks/bridge``; "" without one.

    Docker up to 23 names the address only where it was chosen for it; else it takes the first.
    """
    for each in msgspec.json.decode(body, type=_Network).addresses.config or []:
        if "." in each.gateway:
            return each.gateway
        if "." in each.subnet and not each.gateway:
            return _first_address(each.subnet)
    return ""


def _first_address(subnet: str) -> str:
    try:
        return str(ipaddress.IPv4Network(subnet, strict=False).network_address + 1)
    except ValueError:
        return ""


def parse_info(
    body: bytes, *, api: tuple[int, int], engine: str, bridge_address: str = ""
) -> EngineInfo:
    """Read the answer of ``GET /info``; ``engine`` is the product, Docker or Podman."""
    info = msgspec.json.decode(body, type=_Info)
    return EngineInfo(
        # Podman has no id of its own before 4.0; its host's name is the best there is.
        id=info.id or info.name,
        name=engine,
        version=info.server_version,
        api_version="{}.{}".format(*api),
        os=info.operating_system,
        kernel=info.kernel_version,
        cpus=info.cpus,
        memory_bytes=info.mem_total,
        images=info.images,
        running=info.containers_running,
        bridge_address=bridge_address,
        root_dir=info.docker_root_dir,
    )


def parse_event(line: bytes) -> EngineEvent | None:
    """Read a line of ``GET /events``; None when it is of no interest."""
    event = _event.decode(line)
    # Docker appends a detail to some actions: ``health_status: healthy``.
    action, _, detail = event.action.partition(":")
    attributes = event.actor.attributes or {}
    time = event.time_nano / 1e9 if event.time_nano else event.time
    if event.type == "container" and action in CONTAINER_ACTIONS:
        if detail:
            attributes = {**attributes, action: detail.strip()}
        return EngineEvent(
            kind="container",
            action=action,
            subject=event.actor.id,
            attributes=attributes,
            time=time,
        )
    if event.type == "image" and action in IMAGE_ACTIONS:
        name = event.actor.id
        if name.startswith("sha256:"):
            name = attributes.get("name") or name
        return EngineEvent(
            kind="image", action=action, subject=name, attributes=attributes, time=time
        )
    return None


def _from_listed(listed: _Listed) -> EngineContainer:
    command = listed.command or ""
    return EngineContainer(
        id=ContainerId(listed.id),
        name=_own_name(listed.names or []),
        image=listed.image,
        image_id=listed.image_id,
        state=listed.state,
        status=listed.status,
        command=command if isinstance(command, str) else " ".join(command),
        created_at=listed.created,
        labels=listed.labels or {},
        ports=fold_bindings(
            PortBinding(port.private, port.type, port.public, port.ip)
            for port in listed.ports or []
            if port.public
        ),
    )


def _own_name(names: list[str]) -> str:
    # A link adds ``/other/alias`` to the list.
    for name in names:
        if name.count("/") <= 1:
            return name.removeprefix("/")
    return names[0].removeprefix("/") if names else ""


class _CpuUsage(msgspec.Struct):
    total_usage: int = 0


class _Cpu(msgspec.Struct):
    cpu_usage: _CpuUsage = msgspec.field(default_factory=_CpuUsage)


class _Memory(msgspec.Struct):
    usage: int = 0
    limit: int = 0
    stats: dict[str, int] = msgspec.field(default_factory=dict)


class _NetworkCounters(msgspec.Struct):
    rx_bytes: int = 0
    tx_bytes: int = 0


class _Transfer(msgspec.Struct):
    op: str = ""
    value: int = 0


class _Block(msgspec.Struct):
    io_service_bytes_recursive: list[_Transfer] | None = None


class _Stats(msgspec.Struct):
    cpu_stats: _Cpu = msgspec.field(default_factory=_Cpu)
    memory_stats: _Memory = msgspec.field(default_factory=_Memory)
    networks: dict[str, _NetworkCounters] | None = None
    blkio_stats: _Block = msgspec.field(default_factory=_Block)


_decoder = msgspec.json.Decoder(_Stats)


def parse_counters(body: bytes) -> ContainerCounters:
    """Read the answer of ``GET /containers/{id}/stats``; raises ValueError.

    Memory is without the page cache that can be dropped, as ``docker stats`` shows it.
    """
    stats = _decoder.decode(body)
    memory, networks = stats.memory_stats, (stats.networks or {}).values()
    cache = memory.stats.get("inactive_file", memory.stats.get("total_inactive_file", 0))
    moved = {"read": 0, "write": 0}
    for transfer in stats.blkio_stats.io_service_bytes_recursive or ():
        if transfer.op.lower() in moved:
            moved[transfer.op.lower()] += transfer.value
    return ContainerCounters(
        cpu_s=stats.cpu_stats.cpu_usage.total_usage / 1e9,
        memory_bytes=max(0, memory.usage - cache),
        memory_limit_bytes=memory.limit,
        received_bytes=sum(each.rx_bytes for each in networks),
        sent_bytes=sum(each.tx_bytes for each in networks),
        read_bytes=moved["read"],
        written_bytes=moved["write"],
    )


class EngineEventStream(AsyncIterator[EngineEvent]):
    """Events of a subscription that stands; ends only by raising EngineUnreachable."""

    def __init__(self, lines: AsyncGenerator[bytes, None], what: str) -> None:
        """Read from ``lines``; ``what`` completes the sentence "cannot ..." in errors."""
        self._lines = lines
        self._what = what

    async def __anext__(self) -> EngineEvent:
        """Wait for the next event of interest."""
        async for line in self._lines:
            try:
                event = parse_event(line)
            except msgspec.MsgspecError as error:
                raise EngineError(
                    f"cannot {self._what}: the engine sent a line that is no event: {error}"
                ) from error
            if event is not None:
                return event
        raise EngineUnreachable(
            f"cannot {self._what}: the engine ended the stream; it stops or restarts"
        )

    async def aclose(self) -> None:
        """Stop reading; the connection is its owner's."""
        await self._lines.aclose()
