"""Renders a container request as the body of Docker's ``POST /containers/create``."""

import math
from collections.abc import Mapping

import msgspec

from berth.agent.engine.docker.create_limits import Json, render_limits
from berth.agent.engine.docker.create_mounts import (
    render_binds,
    render_mounts,
    render_tmpfs,
    render_volumes,
)
from berth.agent.engine.docker.create_networks import render_endpoints, render_healthcheck
from berth.agent.engine.protocol import ContainerRequest
from berth.domain.spec import ContainerSpec, LogSpec, PortSpec

__all__ = ["Json", "render_config", "render_create"]

#: Linux refuses longer host names.
_LONGEST_HOSTNAME = 63
#: What the host's own names stand in for.
_NAMES = ("Hostname", "Domainname")
#: A security option that clients carry out: nothing of /proc and /sys is hidden or read-only.
_OPEN_PATHS = "systempaths=unconfined"
#: From here on the address of a container's network card is a member of its network.
_MAC_PER_NETWORK = (1, 44)


def render_create(request: ContainerRequest, *, api: tuple[int, int] = (1, 41)) -> bytes:
    """Return the JSON body; members left at their defaults stay out, so the engine's own hold."""
    return msgspec.json.encode(render_config(request, api=api))


def render_config(request: ContainerRequest, *, api: tuple[int, int]) -> Json:
    """Return the body as an object. Source of its form: Docker Engine API, ContainerCreate."""
    spec = request.spec
    config: Json = {
        "Image": spec.image,
        "Labels": {**dict(spec.labels), **request.labels},
        "Env": render_environment(request.environment, spec),
        "HostConfig": {**render_host_config(spec), **_render_neighbours(request)},
    }
    # Joining another container's or the host's network means bearing its name.
    if spec.network_mode != "host" and not spec.network_mode.startswith("container:"):
        config["Hostname"] = trim_hostname(spec.hostname or request.hostname)
    optional: Json = {
        "Domainname": spec.domainname,
        "User": spec.user,
        "WorkingDir": spec.working_dir,
        "Tty": spec.tty,
        "OpenStdin": spec.stdin_open,
        "StopSignal": spec.stop_signal,
        "ExposedPorts": render_exposed(spec),
        "Healthcheck": render_healthcheck(spec, api=api),
        "Volumes": render_volumes(spec.mounts),
    }
    config.update((name, value) for name, value in optional.items() if value)
    # An empty list is a choice here: it clears the image's own.
    if spec.command is not None:
        config["Cmd"] = list(spec.command)
    if spec.entrypoint is not None:
        config["Entrypoint"] = list(spec.entrypoint) if any(spec.entrypoint) else _cleared(spec)
    if spec.stop_grace_s is not None:
        config["StopTimeout"] = whole_seconds(spec.stop_grace_s)
    if spec.uts_mode == "host":  # then the engine takes no names
        config = {name: each for name, each in config.items() if name not in _NAMES}
    return config | _render_networks(request, api)


def _cleared(spec: ContainerSpec) -> list[str]:
    """Return what takes the image's entrypoint away; with it, "" takes the image's command too."""
    return [""] if spec.command else []


