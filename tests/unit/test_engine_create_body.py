"""A container request becomes Docker's create body, member by member."""

import msgspec
import pytest

from berth.agent.engine.docker.create_body import (
    Json,
    render_bindings,
    render_config,
    render_create,
    render_device,
    trim_hostname,
    whole_seconds,
)
from berth.agent.engine.protocol import Attachment, ContainerRequest
from berth.domain.spec import ContainerSpec, DeviceRequest, LogSpec, MountSpec, PortSpec, UlimitSpec


def a_config(*, api: tuple[int, int] = (1, 41), **spec: object) -> Json:
    """Render a spec with the image app:1."""
    request = ContainerRequest(
        name="0.web.shop",
        hostname="0.web.shop",
        spec=ContainerSpec(image="app:1", **spec),  # type: ignore[arg-type]
        labels={"berth.slot": "0"},
        environment={"BERTH_SLOT": "0", "COLOUR": "red"},
    )
    return render_config(request, api=api)


def a_host_config(**spec: object) -> Json:
    """Render the host's part of a spec."""
    host = a_config(**spec)["HostConfig"]
    assert isinstance(host, dict)
    return host


def test_a_bare_spec_sets_nothing_that_the_image_decides() -> None:
    assert a_config() == {
        "Image": "app:1",
        "Hostname": "0.web.shop",
        "Labels": {"berth.slot": "0"},
        "Env": ["BERTH_SLOT=0", "COLOUR=red"],
        "HostConfig": {"RestartPolicy": {"Name": "no"}},
    }


def test_the_body_is_json() -> None:
    request = ContainerRequest(name="n", hostname="h", spec=ContainerSpec(image="app:1"), labels={})
    assert msgspec.json.decode(render_create(request))["Image"] == "app:1"


@pytest.mark.parametrize(
    ("spec", "member", "value"),
    [
        ({"command": ("run", "--fast")}, "Cmd", ["run", "--fast"]),
        ({"command": ()}, "Cmd", []),
        ({"entrypoint": ("/init",)}, "Entrypoint", ["/init"]),
        ({"entrypoint": ()}, "Entrypoint", []),
        ({"entrypoint": ("",)}, "Entrypoint", []),
        ({"entrypoint": (), "command": ("run",)}, "Entrypoint", [""]),
        ({"domainname": "example.org"}, "Domainname", "example.org"),
        ({"user": "1000:1000"}, "User", "1000:1000"),
        ({"working_dir": "/srv"}, "WorkingDir", "/srv"),
        ({"tty": True}, "Tty", True),
        ({"stdin_open": True}, "OpenStdin", True),
        ({"stop_signal": "SIGINT"}, "StopSignal", "SIGINT"),
        ({"stop_grace_s": 0.0}, "StopTimeout", 0),
        ({"stop_grace_s": 1.5}, "StopTimeout", 2),
        ({"expose": ("53/udp", "80")}, "ExposedPorts", {"53/udp": {}, "80/tcp": {}}),
        ({"ports": (PortSpec(80, host=8080),)}, "ExposedPorts", {"80/tcp": {}}),
        ({"mounts": (MountSpec("volume", "/data"),)}, "Volumes", {"/data": {}}),
        ({"hostname": "db"}, "Hostname", "db"),
    ],
)
def test_what_concerns_the_container_is_honoured(
    spec: dict[str, object], member: str, value: object
) -> None:
    assert a_config(**spec)[member] == value


