"""Writes single values of a service the way that the readers of its keys take them."""

import shlex
from collections.abc import Iterable
from typing import TypeAlias

from berth.definition.text.command_line import MAX_LINE, MAX_WORDS
from berth.domain.spec import DeviceRequest, MountSpec, PortSpec, Probe, UpdatePolicy

#: The value of a key: what JSON can hold, without null.
Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value]"
Body: TypeAlias = dict[str, Value]

#: Capability of every device that ``gpus`` asks for.
GPU = "gpu"
#: Most digits behind the point of a duration with a unit.
_MAX_DECIMALS = 12
_UNITS = (("g", 2**30), ("m", 2**20), ("k", 2**10))


def texts(values: Iterable[str]) -> list[Value]:
    """Return a list of texts."""
    return list(values)


def write_size(size: int) -> Value:
    """Write bytes with the greatest unit that holds them exactly; 0 and -1 stay what they are."""
    if size <= 0:
        return size
    return next((f"{size // by}{unit}" for unit, by in _UNITS if size % by == 0), f"{size}b")


def write_duration(seconds: float) -> Value:
    """Write a duration; one with too many digits for a unit is a bare number of seconds."""
    digits = repr(int(seconds) if seconds.is_integer() else seconds)
    exact = "e" not in digits and len(digits.partition(".")[2]) <= _MAX_DECIMALS
    return f"{digits}s" if exact else seconds


def write_command(words: Iterable[str]) -> Value:
    """Write a command as one text where that needs no quotes and is not too long, else as a list."""
    line = shlex.join(words := list(words))
    is_list = not words or "'" in line or len(line) > MAX_LINE or len(words) > MAX_WORDS
    return texts(words) if is_list else line


def write_pairs(pairs: Iterable[tuple[str, str]]) -> Value:
    """Write names with values as a list; as a mapping where a name itself holds an equals sign."""
    known = list(pairs)
    if any("=" in name for name, _ in known):
        return dict(known)
    return [f"{name}={value}" for name, value in known]


def write_port(port: PortSpec) -> Value:
    """Write a port in the short form."""
    inner = f"{port.container}/{port.protocol}"
    ip = f"[{port.ip}]" if ":" in port.ip else port.ip
    if ip:
        return f"{ip}:{port.host or ''}:{inner}"
    return f"{port.host}:{inner}" if port.host is not None else inner


def write_mount(mount: MountSpec) -> Value:
    """Write a mount in the short form, or in the long one where only that can express it."""
    if mount.kind == "tmpfs" or mount.subpath or ":" in mount.source + mount.target:
        return _write_long(mount)
    if not mount.source:
        return _write_long(mount) if _modes(mount) else mount.target
    modes = ",".join(_modes(mount) or ["rw"])
    return f"{mount.source}:{mount.target}:{modes}"


def _modes(mount: MountSpec) -> list[str]:
    words = ["ro" if mount.read_only else "", mount.relabel, mount.propagation]
    return [word for word in [*words, "nocopy" if mount.no_copy else ""] if word]


def _write_long(mount: MountSpec) -> Value:
    options: dict[str, Body] = {
        "bind": given({"propagation": mount.propagation, "selinux": mount.relabel}),
        "volume": given({"nocopy": mount.no_copy, "subpath": mount.subpath}),
        "tmpfs": given(
            {
                "size": write_size(mount.tmpfs_bytes),
                "mode": mount.tmpfs_mode and f"{mount.tmpfs_mode:03o}",
                "options": texts(mount.tmpfs_options),
            }
        ),
    }
    return {
        "type": mount.kind,
        **given({"source": mount.source}),
        "target": mount.target,
        **given({"read_only": mount.read_only, mount.kind: options[mount.kind]}),
    }


def write_request(request: DeviceRequest, *, gpu: bool) -> Value:
    """Write a request for devices; among ``gpus`` the capability ``gpu`` is left out."""
    usual = gpu and request.capabilities == (GPU,)
    count: Body = {} if request.ids else {"count": "all" if request.count < 0 else request.count}
    return count | given(
        {
            "driver": request.driver,
            "device_ids": texts(request.ids),
            "capabilities": [] if usual else texts(request.capabilities),
            "options": dict(request.options),
        }
    )


def write_check(probe: Probe) -> Body:
    """Write a check in the words of ``healthcheck``."""
    test: Body = {"test": texts(probe.test)} if probe.test else {}
    return test | {
        "interval": write_duration(probe.interval_s),
        "timeout": write_duration(probe.timeout_s),
        "retries": probe.retries,
        "start_period": write_duration(probe.start_period_s),
    }


def write_update(policy: UpdatePolicy) -> Body:
    """Write how slots are replaced; what is at its default is left out."""
    usual = UpdatePolicy()
    members: dict[str, Value] = {
        "parallelism": policy.parallelism,
        "delay": write_duration(policy.delay_s),
        "order": policy.order,
        "failure_action": policy.on_failure,
        "monitor": write_duration(policy.monitor_s),
        "max_failure_ratio": policy.max_failure_ratio,
    }
    changed = (
        policy.parallelism != usual.parallelism,
        policy.delay_s != usual.delay_s,
        policy.order != usual.order,
        policy.on_failure != usual.on_failure,
        policy.monitor_s != usual.monitor_s,
        policy.max_failure_ratio != usual.max_failure_ratio,
    )
    return {name: members[name] for name, is_set in zip(members, changed, strict=True) if is_set}


def given(members: Body) -> Body:
    """Leave out what has no meaning: empty texts, lists and mappings, zero and false."""
    return {name: value for name, value in members.items() if value}
