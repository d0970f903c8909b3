"""Writes the documents of simulated containers and images."""

from datetime import UTC, datetime

import msgspec

from berth.agent.engine.docker.create_body import Json, render_config
from berth.domain.observed import EngineImage, PortBinding
from berth.testing.engine.container import SimulatedContainer

_NEVER = "0001-01-01T00:00:00Z"
_ROOT = "/var/lib/docker"

#: Members of HostConfig beside those that a request sets.
_HOST_DEFAULTS: Json = {
    "Binds": None,
    "ContainerIDFile": "",
    "LogConfig": {"Type": "json-file", "Config": {}},
    "NetworkMode": "default",
    "PortBindings": {},
    "AutoRemove": False,
    "VolumeDriver": "",
    "VolumesFrom": None,
    "CapAdd": None,
    "CapDrop": None,
    "CgroupnsMode": "host",
    "Dns": [],
    "DnsOptions": [],
    "DnsSearch": [],
    "ExtraHosts": None,
    "GroupAdd": None,
    "IpcMode": "private",
    "Cgroup": "",
    "Links": None,
    "OomScoreAdj": 0,
    "PidMode": "",
    "Privileged": False,
    "PublishAllPorts": False,
    "ReadonlyRootfs": False,
    "SecurityOpt": None,
    "UTSMode": "",
    "UsernsMode": "",
    "ShmSize": 67108864,
    "Runtime": "runc",
    "ConsoleSize": [0, 0],
    "Isolation": "",
    "CpuShares": 0,
    "Memory": 0,
    "NanoCpus": 0,
    "CgroupParent": "",
    "BlkioWeight": 0,
    "BlkioWeightDevice": [],
    "BlkioDeviceReadBps": [],
    "BlkioDeviceWriteBps": [],
    "BlkioDeviceReadIOps": [],
    "BlkioDeviceWriteIOps": [],
    "CpuPeriod": 0,
    "CpuQuota": 0,
    "CpuRealtimePeriod": 0,
    "CpuRealtimeRuntime": 0,
    "CpusetCpus": "",
    "CpusetMems": "",
    "Devices": [],
    "DeviceCgroupRules": None,
    "DeviceRequests": None,
    "KernelMemory": 0,
    "KernelMemoryTCP": 0,
    "MemoryReservation": 0,
    "MemorySwap": 0,
    "MemorySwappiness": None,
    "OomKillDisable": False,
    "PidsLimit": None,
    "Ulimits": [],
    "CpuCount": 0,
    "CpuPercent": 0,
    "IOMaximumIOps": 0,
    "IOMaximumBandwidth": 0,
    "MaskedPaths": [
        "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    ],
    "ReadonlyPaths": [
        "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    ],
}  # fmt: skip

#: Members of Config beside those that a request sets.
_CONFIG_DEFAULTS: Json = {
    "Hostname": "",
    "Domainname": "",
    "User": "",
    "AttachStdin": False,
    "AttachStdout": True,
    "AttachStderr": True,
    "ExposedPorts": {},
    "Tty": False,
    "OpenStdin": False,
    "StdinOnce": False,
    "Cmd": None,
    "Volumes": None,
    "WorkingDir": "",
    "Entrypoint": None,
    "OnBuild": None,
}


def render_document(container: SimulatedContainer) -> bytes:
    """Return the JSON text that Docker would answer to an inspect; source: Docker 20.10."""
    config = render_config(container.request, api=(1, 41))
    host = config.pop("HostConfig")
    spec = container.request.spec
    words = (*(spec.entrypoint or ()), *(spec.command or ()))
    folder = f"{_ROOT}/containers/{container.id}"
    document: Json = {
        "Id": container.id,
        "Created": _render_time(container.created_at),
        "Path": words[0] if words else "sh",
        "Args": list(words[1:]),
        "State": _render_state(container),
        "Image": container.image_id,
        "ResolvConfPath": f"{folder}/resolv.conf",
        "HostnamePath": f"{folder}/hostname",
        "HostsPath": f"{folder}/hosts",
        "LogPath": f"{folder}/{container.id}-json.log",
        "Name": f"/{container.name}",
        "RestartCount": 0,
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "",
        "ExecIDs": None,
        "HostConfig": {**_HOST_DEFAULTS, **(host if isinstance(host, dict) else {})},
        "GraphDriver": _render_layers(container),
        "Mounts": _render_mounts(container),
        "Config": {**_CONFIG_DEFAULTS, **config},
        "NetworkSettings": _render_network(container),
    }
    return msgspec.json.encode(document)


def _render_state(container: SimulatedContainer) -> Json:
    return {
        "Status": container.state,
        "Running": container.alive,
        "Paused": container.state == "paused",
        "Restarting": False,
        "OOMKilled": container.oom_killed,
        "Dead": False,
        "Pid": 1000 + container.runs if container.alive else 0,
        "ExitCode": container.exit_code,
        "Error": container.error,
        "StartedAt": _render_time(container.started_at),
        "FinishedAt": _render_time(container.finished_at),
        **_render_health(container),
    }


def _render_health(container: SimulatedContainer) -> Json:
    if not container.health:
        return {}
    failed = container.health == "unhealthy" or bool(container.health_output)
    said = [{"ExitCode": 1, "Output": container.health_output}] if failed else []
    return {"Health": {"Status": container.health, "FailingStreak": len(said), "Log": said}}


def _render_layers(container: SimulatedContainer) -> Json:
    layer = f"{_ROOT}/overlay2/{container.id[::-1]}"
    below = f"{layer}-init/diff:{_ROOT}/overlay2/{container.image_id.removeprefix('sha256:')}/diff"
    data = {
        "LowerDir": below,
        "MergedDir": f"{layer}/merged",
        "UpperDir": f"{layer}/diff",
        "WorkDir": f"{layer}/work",
    }
    return {"Data": data, "Name": "overlay2"}


def _render_mounts(container: SimulatedContainer) -> list[Json]:
    return [
        {
            "Type": mount.kind,
            "Name": mount.source if mount.kind == "volume" else "",
            "Source": mount.source,
            "Destination": mount.target,
            "Mode": "ro" if mount.read_only else "",
            "RW": not mount.read_only,
            "Propagation": "rprivate" if mount.kind == "bind" else "",
        }
        for mount in container.request.spec.mounts
    ]


def _render_network(container: SimulatedContainer) -> Json:
    address = _address(container) if container.alive else ""
    endpoint: Json = {
        "IPAMConfig": None,
        "Links": None,
        "Aliases": None,
        "NetworkID": "b26a933a" * 8,
        "EndpointID": container.id[32:] + container.id[:32] if address else "",
        "Gateway": "172.17.0.1" if address else "",
        "IPAddress": address,
        "IPPrefixLen": 16 if address else 0,
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "MacAddress": container.request.spec.mac_address,
        "DriverOpts": None,
    }
    mode = container.request.spec.network_mode or "bridge"
    joined = [one.network for one in container.request.networks]
    return {
        "Bridge": "",
        "SandboxID": container.id[::-1],
        "HairpinMode": False,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "Ports": _render_ports(container.ports),
        "SandboxKey": f"/var/run/docker/netns/{container.id[-12:]}",
        "SecondaryIPAddresses": None,
        "SecondaryIPv6Addresses": None,
        "EndpointID": endpoint["EndpointID"],
        "Gateway": endpoint["Gateway"],
        "IPAddress": "" if joined else address,
        "IPPrefixLen": endpoint["IPPrefixLen"],
        "MacAddress": endpoint["MacAddress"],
        "Networks": dict.fromkeys(joined or [mode], endpoint),
    }


def _render_ports(ports: tuple[PortBinding, ...]) -> dict[str, list[dict[str, str]]]:
    bound: dict[str, list[dict[str, str]]] = {}
    for port in ports:
        entries = bound.setdefault(f"{port.container}/{port.protocol}", [])
        for address in (port.ip,) if port.ip else ("0.0.0.0", "::"):
            entries.append({"HostIp": address, "HostPort": str(port.host)})
    return bound


def _address(container: SimulatedContainer) -> str:
    if container.request.spec.network_mode not in ("", "default", "bridge"):
        return ""
    number = int(container.id[:8], 16)
    return f"172.17.{number % 255}.{2 + number // 255 % 250}"


def _render_time(seconds: float | None) -> str:
    if seconds is None:
        return _NEVER
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def render_image(image: EngineImage, *, has_check: bool = False) -> bytes:
    """Write the document of an image."""
    check: Json = {"Healthcheck": {"Test": ["CMD", "check"]}} if has_check else {}
    return msgspec.json.encode(
        {
            "Id": image.id,
            "RepoTags": image.names,
            "RepoDigests": image.digests,
            "Parent": "",
            "Comment": "",
            "Created": _render_time(image.created_at),
            "Config": {"Cmd": ["sh"], "Env": ["PATH=/bin"], "Labels": image.labels, **check},
            "Architecture": "amd64",
            "Os": "linux",
            "Size": image.size,
            "VirtualSize": image.size,
            "RootFS": {"Type": "layers", "Layers": [image.id]},
        }
    )


def render_layers(image: EngineImage) -> bytes:
    """Write the history of an image, which is one layer."""
    return msgspec.json.encode(
        [
            {
                "Id": image.id,
                "Created": image.created_at,
                "CreatedBy": "simulated",
                "Size": image.size,
                "Tags": image.names,
                "Comment": "",
            }
        ]
    )