@pytest.mark.parametrize(
    ("spec", "member", "value"),
    [
        ({"network_mode": "none"}, "NetworkMode", "none"),
        ({"pid_mode": "host"}, "PidMode", "host"),
        ({"ipc_mode": "shareable"}, "IpcMode", "shareable"),
        ({"extra_hosts": ("db:10.0.0.9",)}, "ExtraHosts", ["db:10.0.0.9"]),
        ({"dns": ("10.0.0.53",)}, "Dns", ["10.0.0.53"]),
        ({"dns_search": ("example.org",)}, "DnsSearch", ["example.org"]),
        ({"cap_add": ("NET_ADMIN",)}, "CapAdd", ["NET_ADMIN"]),
        ({"cap_drop": ("ALL",)}, "CapDrop", ["ALL"]),
        ({"security_opt": ("no-new-privileges",)}, "SecurityOpt", ["no-new-privileges"]),
        ({"privileged": True}, "Privileged", True),
        ({"init": True}, "Init", True),
        ({"read_only": True}, "ReadonlyRootfs", True),
        ({"memory_bytes": 1 << 28}, "Memory", 1 << 28),
        ({"memory_swap_bytes": -1}, "MemorySwap", -1),
        ({"memory_reservation_bytes": 1 << 27}, "MemoryReservation", 1 << 27),
        ({"cpus": 0.1}, "NanoCpus", 100_000_000),
        ({"cpu_shares": 512}, "CpuShares", 512),
        ({"cpuset": "0,2"}, "CpusetCpus", "0,2"),
        ({"pids_limit": 100}, "PidsLimit", 100),
        ({"shm_bytes": 1 << 26}, "ShmSize", 1 << 26),
        ({"dns_options": ("ndots:1",)}, "DnsOptions", ["ndots:1"]),
        ({"sysctls": (("net.a", "1"),)}, "Sysctls", {"net.a": "1"}),
        (
            {"ulimits": (UlimitSpec("nofile", 1, -1),)},
            "Ulimits",
            [{"Name": "nofile", "Soft": 1, "Hard": -1}],
        ),
        ({"userns_mode": "host"}, "UsernsMode", "host"),
        ({"uts_mode": "host"}, "UTSMode", "host"),
        ({"cgroup_mode": "private"}, "CgroupnsMode", "private"),
        ({"cgroup_parent": "m"}, "CgroupParent", "m"),
        ({"group_add": ("mail",)}, "GroupAdd", ["mail"]),
        ({"device_cgroup_rules": ("c 1:3 mr",)}, "DeviceCgroupRules", ["c 1:3 mr"]),
        ({"oom_kill_disable": True}, "OomKillDisable", True),
        ({"oom_score_adj": -5}, "OomScoreAdj", -5),
        ({"storage_options": (("size", "1G"),)}, "StorageOpt", {"size": "1G"}),
        ({"cpu_period_us": 50_000}, "CpuPeriod", 50_000),
        ({"cpu_quota_us": 25_000}, "CpuQuota", 25_000),
        ({"memory_swappiness": 0}, "MemorySwappiness", 0),
        (
            {"device_requests": (DeviceRequest("nvidia", -1, capabilities=("gpu",)),)},
            "DeviceRequests",
            [
                {
                    "Driver": "nvidia",
                    "Count": -1,
                    "DeviceIDs": [],
                    "Capabilities": [["gpu"]],
                    "Options": {},
                }
            ],
        ),
        ({"restart": True}, "RestartPolicy", {"Name": "no"}),
        ({"restart": False}, "RestartPolicy", {"Name": "no"}),
        (
            {"log": LogSpec("syslog", (("tag", "web"),))},
            "LogConfig",
            {"Type": "syslog", "Config": {"tag": "web"}},
        ),
    ],
)
def test_what_concerns_the_host_is_honoured(
    spec: dict[str, object], member: str, value: object
) -> None:
    assert a_host_config(**spec)[member] == value


def test_ports_are_bound_to_addresses_protocols_and_host_ports() -> None:
    ports = (PortSpec(80), PortSpec(80, host=8080), PortSpec(53, "udp", 53, "10.0.0.5"))
    assert render_bindings(ports) == {
        "80/tcp": [{"HostIp": "", "HostPort": ""}, {"HostIp": "", "HostPort": "8080"}],
        "53/udp": [{"HostIp": "10.0.0.5", "HostPort": "53"}],
    }
    assert a_host_config(ports=ports)["PortBindings"] == render_bindings(ports)


def test_mounts_are_binds_named_volumes_and_memory() -> None:
    host = a_host_config(
        mounts=(
            MountSpec("bind", "/etc/app", "/srv/app", read_only=True),
            MountSpec("volume", "/data", "shop-data"),
            MountSpec("tmpfs", "/tmp"),
            MountSpec("tmpfs", "/run", read_only=True),
        )
    )
    assert host["Binds"] == ["/srv/app:/etc/app:ro", "shop-data:/data"]
    assert host["Tmpfs"] == {"/tmp": "", "/run": "ro"}


