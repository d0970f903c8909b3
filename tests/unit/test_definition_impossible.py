"""Texts that could be stored, but whose containers no engine starts: refused where they are read.

Each was seen to fail on Docker 20.10, whatever the image and the host.
"""

import pytest

from berth.definition import parse_definition
from berth.domain.errors import DefinitionInvalid
from berth.domain.spec import ContainerSpec


def service_with(keys: str) -> ContainerSpec:
    return parse_definition(f"services:\n  web: {{image: x, {keys}}}\n").services[0].container


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("volumes: ['d:/data']", '"d" is not a volume name: use at least two letters'),
        ("volumes: ['a/b:/data']", '"a/b" is not a volume name'),
        ("volumes: ['data:/']", 'nothing can be mounted at "/": choose another path'),
        ("volumes: ['/a:/b/..']", 'nothing can be mounted at "/b/.."'),
        ("volumes: ['/a://']", 'nothing can be mounted at "//"'),
        ("volumes: ['/a:/proc/x']", 'nothing can be mounted at "/proc/x"'),
        ("tmpfs: /dev", 'nothing can be mounted at "/dev"'),
        ("volumes: ['data:/a', '/b:/a/c/..']", "two things are mounted at /a"),
        ("volumes: ['data:/a:shared']", "shared belongs to a host path"),
        ("volumes: ['/data:/a:nocopy']", "nocopy belongs to a volume"),
        ("volumes: [{type: volume, target: /a, read_only: true}]", "a volume without a name"),
        ("volumes: [{type: volume, target: /a, volume: {subpath: b}}]", "has no folders yet"),
        ("security_opt: [secure]", '"secure" is not valid here: use no-new-privileges'),
        ("security_opt: ['no-new-privileges:maybe']", "is not valid here"),
        ("device_cgroup_rules: ['c 1:3']", '"c 1:3" is not a rule for devices'),
        ("device_cgroup_rules: ['x 1:3 r']", "is not a rule for devices"),
        ("cap_add: [NET_ADMINS]", '"NET_ADMINS" is not a capability: use a name such as'),
        ("cap_drop: ['a b']", '"a b" is not a capability'),
        ("stop_signal: SIGFOO", '"SIGFOO" is not a signal: use a name such as SIGTERM'),
        ("stop_signal: SIGRTMIN+16", "is not a signal"),
        ("stop_signal: '0'", "is not a signal"),
        ("sysctls: {vm.max_map_count: 262144}", "is a setting of the whole host: set it on the"),
        ("sysctls: {net.core.somaxconn: 9}, network_mode: host", "which network_mode shares"),
        ("sysctls: {kernel.shmmax: 9}, ipc: host", "which ipc shares: leave it out"),
        ("user: '2147483648'", '"2147483648" is out of range: use 0 to 2147483647'),
        ("user: 'app:99999999999'", "is out of range"),
        ("pid: 'container:'", '"container:" is not valid here'),
        ("network_mode: 'container:'", '"container:" is not valid here'),
        ("network_mode: host, mac_address: '02:00:00:00:00:01'", "mac_address belongs to the"),
        ("network_mode: 'container:db', ports: ['80']", "ports belongs to the network"),
        ("network_mode: 'container:db', dns: 10.0.0.1", "dns belongs to the network"),
        (
            "mac_address: '01:42:ac:11:00:02'",
            "is not the address of a single network card: begin with 02",
        ),
        ("mac_address: '00:00:00:00:00:00'", "is not the address of a single network card"),
        ("cpuset: 3-1", "the range 3-1 runs backwards: write 1-3"),
        ("cpu_period: 10", "10 microseconds are out of range: use 1000 to 1000000"),
        ("cpu_quota: 50us", "50 microseconds are out of range"),
        ("cpu_shares: 1", "1 is out of range: use 2 to 262144"),
        ("cpus: 0.001", "the engine refuses a share below 0.01"),
        ("ulimits: {files: 5}", '"files" is not a limit: use a name such as nofile'),
    ],
)
def test_what_no_engine_starts_is_refused(keys: str, message: str) -> None:
    with pytest.raises(DefinitionInvalid) as raised:
        service_with(keys)
    (problem,) = raised.value.problems
    assert message in problem.message
    assert problem.line == 2


@pytest.mark.parametrize(
    "keys",
    [
        "stop_signal: RTMIN+15",
        "stop_signal: '64'",
        "cap_add: [cap_sys_admin, ALL]",
        "cpu_quota: -1",
        "cpu_shares: 0",
        "user: '2147483647:0'",
        "sysctls: {net/ipv4/ip_forward: 1, kernel.domainname: x}, ipc: host",
        "sysctls: {fs.mqueue.msg_max: 20, kernel.shmmax: 1}, network_mode: host",
        "network_mode: 'container:db', dns_search: x",
        "security_opt: ['seccomp={\"defaultAction\": \"SCMP_ACT_ALLOW\"}', 'label:disable']",
        "volumes: ['/a:/sys/x', '/b:/dev/shm']",
        "hostname: '{{.ServiceID}}', stop_signal: '{{kv_get \"signal\"}}'",
    ],
)
def test_what_engines_start_is_taken(keys: str) -> None:
    assert service_with(keys)


@pytest.mark.parametrize("option", ["seccomp:./profile.json", "seccomp=/etc/profile.json"])
def test_a_profile_in_a_file_is_reported_and_the_engines_own_holds(option: str) -> None:
    parsed = parse_definition(f"services:\n  web:\n    image: x\n    security_opt: ['{option}']\n")
    assert parsed.services[0].container.security_opt == ()
    assert [(e.line, e.outcome) for e in parsed.report] == [(4, "ignored")]
    assert "is not read: the engine's default profile applies" in parsed.report[0].reason
