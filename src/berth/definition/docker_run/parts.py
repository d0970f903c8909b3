"""Turns the values of flags into the nodes of the keys that they stand for."""

import csv
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from berth.definition.docker_run.flags import Flag
from berth.definition.text.node_factory import make_list, make_mapping, make_node, make_scalar
from berth.definition.text.nodes import Mark, Node, Scalar
from berth.definition.text.shell_words import Word

#: The flags of one key with their values, in the order of the text.
Given: TypeAlias = list[tuple[Flag, Word]]
#: Returns the keys that the flags stand for.
Part: TypeAlias = Callable[[Given], dict[str, Node]]

_SWITCHES = {"1": True, "t": True, "true": True, "0": False, "f": False, "false": False}
#: Words for a network that are not names of one.
MODES = frozenset({"bridge", "host", "none", "default"})
_MOUNT_WORDS = {
    "type": "type",
    "source": "source",
    "src": "source",
    "target": "target",
    "dst": "target",
    "destination": "target",
    "consistency": "consistency",
}
#: Where an option of ``--mount`` stands in the long form of a volume.
_MOUNT_OPTIONS = {
    "bind-propagation": ("bind", "propagation"),
    "volume-nocopy": ("volume", "nocopy"),
    "volume-subpath": ("volume", "subpath"),
    "tmpfs-size": ("tmpfs", "size"),
    "tmpfs-mode": ("tmpfs", "mode"),
}
#: A value with more commas is not a list of fields.
_MOST_FIELDS = 200
_HEALTH = {
    "health-interval": "interval",
    "health-retries": "retries",
    "health-start-interval": "start_interval",
    "health-start-period": "start_period",
    "health-timeout": "timeout",
}


def read_plain(given: Given) -> dict[str, Node]:
    """Read flags whose values the key takes as they are."""
    flag, last = given[-1]
    if flag.kind == "list":
        items = [make_scalar(word.value, word.start) for _, word in given]
        return {flag.key: make_list(items, given[0][1].start)}
    if flag.kind == "switch":
        return {flag.key: _switch(last.value, last.start)}
    return {flag.key: make_scalar(last.value, last.start)}


def _switch(value: str, at: Mark) -> Scalar:
    """Read a switch as the command line does; the reader of the key refuses other words."""
    return make_scalar(_SWITCHES.get(value.lower(), value), at)


def _entrypoint(given: Given) -> dict[str, Node]:
    """Read one word, blanks included; an empty one removes the image's own."""
    word = given[-1][1]
    items = [make_scalar(word.value, word.start)] if word.value else []
    return {"entrypoint": make_list(items, word.start)}


def _stop_grace(given: Given) -> dict[str, Node]:
    """Read seconds; -1 waits without end, for which the longest time stands."""
    word = given[-1][1]
    time = "24h" if word.value == "-1" else f"{word.value}s"
    return {"stop_grace_period": make_scalar(time, word.start)}


def _volumes_from(given: Given) -> dict[str, Node]:
    """Name other containers as such: the command knows no services."""
    items = [make_scalar(f"container:{word.value}", word.start) for _, word in given]
    return {"volumes_from": make_list(items, given[0][1].start)}


def _volumes(given: Given) -> dict[str, Node]:
    items = [
        _read_mount(word) if flag.name == "mount" else make_scalar(word.value, word.start)
        for flag, word in given
    ]
    return {"volumes": make_list(items, given[0][1].start)}


def _read_mount(word: Word) -> Node:
    """Read the fields of ``--mount`` as the long form of a volume."""
    members: dict[str, Node] = {"type": make_scalar("volume", word.start)}
    options: dict[str, dict[str, Node]] = {}
    for name, value in _fields(word.value):
        if name in ("readonly", "ro"):
            members["read_only"] = _switch(value or "true", word.start)
        elif name in _MOUNT_OPTIONS:
            kind, option = _MOUNT_OPTIONS[name]
            node = _switch(value or "true", word.start) if option == "nocopy" else None
            options.setdefault(kind, {})[option] = node or make_scalar(value, word.start)
        else:
            members[_MOUNT_WORDS.get(name, name)] = make_scalar(value, word.start)
    nested = {kind: make_mapping(each, word.start) for kind, each in options.items()}
    return make_mapping({**members, **nested}, word.start)