def test_mounts_have_options_in_the_form_of_their_kind() -> None:
    host = a_host_config(
        mounts=(
            MountSpec("bind", "/a", "/srv/a", read_only=True, relabel="z", propagation="rslave"),
            MountSpec("volume", "/b", "data", no_copy=True),
            MountSpec("volume", "/c", "data", subpath="in", no_copy=True),
            MountSpec("tmpfs", "/d", tmpfs_bytes=1024, tmpfs_mode=0o1777, tmpfs_options=("exec",)),
        )
    )
    assert host["Binds"] == ["/srv/a:/a:ro,z,rslave", "data:/b:nocopy"]
    options = {"Subpath": "in", "NoCopy": True}
    assert host["Mounts"] == [
        {"Type": "volume", "Target": "/c", "Source": "data", "VolumeOptions": options}
    ]
    assert host["Tmpfs"] == {"/d": "size=1024,mode=1777,exec"}


def test_an_anonymous_volume_may_be_read_only() -> None:
    config = a_config(mounts=(MountSpec("volume", "/data", read_only=True),))
    host = config["HostConfig"]
    assert isinstance(host, dict)
    assert host["Mounts"] == [{"Type": "volume", "Target": "/data", "ReadOnly": True}]
    assert "Volumes" not in config


@pytest.mark.parametrize(
    ("text", "outside", "inside", "rights"),
    [
        ("/dev/fuse", "/dev/fuse", "/dev/fuse", "rwm"),
        ("/dev/sda:/dev/disk", "/dev/sda", "/dev/disk", "rwm"),
        ("/dev/sda:r", "/dev/sda", "/dev/sda", "r"),
        ("/dev/sda:/dev/disk:rw", "/dev/sda", "/dev/disk", "rw"),
    ],
)
def test_devices_are_read_like_dockers(text: str, outside: str, inside: str, rights: str) -> None:
    assert render_device(text) == {
        "PathOnHost": outside,
        "PathInContainer": inside,
        "CgroupPermissions": rights,
    }
    assert a_host_config(devices=(text,))["Devices"] == [render_device(text)]


def test_the_labels_of_berth_win_over_the_specs() -> None:
    labels = a_config(labels=(("berth.slot", "9"), ("team", "blue")))["Labels"]
    assert labels == {"berth.slot": "0", "team": "blue"}


def test_the_environment_of_the_spec_wins_over_the_requests() -> None:
    environment = a_config(environment=(("COLOUR", "blue"), ("EQUATION", "a=b")))["Env"]
    assert environment == ["BERTH_SLOT=0", "COLOUR=blue", "EQUATION=a=b"]


def test_long_host_names_are_cut_where_a_name_may_end() -> None:
    assert a_config(hostname="h" * 70)["Hostname"] == "h" * 63
    assert trim_hostname("h" * 62 + ".web") == "h" * 62


@pytest.mark.parametrize("mode", ["host", "container:db"])
def test_a_shared_network_brings_its_own_host_name(mode: str) -> None:
    assert "Hostname" not in a_config(network_mode=mode, hostname="web")


def test_a_network_cards_address_stands_where_the_engines_version_wants_it() -> None:
    address = "02:42:ac:11:00:02"
    assert a_config(mac_address=address)["MacAddress"] == address
    for mode, network in (("", "default"), ("blue", "blue")):
        newer = a_config(api=(1, 44), mac_address=address, network_mode=mode)
        assert "MacAddress" not in newer
        assert newer["NetworkingConfig"] == {"EndpointsConfig": {network: {"MacAddress": address}}}


def test_a_network_cards_address_stands_on_the_first_network_of_the_deployment() -> None:
    networks = (Attachment("back.shop", ("web",)), Attachment("front.shop", ("web",)))
    spec = ContainerSpec(image="app:1", mac_address="02:42:ac:11:00:02")
    request = ContainerRequest(name="n", hostname="h", spec=spec, labels={}, networks=networks)
    config = render_config(request, api=(1, 44))
    assert config["NetworkingConfig"] == {
        "EndpointsConfig": {
            "back.shop": {"Aliases": ["web"], "MacAddress": "02:42:ac:11:00:02"},
            "front.shop": {"Aliases": ["web"]},
        }
    }


def test_who_has_the_names_of_the_host_gets_none() -> None:
    config = a_config(uts_mode="host", hostname="web", domainname="example.org")
    assert not {"Hostname", "Domainname"} & config.keys()


@pytest.mark.parametrize(("given", "taken"), [(0.0, 0), (0.2, 1), (10.0, 10), (-5.0, 0)])
def test_graces_are_whole_seconds_and_never_for_ever(given: float, taken: int) -> None:
    assert whole_seconds(given) == taken
