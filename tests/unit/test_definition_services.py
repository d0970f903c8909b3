"""Each key of a service, in each of its forms, and the records they become."""

import msgspec
import pytest

from berth.definition import parse_definition
from berth.domain.spec import ContainerSpec, LogSpec, MountSpec, ServiceSpec


def the_service(*lines: str) -> ServiceSpec:
    """Parse one service with an image and these lines."""
    body = "".join(f"    {line}\n" for line in ("image: nginx", *lines))
    (service,) = parse_definition(f"version: 2\nservices:\n  web:\n{body}").services
    return service


def the_report(*lines: str) -> list[tuple[str, str]]:
    """Give field and outcome of each entry of the report of such a service."""
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
    ("volumes: ['data:/ctr:ro,z']", {"mounts": (MountSpec("volume", "/ctr", "data", True),)}),
    ("volumes: ['data:/ctr']", {"mounts": (MountSpec("volume", "/ctr", "data"),)}),
    ("volumes: [/ctr, /ctr]", {"mounts": (MountSpec("volume", "/ctr"),)}),
    (
        "volumes: [{type: bind, source: /a, target: /b, read_only: true}]",
        {"mounts": (MountSpec("bind", "/b", "/a", True),)},
    ),
    ("volumes: [{source: data, target: /b}]", {"mounts": (MountSpec("volume", "/b", "data"),)}),
    ("volumes: [{type: tmpfs, target: /b}]", {"mounts": (MountSpec("tmpfs", "/b"),)}),
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
        ("restart: on-failure:3", ("restart", "translated")),
        ("network_mode: default", ("network_mode", "translated")),
        ("network_mode: service:db", ("network_mode", "ignored")),
        ("net: backend", ("net", "ignored")),
        ("pid: service:db", ("pid", "ignored")),
        ("ipc: container:db", ("ipc", "ignored")),
        ("links: [db]", ("links", "ignored")),
        ("networks: {a: }", ("networks", "ignored")),
        ("depends_on: [db]", ("depends_on", "ignored")),
        ("healthcheck: {test: x}", ("healthcheck", "ignored")),
        ("deploy: {replicas: 3}", ("deploy", "ignored")),
        ("build: .", ("build", "ignored")),
        ("env_file: .env", ("env_file", "ignored")),
        ("volumes_from: [db]", ("volumes_from", "ignored")),
        ("sysctls: {a: 1}", ("sysctls", "ignored")),
        ("no_such_key: 1", ("no_such_key", "ignored")),
        ("hostname: '{{.Hostname}}'", ("hostname", "ignored")),
        ("command: 'run {{api_token}}'", ("command", "ignored")),
        ("labels: ['a={{api_token}}']", ("labels.a", "ignored")),
        ("volumes: ['data:/d:z']", ("volumes.0", "ignored")),
        ("tmpfs: ['/run:size=1m']", ("tmpfs.0", "ignored")),
        ("logging: {drivers: x}", ("logging.drivers", "ignored")),
        (
            "volumes: [{type: volume, target: /a, volume: {nocopy: true}}]",
            ("volumes.0.volume", "ignored"),
        ),
    ],
)
def test_what_is_not_taken_over_is_reported_and_never_fails(
    line: str, entry: tuple[str, str]
) -> None:
    assert the_report(line) == [entry]


def test_an_unknown_key_names_the_known_one_that_is_near() -> None:
    report = parse_definition("web: {image: nginx, enviroment: [A=1]}").report
    assert report[0].reason == "this key is not known: environment was perhaps meant"


def test_keys_that_begin_with_x_are_the_users_own() -> None:
    assert the_report("x-team: blue") == []


def test_the_report_names_the_line_of_each_entry() -> None:
    report = parse_definition("services:\n  web:\n    links: [db]\n    image: nginx\n").report
    assert [(entry.line, entry.field) for entry in report] == [(3, "services.web.links")]


def test_an_image_may_hold_a_template_that_is_passed_on() -> None:
    parsed = parse_definition("web: {image: '{{kv_get \"img\"}}'}")
    assert parsed.services[0].container.image == '{{kv_get "img"}}'
    assert parsed.report[0].outcome == "ignored"
