"""Strategies: services that a definition can describe, with every member of their records."""

import msgspec
from hypothesis import strategies as st

from berth.definition.service.default_network import drop_lost_links, join_default_network
from berth.definition.service.probe_url import parse_probe
from berth.definition.templates.language import find_uses
from berth.domain.ids import ServiceKey
from berth.domain.spec import (
    ENGINE_CHECK,
    ContainerSpec,
    Dependency,
    DeviceRequest,
    LinkSpec,
    LogSpec,
    MountSpec,
    NetworkSpec,
    PlacementRules,
    PortSpec,
    Probe,
    ServiceSpec,
    UlimitSpec,
    UpdatePolicy,
)
from berth.domain.states import Availability, Policy

#: Texts with everything that a shell, YAML, JSON or a template takes for its own.
_PIECES = ["$", "${A:-b}", "$$", "'", '"', "\\", '{{kv_get "a b"}}', "}}", "\n", "\t", "# ", ": ",
           " ", "  ", "-", "=", ",", "`", "&", "|", ">", "%", "@", "*", "!", "é", "\u2028", "\x01",
           "\x85", "\ufeff", "😀", "true", "~", "0x1", "x y " * 30]  # fmt: skip
texts = st.lists(
    st.sampled_from(_PIECES) | st.text("abcXYZ019_", max_size=6), min_size=0, max_size=5
).map("".join)
_some_text = texts.filter(bool)
_lines = _some_text.filter(lambda text: text.strip() == text and "\0" not in text)
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,12}[A-Za-z0-9]", fullmatch=True)
_entry_names = st.from_regex(r"[A-Za-z_$ ][A-Za-z0-9_.$ -]{0,12}", fullmatch=True)
_pairs = st.dictionaries(_entry_names, texts, max_size=3).map(lambda d: tuple(sorted(d.items())))
_ip = st.sampled_from(["", "127.0.0.1", "::1"])
_size = st.integers(1, 10**12) | st.integers(1, 64).map(lambda n: n * 2**20)
_seconds = st.integers(0, 3000).map(float) | st.floats(0, 86400, allow_nan=False)
_cpus = st.floats(0.01, 4096) | st.sampled_from([0.0, 0.5, 2.0])
_paths = st.sampled_from(["/a", "/b c", "/d:e", "/f,g", '/h"i', "/j'k", "/l$m"])
_bool = st.booleans()


def _tuples(values: st.SearchStrategy[str], most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, max_size=most, unique=True).map(tuple)


_ports = st.lists(
    st.builds(
        PortSpec,
        container=st.integers(1, 65535),
        protocol=st.sampled_from(["tcp", "udp", "sctp"]),
        host=st.none() | st.integers(1, 65535),
        ip=_ip,
    ),
    max_size=3,
    unique_by=(lambda port: port.container, lambda port: port.host or -port.container),
).map(tuple)

_PROPAGATIONS = ["", "shared", "slave", "private", "rshared", "rslave", "rprivate"]
_mounts = st.lists(
    st.builds(
        MountSpec,
        kind=st.just("bind"),
        target=_paths,
        source=_paths,
        read_only=_bool,
        propagation=st.sampled_from(_PROPAGATIONS),
        relabel=st.sampled_from(["", "z", "Z"]),
    )
    | st.builds(
        MountSpec,
        kind=st.just("volume"),
        target=_paths,
        source=st.sampled_from(["", "data", "logs_1"]),
        read_only=_bool,
        no_copy=_bool,
        subpath=st.just("") | _lines,
    ).filter(lambda mount: mount.source or not (mount.read_only or mount.subpath))
    | st.builds(
        MountSpec,
        kind=st.just("tmpfs"),
        target=_paths,
        read_only=_bool,
        tmpfs_bytes=st.just(0) | _size,
        tmpfs_mode=st.integers(0, 0o7777),
        tmpfs_options=st.sampled_from([(), ("exec",), ("uid=1000", "gid=5")]),
    ),
    max_size=4,
    unique_by=lambda mount: mount.target,
).map(tuple)

