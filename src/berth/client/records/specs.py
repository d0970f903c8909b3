"""A service as the manager understands its text.

Made from the description of the API by ``script/client_records.py``; not edited by hand.
"""

import msgspec


class PortSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One published port."""

    container: int = 0
    protocol: str = "tcp"
    host: int | None = None
    ip: str = ""


class MountSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Something mounted into the container."""

    kind: str = ""
    target: str = ""
    source: str = ""
    read_only: bool = False
    propagation: str = ""
    relabel: str = ""
    no_copy: bool = False
    subpath: str = ""
    tmpfs_bytes: int = 0
    tmpfs_mode: int = 0
    tmpfs_options: list[str] = []


class NetworkSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A network of the deployment on the container's host, and how others find it there."""

    name: str = ""
    aliases: list[str] = []


class LinkSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Another service of the text, and the name under which it is reached on the same host."""

    service: str = ""
    alias: str = ""


class UlimitSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of the processes in the container; -1 means none."""

    name: str = ""
    soft: int = 0
    hard: int = 0


class DeviceRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Devices that a driver of the engine hands out, such as GPUs."""

    driver: str = ""
    count: int = 0
    ids: list[str] = []
    capabilities: list[str] = []
    options: list[tuple[str, str]] = []


class LogSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Where the engine sends a container's output."""

    driver: str = ""
    options: list[tuple[str, str]] = []


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """One check of a container by its agent; times in seconds."""

    label: str = ""
    kind: str = ""
    host: str = ""
    port: int = 0
    path: str = ""
    test: list[str] = []
    interval_s: float = 30.0
    timeout_s: float = 10.0
    retries: int = 3
    start_period_s: float = 60.0


class ContainerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of a service that an engine must know; its hash decides what is outdated."""

    image: str = ""
    command: list[str] | None = None
    entrypoint: list[str] | None = None
    environment: list[tuple[str, str]] = []
    labels: list[tuple[str, str]] = []
    ports: list[PortSpec] = []
    expose: list[str] = []
    mounts: list[MountSpec] = []
    hostname: str = ""
    domainname: str = ""
    container_name: str = ""
    user: str = ""
    working_dir: str = ""
    network_mode: str = ""
    networks: list[NetworkSpec] = []
    links: list[LinkSpec] = []
    external_links: list[str] = []
    volumes_from: list[str] = []
    pid_mode: str = ""
    ipc_mode: str = ""
    mac_address: str = ""
    extra_hosts: list[str] = []
    dns: list[str] = []
    dns_search: list[str] = []
    dns_options: list[str] = []
    group_add: list[str] = []
    sysctls: list[tuple[str, str]] = []
    ulimits: list[UlimitSpec] = []
    userns_mode: str = ""
    uts_mode: str = ""
    cgroup_mode: str = ""
    cgroup_parent: str = ""
    device_requests: list[DeviceRequest] = []
    device_cgroup_rules: list[str] = []
    oom_kill_disable: bool = False
    oom_score_adj: int = 0
    storage_options: list[tuple[str, str]] = []
    cap_add: list[str] = []
    cap_drop: list[str] = []
    security_opt: list[str] = []
    devices: list[str] = []
    privileged: bool = False
    init: bool = False
    tty: bool = False
    stdin_open: bool = False
    read_only: bool = False
    stop_signal: str = ""
    stop_grace_s: float | None = None
    memory_bytes: int = 0
    memory_swap_bytes: int = 0
    memory_reservation_bytes: int = 0
    memory_swappiness: int | None = None
    cpus: float = 0.0
    cpu_period_us: int = 0
    cpu_quota_us: int = 0
    cpus_reservation: float = 0.0
    cpu_shares: int = 0
    cpuset: str = ""
    pids_limit: int = 0
    shm_bytes: int = 0
    log: LogSpec | None = None
    pull: bool = True
    restart: bool = True
    retries: int = 0
    probes: list[Probe] = []
    image_probe: bool = True


class PlacementRules(msgspec.Struct, frozen=True, kw_only=True):
    """Where the slots of a service may run; no part of the hash."""

    availability: str = "per-pool"
    tag: str = ""
    policy: str = "random"
    hostname: str = ""
    not_hostnames: list[str] = []
    required_tags: list[str] = []


class Dependency(msgspec.Struct, frozen=True, kw_only=True):
    """A service that must have come so far before this one starts."""

    service: str = ""
    condition: str = "started"


class UpdatePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How the slots of a service are replaced; times in seconds."""

    parallelism: int = 1
    delay_s: float = 0.0
    order: str = ""
    on_failure: str = "rollback"
    monitor_s: float = 0.0
    max_failure_ratio: float = 0.0


class TemplateUses(msgspec.Struct, frozen=True, kw_only=True):
    """What the template functions of a service need of the outside; follows from its texts."""

    needs_keys: list[str] = []
    reads_keys: list[str] = []
    proxies: list[str] = []
    shows_token: bool = False


class ServiceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One service of a definition, parsed."""

    key: str = ""
    container: ContainerSpec = ContainerSpec()
    placement: PlacementRules | None = None
    description: str = ""
    phase: int = 0
    depends_on: list[Dependency] = []
    update: UpdatePolicy | None = None
    rollback: UpdatePolicy | None = None
    replicas: int | None = None
    external_volumes: list[str] = []
    uses: TemplateUses | None = None
