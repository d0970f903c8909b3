"""The flags of ``docker run`` and the keys of a service that they stand for."""

from collections.abc import Mapping
from typing import Literal

import msgspec


class Flag(msgspec.Struct, frozen=True):
    """What a flag stands for."""

    #: The long spelling, without hyphens.
    name: str
    #: ``switch`` takes no value, ``text`` one, ``list`` may be given several times; ``part`` becomes
    #: a part of its key in a way of its own.
    kind: Literal["switch", "text", "list", "part"]
    #: Key of the service; "" when the flag has no effect.
    key: str = ""
    #: Why it has no effect, or which other effect it has.
    reason: str = ""


#: Short spelling of a long one.
SHORT: Mapping[str, str] = {
    "a": "attach",
    "c": "cpu-shares",
    "d": "detach",
    "e": "env",
    "h": "hostname",
    "i": "interactive",
    "l": "label",
    "m": "memory",
    "P": "publish-all",
    "p": "publish",
    "q": "quiet",
    "t": "tty",
    "u": "user",
    "v": "volume",
    "w": "workdir",
}

#: Former spellings.
OLD_NAMES: Mapping[str, str] = {
    "dns-opt": "dns-option",
    "net": "network",
    "net-alias": "network-alias",
}

_TEXTS = {
    "cgroup-parent": "cgroup_parent",
    "cgroupns": "cgroup",
    "cpu-period": "cpu_period",
    "cpu-quota": "cpu_quota",
    "cpu-rt-period": "cpu_rt_period",
    "cpu-rt-runtime": "cpu_rt_runtime",
    "cpu-shares": "cpu_shares",
    "cpus": "cpus",
    "cpuset-cpus": "cpuset",
    "domainname": "domainname",
    "hostname": "hostname",
    "ipc": "ipc",
    "isolation": "isolation",
    "log-driver": "log_driver",
    "mac-address": "mac_address",
    "memory": "mem_limit",
    "memory-reservation": "mem_reservation",
    "memory-swap": "memswap_limit",
    "memory-swappiness": "mem_swappiness",
    "name": "container_name",
    "oom-score-adj": "oom_score_adj",
    "pid": "pid",
    "pids-limit": "pids_limit",
    "platform": "platform",
    "pull": "pull_policy",
    "restart": "restart",
    "runtime": "runtime",
    "shm-size": "shm_size",
    "stop-signal": "stop_signal",
    "user": "user",
    "userns": "userns_mode",
    "uts": "uts",
    "volume-driver": "volume_driver",
    "workdir": "working_dir",
}

_LISTS = {
    "add-host": "extra_hosts",
    "annotation": "annotations",
    "cap-add": "cap_add",
    "cap-drop": "cap_drop",
    "device": "devices",
    "device-cgroup-rule": "device_cgroup_rules",
    "dns": "dns",
    "dns-option": "dns_opt",
    "dns-search": "dns_search",
    "env": "environment",
    "env-file": "env_file",
    "expose": "expose",
    "group-add": "group_add",
    "label": "labels",
    "label-file": "label_file",
    "link": "external_links",
    "log-opt": "log_opt",
    "publish": "ports",
    "security-opt": "security_opt",
    "storage-opt": "storage_opt",
    "sysctl": "sysctls",
    "tmpfs": "tmpfs",
    "volume": "volumes",
    "volumes-from": "volumes_from",
}

_SWITCHES = {
    "init": "init",
    "interactive": "stdin_open",
    "oom-kill-disable": "oom_kill_disable",
    "privileged": "privileged",
    "read-only": "read_only",
    "tty": "tty",
    "use-api-socket": "use_api_socket",
}

_PARTS = {
    "entrypoint": "entrypoint",
    "gpus": "gpus",
    "health-cmd": "healthcheck",
    "health-interval": "healthcheck",
    "health-retries": "healthcheck",
    "health-start-interval": "healthcheck",
    "health-start-period": "healthcheck",
    "health-timeout": "healthcheck",
    "mount": "volumes",
    "network": "networks",
    "network-alias": "networks",
    "stop-timeout": "stop_grace_period",
    "ulimit": "ulimits",
}

_NOT_ATTACHED = "nobody is attached: the output is in the logs"
_NO_EFFECT = "this flag has no effect"
_ADDRESS = "the engine chooses the address"
_REPLACED = (
    "a container that ends is replaced: use OCCS_REMOVE_ON_DIE=0 for a service that runs once"
)

_UNUSED = (
    *("blkio-weight", "blkio-weight-device", "cidfile", "cpu-count", "cpu-percent", "cpuset-mems"),
    *("device-read-bps", "device-read-iops", "device-write-bps", "device-write-iops"),
    *("io-maxbandwidth", "io-maxiops", "kernel-memory"),
)
_WITHOUT_EFFECT: Mapping[str, tuple[Literal["switch", "text"], str]] = {
    "attach": ("text", _NOT_ATTACHED),
    "detach": ("switch", "containers always run in the background"),
    "detach-keys": ("text", _NOT_ATTACHED),
    "help": ("switch", _NO_EFFECT),
    "ip": ("text", _ADDRESS),
    "ip6": ("text", _ADDRESS),
    "link-local-ip": ("text", _ADDRESS),
    "publish-all": ("switch", "publish each port by its number, with -p"),
    "quiet": ("switch", _NO_EFFECT),
    "rm": ("switch", _REPLACED),
    "sig-proxy": ("switch", _NOT_ATTACHED),
    **dict.fromkeys(_UNUSED, ("text", _NO_EFFECT)),
    "disable-content-trust": ("switch", _NO_EFFECT),
}

#: Switches that mean something only to a person at a terminal.
_NEARLY = {
    "interactive": "the input is kept open, and nobody is attached to it",
    "tty": "the container gets a terminal, and nobody is attached to it",
}

#: Every flag by its long name.
FLAGS: Mapping[str, Flag] = {
    **{name: Flag(name, "text", key) for name, key in _TEXTS.items()},
    **{name: Flag(name, "list", key) for name, key in _LISTS.items()},
    **{name: Flag(name, "switch", key, _NEARLY.get(name, "")) for name, key in _SWITCHES.items()},
    **{name: Flag(name, "part", key) for name, key in _PARTS.items()},
    "no-healthcheck": Flag("no-healthcheck", "switch", "healthcheck"),
    **{name: Flag(name, kind, "", why) for name, (kind, why) in _WITHOUT_EFFECT.items()},
}