_devices = st.lists(
    st.builds(
        DeviceRequest,
        driver=st.sampled_from(["", "nvidia"]),
        count=st.integers(-1, 8),
        capabilities=st.sampled_from([("gpu",), ("gpu", "utility"), ("tpu",), ("x", "gpu")]),
        options=_pairs,
    )
    | st.builds(
        DeviceRequest,
        ids=st.sampled_from([("0",), ("GPU-a", "1")]),
        capabilities=st.just(("gpu",)),
    ),
    max_size=2,
    unique=True,
).map(tuple)

_update = st.builds(
    UpdatePolicy,
    parallelism=st.integers(0, 100),
    delay_s=_seconds,
    order=st.sampled_from(["", "start-first", "stop-first"]),
    on_failure=st.sampled_from(["rollback", "pause", "continue"]),
    monitor_s=_seconds,
    max_failure_ratio=st.floats(0, 1),
)
_rollback = _update.map(
    lambda policy: (
        policy
        if policy.on_failure != "rollback"
        else msgspec.structs.replace(UpdatePolicy(), delay_s=policy.delay_s)
    )
)

_image_probe = st.builds(
    Probe,
    label=st.just(ENGINE_CHECK),
    kind=st.just("image"),
    test=st.just(()) | texts.filter(bool).map(lambda line: ("CMD-SHELL", line))
    | st.lists(texts, min_size=1, max_size=3).map(lambda words: ("CMD", *words)),
    interval_s=st.floats(0.1, 86400),
    timeout_s=st.floats(0.1, 86400),
    retries=st.integers(1, 1000),
    start_period_s=_seconds,
)  # fmt: skip
_URLS = ["http://:80/a?timeout=10s&interval=30s", "tcp://:3306", "script:///x.sh?retries=5"]


@st.composite
def _memory(draw: st.DrawFn) -> dict[str, object]:
    """Limits that an engine accepts together."""
    limit = draw(st.just(0) | st.integers(6 * 2**20, 2**40))
    if not limit:
        return {"memory_reservation_bytes": draw(st.just(0) | _size)}
    return {
        "memory_bytes": limit,
        "memory_swap_bytes": draw(st.sampled_from([0, -1, limit, limit + 2**20])),
        "memory_reservation_bytes": draw(st.integers(0, limit)),
    }


_processors = st.builds(dict, cpus=_cpus) | st.builds(
    dict,
    cpu_period_us=st.just(0) | st.integers(1000, 10**6),
    cpu_quota_us=st.sampled_from([-1, 0]) | st.integers(1000, 10**9),
)


@st.composite
def _network(draw: st.DrawFn) -> dict[str, object]:
    modes = ["", "host", "none", "bridge", "container:db", '{{kv_get "mode"}}']
    mode = draw(st.sampled_from(modes))
    if mode == "host":
        return {"network_mode": mode, "hostname": "", "mac_address": "", "sysctls": ()}
    if mode == "container:db":
        own = dict.fromkeys(("ports", "expose", "dns", "extra_hosts"), ())
        return {"network_mode": mode, "hostname": "", "mac_address": "", **own}
    if mode:
        return {"network_mode": mode}
    if draw(st.integers(0, 3)) == 0:
        others = st.sampled_from(["db:db", "0.db.shop:store", "x-1:y_2"])
        return {
            "network_mode": draw(st.sampled_from(["", "bridge"])),
            "external_links": draw(_tuples(others)),
        }
    networks = draw(st.dictionaries(names | st.just("default"), _tuples(_lines, 2), max_size=2))
    return {"networks": tuple(NetworkSpec(name, found) for name, found in networks.items())}


