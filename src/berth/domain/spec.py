"""A service, parsed: what each of its slots shall be, and the rules for placing them."""

import hashlib
import re
from typing import Literal

import msgspec

from berth.domain.ids import ServiceKey
from berth.domain.states import Availability, Policy

#: Longest deployment, definition and pool id, in characters.
MAX_ID = 128
#: Their pattern, and that of services' names.
ID_PATTERN = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_ID - 1}}}")
#: Longest tag of a host or pool, in characters.
MAX_TAG = 64
TAG_PATTERN = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_TAG - 1}}}")
#: Label of the check that the engine carries out; no variable ``OCCS_HEALTHCHECK_<LABEL>`` has it.
ENGINE_CHECK = ""

#: A container's spec is no larger, and its template functions add no more than this again: what an
#: agent is sent of one assignment fits into a frame.
MAX_SPEC_BYTES = 2 * 1024 * 1024


def describe_excess(name: str, *, longest: int) -> str:
    """Return how a message about a refused name ends when it is too long; "" when it is not."""
    if len(name) <= longest:
        return ""
    return f"; it has {len(name)} characters, at most {longest} are allowed"


class PortSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """One published port."""

    container: int
    protocol: Literal["tcp", "udp", "sctp"] = "tcp"
    #: None leaves the choice to the engine.
    host: int | None = None
    #: Address on the host to bind; "" means all.
    ip: str = ""


class MountSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something mounted into the container."""

    kind: Literal["bind", "volume", "tmpfs"]
    target: str
    #: Host path of a bind, name of a volume; "" makes an anonymous volume.
    source: str = ""
    read_only: bool = False
    #: Bind propagation, such as ``rslave``; "" is the engine's default.
    propagation: str = ""
    #: SELinux label of a bind: ``z`` shared, ``Z`` private.
    relabel: Literal["", "z", "Z"] = ""
    #: Of a volume: start empty, without what the image has there.
    no_copy: bool = False
    #: Folder inside a volume; "" is its root.
    subpath: str = ""
    #: Of a tmpfs; 0 means no limit.
    tmpfs_bytes: int = 0
    tmpfs_mode: int = 0
    #: Further options in the words of ``mount``, such as ``exec`` and ``uid=1000``.
    tmpfs_options: tuple[str, ...] = ()


class NetworkSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """A network of the deployment on the container's host, and how others find it there."""

    name: str
    aliases: tuple[str, ...] = ()


class LinkSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """Another service of the text, and the name under which it is reached on the same host."""

    service: ServiceKey
    alias: str


class UlimitSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """A limit of the processes in the container; -1 means none."""

    name: str
    soft: int
    hard: int


class DeviceRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """Devices that a driver of the engine hands out, such as GPUs."""

    driver: str = ""
    #: -1 means all; 0 when ``ids`` name them.
    count: int = 0
    ids: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()