def _fields(value: str) -> Iterable[tuple[str, str]]:
    """Split a list of ``name=value`` with commas between, where quotes may stand around a field."""
    try:
        row = next(csv.reader([value]), []) if value.count(",") <= _MOST_FIELDS else [value]
    except csv.Error:
        row = [value]
    for field in row:
        name, _, rest = field.partition("=")
        yield name.strip().lower(), rest


def _networks(given: Given) -> dict[str, Node]:
    """Read networks and aliases; an alias without a network of its own belongs to the first."""
    found: dict[str, list[Node]] = {}
    loose: list[Node] = []
    start = given[0][1].start
    for flag, word in given:
        if flag.name == "network-alias":
            loose.append(make_scalar(word.value, word.start))
        elif _is_mode(word.value):
            return {"network_mode": make_scalar(word.value, word.start)}
        else:
            name, aliases = _read_network(word)
            found.setdefault(name, []).extend(aliases)
    if loose:
        found.setdefault(next(iter(found), "default"), []).extend(loose)
    networks = {
        name: make_mapping({"aliases": make_list(aliases, start)} if aliases else {}, start)
        for name, aliases in found.items()
    }
    return {"networks": make_mapping(networks, start)}


def _is_mode(value: str) -> bool:
    template = "{{" in value and not value.startswith("name=")
    return value in MODES or value.startswith("container:") or template


def _read_network(word: Word) -> tuple[str, list[Node]]:
    if "=" not in word.value:
        return word.value, []
    fields = list(_fields(word.value))
    aliases = [make_scalar(value, word.start) for name, value in fields if name == "alias"]
    return dict(fields).get("name", ""), list[Node](aliases)


def _ulimits(given: Given) -> dict[str, Node]:
    limits: dict[str, Node] = {}
    for _, word in given:
        name, _, value = word.value.partition("=")
        soft, _, hard = value.partition(":")
        limits[name] = make_node({"soft": soft, "hard": hard or soft}, word.start)
    return {"ulimits": make_mapping(limits, given[0][1].start)}


def _health(given: Given) -> dict[str, Node]:
    members: dict[str, Node] = {}
    for flag, word in given:
        if flag.name == "no-healthcheck":
            members["disable"] = _switch(word.value, word.start)
        elif flag.name == "health-cmd":
            test = ["NONE"] if word.value == "none" else ["CMD-SHELL", word.value]
            members["test"] = make_node(test, word.start)
        else:
            members[_HEALTH[flag.name]] = make_scalar(word.value, word.start)
    return {"healthcheck": make_mapping(members, given[0][1].start)}


def _gpus(given: Given) -> dict[str, Node]:
    """Read what devices are wanted: ``all``, a number, or fields."""
    requests = [_read_request(word) for _, word in given]
    return {"gpus": make_list(requests, given[0][1].start)}


def _read_request(word: Word) -> Node:
    fields = dict(_fields(word.value))
    request: dict[str, object] = {}
    for name, value in fields.items():
        if name in ("device", "capabilities"):
            request["device_ids" if name == "device" else name] = value.split(",")
        elif name == "options":
            request[name] = dict(pair.partition("=")[::2] for pair in value.split(",") if pair)
        elif name in ("driver", "count"):
            request[name] = value
        elif name == "all" or name.lstrip("-").isdecimal():
            request["count"] = name
        else:
            request[name] = value
    return make_node(request, word.start)


PARTS: Mapping[str, Part] = {
    "entrypoint": _entrypoint,
    "gpus": _gpus,
    "healthcheck": _health,
    "networks": _networks,
    "stop_grace_period": _stop_grace,
    "ulimits": _ulimits,
    "volumes": _volumes,
    "volumes_from": _volumes_from,
}