@st.composite
def _special(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, object], int]:
    """Variables with a meaning, the members of the container that follow, and the phase."""
    variables, members, phase = {}, dict[str, object](), draw(st.integers(0, 3))
    if phase:
        variables["OCCS_PHASE_ID"] = str(phase)
    if draw(_bool):
        members |= {"restart": False, "retries": draw(st.integers(-1, 5))}
        if draw(_bool):
            variables["OCCS_REMOVE_ON_DIE"] = draw(st.sampled_from(["0", "No"]))
    if draw(_bool):
        members["pull"] = False
        if draw(_bool):
            variables["OCCS_PULL_ON_CREATE"] = "false"
    labels = st.sampled_from(["A", "B", "HEALTHCHECK"])
    urls = draw(st.dictionaries(labels, st.sampled_from(_URLS)))
    probes = [_probe(label, urls[label]) for label in sorted(urls)]
    if draw(_bool):
        probes.insert(0, draw(_image_probe))
    elif draw(_bool):
        members["image_probe"] = False
    members["probes"] = tuple(probes)
    return variables | {f"OCCS_HEALTHCHECK_{k}": v for k, v in urls.items()}, members, phase


def _probe(label: str, url: str) -> Probe:
    probe = parse_probe(label, url, node=None, at=None)  # type: ignore[arg-type]
    assert probe is not None
    return probe


_IMAGES = ["nginx", "reg.example:5000/a/b:1.2", "x@sha256:" + "0" * 64, '{{kv_get "img"}}']
#: Members of a container that no other member depends on.
_MEMBERS: dict[str, st.SearchStrategy[object]] = {
    "image": st.sampled_from(_IMAGES),
    "command": st.none() | st.lists(texts, max_size=3).map(tuple),
    "entrypoint": st.none() | st.lists(texts, max_size=2).map(tuple),
    "labels": _pairs,
    "ports": _ports,
    "expose": _tuples(st.sampled_from(["80/tcp", "53/udp"])),
    "mounts": _mounts,
    "hostname": st.just("") | names,
    "domainname": st.just("") | names,
    "container_name": st.just("") | names,
    "user": texts.filter(lambda text: len(text) < 9),
    "working_dir": st.just("") | _paths,
    "pid_mode": st.sampled_from(["", "host", "container:x"]),
    "ipc_mode": st.sampled_from(["", "host", "none", "private", "shareable"]),
    "mac_address": st.sampled_from(["", "02:42:ac:11:00:02"]),
    "extra_hosts": _tuples(st.sampled_from(["a:10.0.0.1", "b:::1", "c:host-gateway"])),
    "dns": _tuples(st.sampled_from(["10.0.0.2", "::1"])),
    "dns_search": _tuples(texts),
    "dns_options": _tuples(texts),
    "group_add": _tuples(texts),
    "sysctls": st.dictionaries(st.sampled_from(["net.a", "net.b.c$"]), texts).map(
        lambda found: tuple(sorted(found.items()))
    ),
    "ulimits": st.dictionaries(
        st.sampled_from(["core", "nofile"]), st.sampled_from([(0, 0), (5, 99), (7, -1), (-1, -1)])
    ).map(lambda found: tuple(UlimitSpec(name, *found[name]) for name in sorted(found))),
    "userns_mode": st.sampled_from(["", "host"]),
    "uts_mode": st.sampled_from(["", "host"]),
    "cgroup_mode": st.sampled_from(["", "host", "private"]),
    "cgroup_parent": texts,
    "device_requests": _devices,
    "device_cgroup_rules": _tuples(st.sampled_from(["c 1:3 rwm", "a *:* r"])),
    "oom_kill_disable": _bool,
    "oom_score_adj": st.integers(-1000, 1000),
    "storage_options": _pairs,
    "cap_add": _tuples(st.sampled_from(["NET_ADMIN", "ALL"])),
    "cap_drop": _tuples(st.sampled_from(["MKNOD"])),
    "security_opt": _tuples(
        st.sampled_from(["no-new-privileges", "systempaths=unconfined", 'seccomp={"a": "$B"}'])
        | _some_text.map("label=".__add__)
    ),
    "devices": _tuples(st.sampled_from(["/dev/a", "/dev/a:/dev/b:rw"])),
    "privileged": _bool,
    "init": _bool,
    "tty": _bool,
    "stdin_open": _bool,
    "read_only": _bool,
    "stop_signal": st.sampled_from(["", "SIGTERM", "9"]),
    "stop_grace_s": st.none() | _seconds,
    "memory_swappiness": st.none() | st.integers(0, 100),
    "cpus_reservation": _cpus,
    "cpu_shares": st.just(0) | st.integers(2, 262144),
    "cpuset": st.sampled_from(["", "0-2,5"]),
    "pids_limit": st.integers(0, 2**31),
    "shm_bytes": st.just(0) | _size,
    "log": st.none()
    | st.builds(LogSpec, driver=_some_text, options=_pairs)
    | st.builds(LogSpec, driver=st.just(""), options=_pairs.filter(bool)),
}

