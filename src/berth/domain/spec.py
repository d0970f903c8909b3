"""A service, parsed: what each of its slots shall be, and the rules for placing them."""

import hashlib
import re
from typing import Literal

import msgspec

from berth.domain.ids import ServiceKey
from berth.domain.states import Availability, Policy

#: Pattern of deployment, definition and pool ids.
ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


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
    pid_mode: str = ""
    ipc_mode: str = ""
    mac_address: str = ""
    extra_hosts: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
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
    cpus: float = 0.0
    cpu_shares: int = 0
    cpuset: str = ""
    pids_limit: int = 0
    shm_bytes: int = 0
    log: LogSpec | None = None
    #: False uses an image that the host has already, without asking the registry.
    pull: bool = True
    #: False leaves a container that ends where it is: a run-once service.
    restart: bool = True

    @property
    def static_ports(self) -> tuple[PortSpec, ...]:
        """Ports with a fixed host port."""
        return tuple(port for port in self.ports if port.host is not None)

    @property
    def has_home(self) -> bool:
        """Whether it writes to a named volume, which ties a slot to the host that holds it."""
        return any(m.kind == "volume" and m.source and not m.read_only for m in self.mounts)

    @property
    def exclusive(self) -> bool:
        """Whether two generations of one slot cannot run side by side on a host."""
        return bool(
            self.static_ports
            or self.container_name
            or self.network_mode == "host"
            or self.devices
            or self.has_home
        )


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
    #: Tags that a host must bear.
    required_tags: tuple[str, ...] = ()


class ServiceSpec(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One service of a definition, parsed."""

    key: ServiceKey
    container: ContainerSpec
    placement: PlacementRules = PlacementRules()
    description: str = ""
    #: Start order inside a stack.
    phase: int = 0


def hash_spec(container: ContainerSpec, nonce: str = "") -> str:
    """Give the fingerprint that tells an up-to-date container from an outdated one.

    ``nonce`` is the deployment's restart nonce: a new one makes every container outdated.
    """
    body = msgspec.json.encode(container, order="sorted") + b"\0" + nonce.encode()
    return hashlib.sha256(body).hexdigest()[:32]