def render_host_config(spec: ContainerSpec) -> Json:
    """Return the part of the body that concerns the host."""
    host: Json = {"RestartPolicy": {"Name": "no"}}
    optional: Json = {
        "Binds": render_binds(spec.mounts),
        "Mounts": render_mounts(spec.mounts),
        "Tmpfs": render_tmpfs(spec.mounts),
        "PortBindings": render_bindings(spec.ports),
        "NetworkMode": spec.network_mode,
        "PidMode": spec.pid_mode,
        "IpcMode": spec.ipc_mode,
        "ExtraHosts": list(spec.extra_hosts),
        "Dns": list(spec.dns),
        "DnsSearch": list(spec.dns_search),
        "DnsOptions": list(spec.dns_options),
        "CapAdd": list(spec.cap_add),
        "CapDrop": list(spec.cap_drop),
        "SecurityOpt": [one for one in spec.security_opt if one != _OPEN_PATHS],
        "Devices": [render_device(device) for device in spec.devices],
        "Privileged": spec.privileged,
        "Init": spec.init,
        "ReadonlyRootfs": spec.read_only,
        "Memory": spec.memory_bytes,
        "MemorySwap": spec.memory_swap_bytes,
        "MemoryReservation": spec.memory_reservation_bytes,
        "NanoCpus": round(spec.cpus * 1e9),
        "CpuShares": spec.cpu_shares,
        "CpusetCpus": spec.cpuset,
        "PidsLimit": spec.pids_limit,
        "ShmSize": spec.shm_bytes,
        "LogConfig": _render_log(spec.log),
    }
    host.update((name, value) for name, value in optional.items() if value)
    host.update(render_limits(spec))
    if _OPEN_PATHS in spec.security_opt:
        host |= {"MaskedPaths": [], "ReadonlyPaths": []}
    return host


def _render_neighbours(request: ContainerRequest) -> Json:
    """Return what of the host's part concerns other containers of the host."""
    optional: Json = {
        "NetworkMode": request.networks[0].network if request.networks else "",
        "Links": [f"{other}:{alias}" for other, alias in request.links],
        "VolumesFrom": list(request.volumes_from),
    }
    return {name: value for name, value in optional.items() if value}


def render_environment(given: Mapping[str, str], spec: ContainerSpec) -> list[str]:
    """Join the request's variables with the spec's, which win."""
    return [f"{name}={value}" for name, value in {**given, **dict(spec.environment)}.items()]


def render_bindings(ports: tuple[PortSpec, ...]) -> dict[str, list[dict[str, str]]]:
    """Return the published ports by container port; "" leaves the host port to the engine."""
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in ports:
        host = "" if port.host is None else str(port.host)
        entry = {"HostIp": port.ip, "HostPort": host}
        bindings.setdefault(f"{port.container}/{port.protocol}", []).append(entry)
    return bindings


def render_exposed(spec: ContainerSpec) -> dict[str, Json]:
    """Return every port that is published or documented."""
    published = [f"{port.container}/{port.protocol}" for port in spec.ports]
    documented = [port if "/" in port else f"{port}/tcp" for port in spec.expose]
    return {port: {} for port in (*published, *documented)}


def render_device(text: str) -> Json:
    """Read ``/dev/host[:/dev/inside][:rwm]``."""
    parts = text.split(":")
    inside = parts[1] if len(parts) > 1 and parts[1].startswith("/") else parts[0]
    rights = parts[-1] if len(parts) > 1 and not parts[-1].startswith("/") else "rwm"
    return {"PathOnHost": parts[0], "PathInContainer": inside, "CgroupPermissions": rights}


def trim_hostname(name: str) -> str:
    """Cut a host name to what Linux takes, without a dot or hyphen left at the end."""
    return name[:_LONGEST_HOSTNAME].rstrip(".-")


def whole_seconds(seconds: float) -> int:
    """Round up, since Docker counts whole seconds; never below zero, which would mean for ever."""
    return max(0, math.ceil(seconds))


def _render_log(log: LogSpec | None) -> Json | None:
    return {"Type": log.driver, "Config": dict(log.options)} if log else None


def _render_networks(request: ContainerRequest, api: tuple[int, int]) -> Json:
    """Return the networks that are joined at creation, with the address of the card on the first."""
    spec, config = request.spec, Json()
    endpoints = render_endpoints(request.networks, api=api)
    if spec.mac_address and api < _MAC_PER_NETWORK:
        config["MacAddress"] = spec.mac_address
    elif spec.mac_address:
        first = next(iter(endpoints), spec.network_mode or "default")
        endpoints.setdefault(first, {})["MacAddress"] = spec.mac_address
    if endpoints:
        config["NetworkingConfig"] = {"EndpointsConfig": endpoints}
    return config