_placement = st.builds(
    PlacementRules,
    policy=st.sampled_from(list(Policy)),
    hostname=st.just("") | names,
    not_hostnames=_tuples(names, 2).map(lambda found: tuple(sorted(found))),
    required_tags=_tuples(names, 2).map(lambda found: tuple(sorted(found))),
) | names.map(lambda tag: PlacementRules(availability=Availability.PER_TAG, tag=tag)) | st.just(
    PlacementRules(availability=Availability.PER_HOST)
)  # fmt: skip


@st.composite
def services(draw: st.DrawFn, *, key: str = "") -> ServiceSpec:
    """Build one service that names no other."""
    variables, members, phase = draw(_special())
    variables |= draw(st.dictionaries(_entry_names, texts, max_size=3))
    members |= draw(_memory()) | draw(_processors) | {"image": draw(_MEMBERS["image"])}
    for name in draw(st.sets(st.sampled_from(list(_MEMBERS)), max_size=8)):
        members[name] = draw(_MEMBERS[name])
    members |= draw(_network())
    others = _tuples(st.sampled_from(["container:a", "container:b:ro"]))
    container = msgspec.structs.replace(
        ContainerSpec(image=""),
        environment=tuple(sorted(variables.items())),
        volumes_from=draw(others),
        **members,
    )
    return ServiceSpec(
        uses=find_uses(container),
        key=ServiceKey(key or draw(names)),
        container=container,
        placement=draw(_placement),
        description=draw(st.just("") | texts.map(str.strip)),
        phase=phase,
        update=draw(st.just(UpdatePolicy()) | _update),
        rollback=draw(st.just(UpdatePolicy()) | _rollback),
        replicas=draw(st.none() | st.integers(0, 10_000)),
    )


@st.composite
def stacks(draw: st.DrawFn) -> tuple[ServiceSpec, ...]:
    """Build up to three services, of which later ones name earlier ones."""
    made: list[ServiceSpec] = []
    for key in ("db", "cache", "web")[: draw(st.integers(1, 3))]:
        spec = draw(services(key=key))
        if made:
            spec = _relate(draw, spec, other=made[-1])
        made.append(spec)
    return tuple(drop_lost_links(spec) for spec in join_default_network(made))


def _relate(draw: st.DrawFn, spec: ServiceSpec, *, other: ServiceSpec) -> ServiceSpec:
    ports = tuple(msgspec.structs.replace(port, host=None) for port in spec.container.ports)
    may_wait = other.phase <= spec.phase
    container = msgspec.structs.replace(
        spec.container,
        ports=tuple(dict.fromkeys(ports)),
        links=(LinkSpec(other.key, draw(names)),),
        volumes_from=(f"{other.key}:ro",) if may_wait else (),
    )
    conditions = ["started", "healthy", *([] if other.container.restart else ["completed"])]
    waits = Dependency(other.key, draw(st.sampled_from(conditions)))
    depends_on = (waits,) if may_wait else ()
    return msgspec.structs.replace(
        spec, container=container, depends_on=depends_on, uses=find_uses(container)
    )
