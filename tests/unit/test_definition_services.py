"""Each key of a service, in each of its forms, and the records they become."""

import msgspec
import pytest

from berth.definition import parse_definition
from berth.domain.spec import (
    ContainerSpec,
    DeviceRequest,
    LogSpec,
    MountSpec,
    NetworkSpec,
    ServiceSpec,
    UlimitSpec,
)

CONSTRAINT = ("deploy.placement.constraints.0", "ignored")


def the_service(*lines: str) -> ServiceSpec:
    """Parse one service with an image and these lines."""
    body = "".join(f"    {line}\n" for line in ("image: nginx", *lines))
    (service,) = parse_definition(f"version: 2\nservices:\n  web:\n{body}").services
    return service


def the_report(*lines: str) -> list[tuple[str, str]]:
    """Return field and outcome of each entry of the report of such a service."""
    body = "".join(f"    {line}\n" for line in ("image: nginx", *lines))
    report = parse_definition(f"services:\n  web:\n{body}").report
    return [(entry.field.removeprefix("services.web."), entry.outcome) for entry in report]


CONTAINER_CASES: list[tuple[str, dict[str, object]]] = [
    ("command: nginx -g 'daemon off;'", {"command": ("nginx", "-g", "daemon off;")}),
    ("command: bash -c \"echo 'a b'\"", {"command": ("bash", "-c", "echo 'a b'")}),
    ("command: [run, 80, yes]", {"command": ("run", "80", "yes")}),
    ("command: []", {"command": ()}),
    ("command:", {}),
    ("entrypoint: /bin/runner.sh", {"entrypoint": ("/bin/runner.sh",)}),
    ("entrypoint: [tini, --]", {"entrypoint": ("tini", "--")}),
    ("user: 1000", {"user": "1000"}),
    ("user: 22:22", {"user": "22:22"}),
    ("working_dir: /srv/app", {"working_dir": "/srv/app"}),
    ("labels: [b=2, a=1, c]", {"labels": (("a", "1"), ("b", "2"), ("c", ""))}),
    ("labels: {b: yes, a: 1.50}", {"labels": (("a", "1.50"), ("b", "yes"))}),
    ("privileged: true", {"privileged": True}),
    ("init: True", {"init": True}),
    ("tty: 'true'", {"tty": True}),
    ("tty: yes", {"tty": True}),
    ("init: 'On'", {"init": True}),
    ("read_only: Y", {"read_only": True}),
    ("healthcheck: {disable: YES}", {"image_probe": False}),
    ("privileged: off", {}),
    ("init: N", {}),
    ("restart: Off", {"restart": False}),
    ("memswap_limit: -1", {"memory_swap_bytes": -1}),
    ("mem_swappiness: -1", {}),
    (
        "extra_hosts: {h: [10.0.0.1, '::1'], a: 10.0.0.2}",
        {
            "extra_hosts": (
                "a:10.0.0.2",
                "h:10.0.0.1",
                "h:::1",
            )
        },
    ),
    ("stop_grace_period: 0.5d", {"stop_grace_s": 43200.0}),
    (
        "tmpfs: '/run:exec,uid=1000,gid=5,size=1m'",
        {
            "mounts": (
                MountSpec(
                    "tmpfs", "/run", tmpfs_bytes=2**20, tmpfs_options=("exec", "uid=1000", "gid=5")
                ),
            )
        },
    ),
    ("devices: [{source: /dev/a}]", {"devices": ("/dev/a",)}),
    ("devices: [{source: /dev/a, target: /dev/b}]", {"devices": ("/dev/a:/dev/b",)}),
    ("devices: [{source: /dev/a, permissions: r}]", {"devices": ("/dev/a:/dev/a:r",)}),
    (
        "devices: [{source: /dev/a, target: /dev/b, permissions: rwm, x-a: 1}]",
        {"devices": ("/dev/a:/dev/b:rwm",)},
    ),
    ("stdin_open: true", {"stdin_open": True}),
    ("read_only: true", {"read_only": True}),
    ("read_only: false", {}),
    ("restart: no", {"restart": False}),
    ('restart: "no"', {"restart": False}),
    ("restart: false", {"restart": False}),
    ("restart: always", {}),
    ("restart: unless-stopped", {}),
    ("stop_signal: SIGUSR1", {"stop_signal": "SIGUSR1"}),
    ("stop_grace_period: 1m30s", {"stop_grace_s": 90.0}),
    ("stop_grace_period: 1h0.5s", {"stop_grace_s": 3600.5}),
    ("stop_grace_period: 250ms", {"stop_grace_s": 0.25}),
    ("stop_grace_period: 5", {"stop_grace_s": 5.0}),
    ("hostname: web-1", {"hostname": "web-1"}),
    ("domainname: example.org", {"domainname": "example.org"}),
    ("container_name: the_web", {"container_name": "the_web"}),
    ("mac_address: 02-42-AC-11-00-02", {"mac_address": "02:42:ac:11:00:02"}),
    ("net: host", {"network_mode": "host"}),
    ("net: backend", {"network_mode": "backend"}),
    ("network_mode: none", {"network_mode": "none"}),
    ("network_mode: bridge", {"network_mode": "bridge"}),
    ("pid: host", {"pid_mode": "host"}),
    ("ipc: shareable", {"ipc_mode": "shareable"}),
    ("extra_hosts: ['db:10.0.0.2', 'v6=::1']", {"extra_hosts": ("db:10.0.0.2", "v6:::1")}),
    (
        "extra_hosts: {db: 10.0.0.2, a: host-gateway}",
        {"extra_hosts": ("a:host-gateway", "db:10.0.0.2")},
    ),
    ("dns: 8.8.8.8", {"dns": ("8.8.8.8",)}),
    ("dns: [8.8.8.8, '::1']", {"dns": ("8.8.8.8", "::1")}),
    ("dns_search: example.org", {"dns_search": ("example.org",)}),
    ("cap_add: [net_admin, ALL]", {"cap_add": ("NET_ADMIN", "ALL")}),
    ("cap_drop: [MKNOD]", {"cap_drop": ("MKNOD",)}),
    ("security_opt: ['label:disable']", {"security_opt": ("label:disable",)}),
    ("devices: ['/dev/a:/dev/b:rw', /dev/c]", {"devices": ("/dev/a:/dev/b:rw", "/dev/c")}),
    ("mem_limit: 512m", {"memory_bytes": 512 * 2**20}),
    ("mem_limit: 1.5GB", {"memory_bytes": 3 * 2**29}),
    ("mem_limit: 8388608", {"memory_bytes": 2**23}),
    ("shm_size: 64kb", {"shm_bytes": 65536}),
    ("mem_reservation: 6m", {"memory_reservation_bytes": 6 * 2**20}),
    ("cpus: 1.5", {"cpus": 1.5}),
    ('cpus: "0.25"', {"cpus": 0.25}),
    ("cpu_shares: 0o100", {"cpu_shares": 64}),
    ("cpuset: 0-2,5", {"cpuset": "0-2,5"}),
    ("pids_limit: 100", {"pids_limit": 100}),
    ("pids_limit: -1", {}),
    ("log_driver: syslog", {"log": LogSpec("syslog")}),
    (
        "logging: {options: {a: b}, driver: gelf}",
        {"log": LogSpec("gelf", (("a", "b"),))},
    ),
    (
        "logging: {driver: gelf, options: {z: 1, a: b}}",
        {"log": LogSpec("gelf", (("a", "b"), ("z", "1")))},
    ),
    ("volumes: ['/host:/ctr:ro']", {"mounts": (MountSpec("bind", "/ctr", "/host", True),)}),
    ("volumes: ['/host:/ctr/:rw']", {"mounts": (MountSpec("bind", "/ctr", "/host"),)}),
    (
        "volumes: ['data:/ctr:ro,z']",
        {"mounts": (MountSpec("volume", "/ctr", "data", True, relabel="z"),)},
    ),
    ("volumes: ['data:/ctr']", {"mounts": (MountSpec("volume", "/ctr", "data"),)}),
    ("volumes: [/ctr, /ctr]", {"mounts": (MountSpec("volume", "/ctr"),)}),
    (
        "volumes: [{type: bind, source: /a, target: /b, read_only: true}]",
        {"mounts": (MountSpec("bind", "/b", "/a", True),)},
    ),
    ("volumes: [{source: data, target: /b}]", {"mounts": (MountSpec("volume", "/b", "data"),)}),
    ("volumes: [{type: tmpfs, target: /b}]", {"mounts": (MountSpec("tmpfs", "/b"),)}),
    (
        "volumes: [{type: tmpfs, target: /b, tmpfs: {size: 1m, mode: 1777}}]",
        {"mounts": (MountSpec("tmpfs", "/b", tmpfs_bytes=2**20, tmpfs_mode=0o1777),)},
    ),
    (
        "volumes: [{type: bind, source: /a, target: /b, bind: {propagation: rslave, selinux: Z}}]",
        {"mounts": (MountSpec("bind", "/b", "/a", propagation="rslave", relabel="Z"),)},
    ),
    (
        "volumes: [{source: data, target: /b, volume: {nocopy: true, subpath: in}}]",
        {"mounts": (MountSpec("volume", "/b", "data", no_copy=True, subpath="in"),)},
    ),
    (
        "volumes: ['/a/{{kv_get \"a:b\"}}:/b']",
        {"mounts": (MountSpec("bind", "/b", '/a/{{kv_get "a:b"}}'),)},
    ),
    (
        "tmpfs: '/run:size=64m,mode=755,ro'",
        {"mounts": (MountSpec("tmpfs", "/run", "", True, tmpfs_bytes=2**26, tmpfs_mode=0o755),)},
    ),
    ("restart: on-failure", {"restart": False, "retries": -1}),
    ("restart: on-failure:3", {"restart": False, "retries": 3}),
    ("pull_policy: never", {"pull": False}),
    ("network_mode: container:db", {"network_mode": "container:db"}),
    ("pid: container:db", {"pid_mode": "container:db"}),
    ("networks: [default]", {"networks": (NetworkSpec("default"),)}),
    (
        "networks: {default: {aliases: [a, b]}}",
        {"networks": (NetworkSpec("default", ("a", "b")),)},
    ),
    ("volumes_from: ['container:db:ro']", {"volumes_from": ("container:db:ro",)}),
    ("sysctls: {net.core.somaxconn: 1024}", {"sysctls": (("net.core.somaxconn", "1024"),)}),
    ("sysctls: [net.b=2, net.a=1]", {"sysctls": (("net.a", "1"), ("net.b", "2"))}),
    (
        "ulimits: {nproc: 65535, nofile: {soft: 20000, hard: -1}}",
        {"ulimits": (UlimitSpec("nofile", 20000, -1), UlimitSpec("nproc", 65535, 65535))},
    ),
    ("gpus: all", {"device_requests": (DeviceRequest(count=-1, capabilities=("gpu",)),)}),
    (
        "gpus: [{driver: nvidia, count: 2}]",
        {"device_requests": (DeviceRequest("nvidia", 2, capabilities=("gpu",)),)},
    ),
    (
        "deploy: {resources: {reservations: {devices: [{device_ids: ['3'], capabilities: [gpu]}]}}}",
        {"device_requests": (DeviceRequest(ids=("3",), capabilities=("gpu",)),)},
    ),
    ("userns_mode: host", {"userns_mode": "host"}),
    ("uts: host", {"uts_mode": "host"}),
    ("cgroup: private", {"cgroup_mode": "private"}),
    ("cgroup_parent: m-executor", {"cgroup_parent": "m-executor"}),
    ("group_add: [mail, 100]", {"group_add": ("mail", "100")}),
    ("dns_opt: ['ndots:1']", {"dns_options": ("ndots:1",)}),
    ("device_cgroup_rules: ['c 1:3 mr']", {"device_cgroup_rules": ("c 1:3 mr",)}),
    ("storage_opt: {size: 1G}", {"storage_options": (("size", "1G"),)}),
    ("oom_kill_disable: true", {"oom_kill_disable": True}),
    ("oom_score_adj: -500", {"oom_score_adj": -500}),
    ("mem_swappiness: 0", {"memory_swappiness": 0}),
    ("cpu_period: 50ms", {"cpu_period_us": 50_000}),
    ("cpu_quota: 25000", {"cpu_quota_us": 25_000}),
    (
        "deploy: {resources: {limits: {cpus: '0.5', memory: 64m, pids: 9}}}",
        {"cpus": 0.5, "memory_bytes": 2**26, "pids_limit": 9},
    ),
    (
        "deploy: {resources: {reservations: {cpus: 0.25, memory: 32m}}}",
        {"cpus_reservation": 0.25, "memory_reservation_bytes": 2**25},
    ),
    ("deploy: {restart_policy: {condition: none}}", {"restart": False}),
    (
        "deploy: {restart_policy: {condition: on-failure, max_attempts: 4}}",
        {"restart": False, "retries": 4},
    ),
    ("deploy: {mode: replicated-job}", {"restart": False, "retries": -1}),
    ("hostname: '{{.Hostname}}'", {"hostname": "{{.Hostname}}"}),
    ("command: 'run {{api_token}}'", {"command": ("run", "{{api_token}}")}),
    ("labels: ['a={{api_token}}']", {"labels": (("a", "{{api_token}}"),)}),
    ("dns: '{{.HostIP}}'", {"dns": ("{{.HostIP}}",)}),
    ("extra_hosts: ['me:{{.HostIP}}']", {"extra_hosts": ("me:{{.HostIP}}",)}),
    ("tmpfs: /run", {"mounts": (MountSpec("tmpfs", "/run"),)}),
    ("tmpfs: [/run, /tmp]", {"mounts": (MountSpec("tmpfs", "/run"), MountSpec("tmpfs", "/tmp"))}),
]