class Probe(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One check of a container by its agent; times in seconds."""

    label: str
    kind: Literal["http", "https", "tcp", "script", "image"]
    #: Host of the URL; "" means this container.
    host: str = ""
    port: int = 0
    #: Path and query of an HTTP probe, path of a script.
    path: str = ""
    #: Command of an ``image`` probe as the engine takes it (``CMD``, ``CMD-SHELL``); () uses the
    #: image's own.
    test: tuple[str, ...] = ()
    interval_s: float = 30.0
    timeout_s: float = 10.0
    retries: int = 3
    start_period_s: float = 60.0


class LogSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the engine sends a container's output."""

    driver: str
    options: tuple[tuple[str, str], ...] = ()


class ContainerSpec(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Everything of a service that an engine must know; its hash decides what is outdated.

    A member left at its default does not take part in the hash, so new members do not make
    running containers outdated.
    """

    image: str
    #: None uses the image's own.
    command: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    environment: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    ports: tuple[PortSpec, ...] = ()
    #: Container ports as ``80/tcp`` that are documented but not published.
    expose: tuple[str, ...] = ()
    mounts: tuple[MountSpec, ...] = ()
    #: "" uses the container's name.
    hostname: str = ""
    domainname: str = ""
    #: A fixed name; exclusive to a host, like a static port.
    container_name: str = ""
    user: str = ""
    working_dir: str = ""
    network_mode: str = ""
    networks: tuple[NetworkSpec, ...] = ()
    links: tuple[LinkSpec, ...] = ()
    #: Containers of the host, whoever made them, and how they are called inside: ``name:alias``.
    external_links: tuple[str, ...] = ()
    #: Services of the text, or ``container:<name>``, whose volumes are mounted too; ``:ro`` may follow.
    volumes_from: tuple[str, ...] = ()
    pid_mode: str = ""
    ipc_mode: str = ""
    mac_address: str = ""
    extra_hosts: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    dns_options: tuple[str, ...] = ()
    group_add: tuple[str, ...] = ()
    sysctls: tuple[tuple[str, str], ...] = ()
    ulimits: tuple[UlimitSpec, ...] = ()
    userns_mode: str = ""
    uts_mode: str = ""
    cgroup_mode: str = ""
    cgroup_parent: str = ""
    device_requests: tuple[DeviceRequest, ...] = ()
    device_cgroup_rules: tuple[str, ...] = ()
    oom_kill_disable: bool = False
    oom_score_adj: int = 0
    storage_options: tuple[tuple[str, str], ...] = ()
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    privileged: bool = False
    init: bool = False
    tty: bool = False
    stdin_open: bool = False
    read_only: bool = False
    stop_signal: str = ""
    #: None uses the instance's setting ``stop_grace_s``.
    stop_grace_s: float | None = None
    memory_bytes: int = 0
    #: Memory plus swap; -1 means unlimited swap.
    memory_swap_bytes: int = 0
    memory_reservation_bytes: int = 0
    #: 0 to 100; None is the engine's default.
    memory_swappiness: int | None = None
    cpus: float = 0.0
    cpu_period_us: int = 0
    cpu_quota_us: int = 0
    #: Reserved for placement; the engine knows nothing of it.
    cpus_reservation: float = 0.0
    cpu_shares: int = 0
    cpuset: str = ""
    pids_limit: int = 0
    shm_bytes: int = 0
    log: LogSpec | None = None
    #: False uses an image that the host has already, without asking the registry.
    pull: bool = True
    #: False leaves a container that ends where it is: a run-once service.
    restart: bool = True
    #: Of a run-once service: further attempts after one that ended badly; -1 means no end of them.
    retries: int = 0
    #: Checks by the agent; () with ``image_probe`` means the image's own, if any.
    probes: tuple[Probe, ...] = ()
    #: False ignores a HEALTHCHECK of the image.
    image_probe: bool = True

    @property
    def static_ports(self) -> tuple[PortSpec, ...]:
        """Ports with a fixed host port."""
        return tuple(port for port in self.ports if port.host is not None)

    @property
    def pins_image(self) -> bool:
        """Whether the tag of its image is looked up once, and the digest that it had then is kept.

        Not where an image that is there will do, nor where the text asks in the old way for a pull
        at each creation.
        """
        return self.pull and all(name != "OCCS_PULL_ON_CREATE" for name, _ in self.environment)

    @property
    def agent_probes(self) -> tuple[Probe, ...]:
        """Checks that the agent carries out; the engine does those of an image."""
        return tuple(probe for probe in self.probes if probe.kind != "image")

    @property
    def volume_sources(self) -> tuple[ServiceKey, ...]:
        """Services of the text whose volumes are mounted too; their containers are on the same host."""
        names = (text.removesuffix(":ro") for text in self.volumes_from)
        return tuple(ServiceKey(name) for name in names if not name.startswith("container:"))

    @property
    def has_home(self) -> bool:
        """Whether it writes to a named volume, which ties a slot to the host that holds it."""
        return any(m.kind == "volume" and m.source and not m.read_only for m in self.mounts)

    @property
    def linked_containers(self) -> tuple[str, ...]:
        """Names of the containers of the host that it links, whoever made them."""
        return tuple(text.rpartition(":")[0] for text in self.external_links)

    @property
    def named_volumes(self) -> frozenset[str]:
        """Names of the volumes that it mounts."""
        return frozenset(m.source for m in self.mounts if m.kind == "volume" and m.source)

    @property
    def is_job(self) -> bool:
        """Whether its first end counts: it is not replaced, not even after it ended badly.

        With ``on-failure`` a service may be meant to run for ever, and mostly is.
        """
        return not self.restart and not self.retries

    @property
    def exclusive(self) -> bool:
        """Whether two generations of one slot cannot run side by side on a host."""
        return bool(self.exclusive_to_host)

    @property
    def exclusive_to_host(self) -> str:
        """What only one generation of a slot can have on a host; "" for nothing."""
        held = (
            (self.static_ports, "its host port"),
            (self.container_name, "its container_name"),
            (self.network_mode == "host", "the network of the host"),
            (self.devices, "its devices"),
            (self.has_home, "the volume that it writes to"),
        )
        return next((name for holds, name in held if holds), "")


class PlacementRules(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Where the slots of a service may run; no part of the hash."""

    availability: Availability = Availability.PER_POOL
    #: The tag for ``per-tag``.
    tag: str = ""
    policy: Policy = Policy.RANDOM
    #: Hostname or host id that every slot must be on; "" means any.
    hostname: str = ""
    #: Hostnames that no slot may be on.
    not_hostnames: tuple[str, ...] = ()
    #: Tags that a host must have.
    required_tags: tuple[str, ...] = ()


class Dependency(msgspec.Struct, frozen=True, omit_defaults=True):
    """A service that must have come so far before this one starts."""

    service: ServiceKey
    condition: Literal["started", "healthy", "completed"] = "started"


class UpdatePolicy(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How the slots of a service are replaced; times in seconds."""

    #: Slots at a time; 0 means all.
    parallelism: int = 1
    #: Wait between one batch and the next.
    delay_s: float = 0.0
    #: "" starts first where ports and volumes allow it.
    order: Literal["", "start-first", "stop-first"] = ""
    on_failure: Literal["rollback", "pause", "continue"] = "rollback"
    #: A new container that fails within this time counts as a failure of the update.
    monitor_s: float = 0.0
    #: Share of the slots that may fail.
    max_failure_ratio: float = 0.0


class TemplateUses(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the template functions of a service need of the outside; follows from its texts."""

    #: Keys without which no container is made, and all that are read.
    needs_keys: tuple[str, ...] = ()
    reads_keys: tuple[str, ...] = ()
    #: Services and their ports, as ``db:3306``, that are reached through the host's proxy.
    proxies: tuple[str, ...] = ()
    #: Whether the bearer token of the deployment's user is shown.
    shows_token: bool = False


class ServiceSpec(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One service of a definition, parsed."""

    key: ServiceKey
    container: ContainerSpec
    placement: PlacementRules = PlacementRules()
    description: str = ""
    #: Start order inside a stack.
    phase: int = 0
    depends_on: tuple[Dependency, ...] = ()
    update: UpdatePolicy = UpdatePolicy()
    rollback: UpdatePolicy = UpdatePolicy()
    #: Slots unless the deployment sets another number; None is 1.
    replicas: int | None = None
    #: Names of volumes that a host must have already: nobody makes them.
    external_volumes: tuple[str, ...] = ()
    uses: TemplateUses = TemplateUses()

    @property
    def quantity(self) -> int:
        """Slots that the text asks for."""
        return 1 if self.replicas is None else self.replicas

    @property
    def starts_after(self) -> tuple[ServiceKey, ...]:
        """Services that start before this one, whatever their phase."""
        named = (each.service for each in self.depends_on)
        return tuple(dict.fromkeys((*named, *self.container.volume_sources)))

    @property
    def linked(self) -> tuple[ServiceKey, ...]:
        """Services that it has links to; they start before it, where their phase allows it."""
        return tuple(dict.fromkeys(link.service for link in self.container.links))


def hash_spec(container: ContainerSpec, nonce: str = "") -> str:
    """Return the fingerprint that differs between an up-to-date container and an outdated one.

    ``nonce`` is the deployment's restart nonce: a new one makes every container outdated.
    """
    body = msgspec.json.encode(container, order="sorted") + b"\0" + nonce.encode()
    return hashlib.sha256(body).hexdigest()[:32]