@pytest.mark.parametrize(("line", "members"), CONTAINER_CASES, ids=[c[0] for c in CONTAINER_CASES])
def test_a_key_sets_the_members_it_stands_for_and_no_other(
    line: str, members: dict[str, object]
) -> None:
    expected = msgspec.structs.replace(ContainerSpec(image="nginx"), **members)
    assert the_service(line).container == expected


@pytest.mark.parametrize("line", [c[0] for c in CONTAINER_CASES])
def test_what_a_key_sets_has_the_type_of_its_record(line: str) -> None:
    service = the_service(line)
    assert msgspec.convert(msgspec.to_builtins(service), ServiceSpec) == service


def test_swap_may_be_unlimited_beside_a_memory_limit() -> None:
    container = the_service("memswap_limit: -1", "mem_limit: 1g").container
    assert (container.memory_bytes, container.memory_swap_bytes) == (2**30, -1)


def test_log_options_are_joined_with_their_driver_in_any_order() -> None:
    container = the_service("log_opt: {tag: x}", "log_driver: syslog").container
    assert container.log == LogSpec("syslog", (("tag", "x"),))


def test_log_options_alone_leave_the_driver_to_the_engine() -> None:
    assert the_service("log_opt: {max-size: 1m}").container.log == LogSpec(
        "", (("max-size", "1m"),)
    )


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("network_mode: default", ("network_mode", "translated")),
        ("pid: service:db", ("pid", "ignored")),
        ("volumes: ['./a:/b']", ("volumes.0", "ignored")),
        ("volumes: ['~/a:/b']", ("volumes.0", "ignored")),
        ("volumes: [data:/b]", ("volumes.0", "translated")),
        ("volumes: [{type: npipe, source: x, target: /a}]", ("volumes.0", "ignored")),
        ("networks: [back]", ("networks.0", "translated")),
        (
            "networks: {default: {ipv4_address: 10.0.0.9}}",
            ("networks.default.ipv4_address", "ignored"),
        ),
        ("tmpfs: '/run:mpol=bind'", ("tmpfs", "ignored")),
        ("platform: linux/amd64", ("platform", "ignored")),
        ("secrets: [a]", ("secrets", "ignored")),
        ("profiles: [debug]", ("profiles", "translated")),
        ("pull_policy: daily", ("pull_policy", "ignored")),
        ("devices: ['nvidia.com/gpu=all']", ("devices.0", "ignored")),
        ("depends_on: {db: {required: false}}", ("depends_on.db", "ignored")),
        ("deploy: {labels: {a: b}}", ("deploy.labels", "ignored")),
        ("deploy: {mode: global}", ("deploy.mode", "translated")),
        ("deploy: {placement: {constraints: [node.role==manager]}}", CONSTRAINT),
        ("deploy: {restart_policy: {delay: 5s}}", ("deploy.restart_policy.delay", "ignored")),
        ("build: .", ("build", "ignored")),
        ("env_file: .env", ("env_file", "ignored")),
        ("no_such_key: 1", ("no_such_key", "ignored")),
        ("logging: {drivers: x}", ("logging.drivers", "ignored")),
    ],
)
def test_what_is_not_taken_over_is_reported_and_never_fails(
    line: str, entry: tuple[str, str]
) -> None:
    assert the_report(line) == [entry]


def test_an_unknown_key_names_the_known_one_that_is_near() -> None:
    report = parse_definition("web: {image: nginx, enviroment: [A=1]}").report
    assert report[0].reason == "this key is not known: did you mean environment?"


def test_keys_that_begin_with_x_are_the_users_own() -> None:
    assert the_report("x-team: blue") == []


def test_the_report_names_the_line_of_each_entry() -> None:
    report = parse_definition("services:\n  web:\n    build: .\n    image: nginx\n").report
    assert [(entry.line, entry.field) for entry in report] == [(3, "services.web.build")]


def test_an_image_may_hold_a_template_that_is_passed_on() -> None:
    parsed = parse_definition("web: {image: '{{kv_get \"img\"}}'}")
    assert parsed.services[0].container.image == '{{kv_get "img"}}'
    assert parsed.report == ()
