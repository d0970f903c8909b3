"""Keys for what is mounted into a container: volumes, tmpfs and devices."""

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

from berth.definition.draft import Draft, KeyParser, member
from berth.definition.nodes import Dictionary, Node, Scalar
from berth.definition.place import Place
from berth.definition.values import boolean, each, list_of, shown, text
from berth.domain.spec import MountSpec

_Kind: TypeAlias = Literal["bind", "volume", "tmpfs"]
_KINDS: Mapping[str, _Kind] = {"bind": "bind", "volume": "volume", "tmpfs": "tmpfs"}
_VOLUME_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
_FORM = "write /host:/container:ro, name:/container or /container"
_IGNORED_MODES = frozenset(
    {"z", "Z", "nocopy", "cached", "delegated", "consistent"}
    | {"shared", "slave", "private", "rshared", "rslave", "rprivate"}
)
_DEVICE = re.compile(r"/[^:]+(:/[^:]+)?(:[rwm]{1,3})?")


def _parse_volumes(node: Node, at: Place, *, draft: Draft) -> None:
    for mount in each(node, at, read=_read_volume):
        _add_mount(mount, node, at=at, draft=draft)


def _parse_tmpfs(node: Node, at: Place, *, draft: Draft) -> None:
    for mount in each(node, at, read=_read_tmpfs, single=True):
        _add_mount(mount, node, at=at, draft=draft)


def _add_mount(mount: MountSpec, node: Node, *, at: Place, draft: Draft) -> None:
    if draft.mounts.setdefault(mount.target, mount) != mount:
        at.problem(node, f"two things are mounted at {mount.target}: keep one")


def _read_volume(node: Node, at: Place) -> MountSpec | None:
    if isinstance(node, Dictionary):
        return _read_long(node, at)
    value = text(node, at)
    if value is None:
        return None
    parts = value.split(":")
    if len(parts) > 3:
        at.problem(node, f"{shown(value)} is not a volume: {_FORM}")
        return None
    if len(parts) == 1:
        return _mount("volume", "", target=parts[0], node=node, at=at)
    read_only = len(parts) == 3 and _read_mode(parts[2], node, at=at)
    kind: _Kind = "bind" if parts[0][:1] in ("/", ".", "~") else "volume"
    return _mount(kind, parts[0], target=parts[1], read_only=read_only, node=node, at=at)


def _read_mode(mode: str, node: Node, *, at: Place) -> bool:
    """Read the last part of a short form; true means read only."""
    words = mode.split(",")
    for word in words:
        if word in _IGNORED_MODES:
            at.ignored(node, f"the mount option {word} is not passed to the engine")
        elif word not in ("ro", "rw"):
            at.problem(node, f"the mode {shown(word)} is unknown: use ro or rw")
    return "ro" in words


def _read_long(node: Dictionary, at: Place) -> MountSpec | None:
    fields: dict[str, str] = {}
    read_only = False
    for name, (key, item) in node.entries.items():
        place = at.inside(name)
        if name in ("type", "source", "src", "target", "dst", "destination"):
            fields[name] = text(item, place) or ""
        elif name in ("read_only", "readonly"):
            read_only = boolean(item, place) or False
        else:
            place.ignored(key, "this part of a mount is not passed to the engine")
    target = fields.get("target") or fields.get("dst") or fields.get("destination") or ""
    source = fields.get("source") or fields.get("src") or ""
    kind = _KINDS.get(fields.get("type", "volume"))
    if kind is None:
        at.problem(
            node, f"the mount type {shown(fields['type'])} is unknown: use bind, volume or tmpfs"
        )
        return None
    if kind == "tmpfs":
        source = ""
    return _mount(kind, source, target=target, read_only=read_only, node=node, at=at)


def _mount(
    kind: _Kind, source: str, *, target: str, node: Node, at: Place, read_only: bool = False
) -> MountSpec | None:
    if not target.startswith("/"):
        at.problem(node, f"the target {shown(target)} is not a path from the root: {_FORM}")
    elif kind == "bind" and not source.startswith("/"):
        at.problem(
            node,
            f"the host path {shown(source)} is not a path from the root: the text "
            "has no folder of its own on a host",
        )
    elif kind == "volume" and source and not _VOLUME_NAME.fullmatch(source):
        at.problem(
            node,
            f"{shown(source)} is not a volume name: use letters, digits, dots, "
            "underscores and hyphens",
        )
    else:
        return MountSpec(kind, _tidy(target), source, read_only)
    return None


def _tidy(path: str) -> str:
    """Drop slashes at the end, so that one place is written in one way."""
    return path.rstrip("/") or "/"


def _read_tmpfs(node: Node, at: Place) -> MountSpec | None:
    value = text(node, at)
    if value is None:
        return None
    target, _, options = value.partition(":")
    if options:
        at.ignored(node, "the options of a tmpfs are not passed to the engine")
    return _mount("tmpfs", "", target=target, node=node, at=at)


def _read_device(node: Node, at: Place) -> str | None:
    if isinstance(node, Scalar):
        value = text(node, at) or ""
        if _DEVICE.fullmatch(value):
            return value
        at.problem(node, f"{shown(value)} is not a device: write /dev/host:/dev/container:rwm")
        return None
    at.problem(node, "a device is a single value: write /dev/host:/dev/container:rwm")
    return None


KEYS: Mapping[str, KeyParser] = {
    "volumes": _parse_volumes,
    "tmpfs": _parse_tmpfs,
    "devices": member("devices", list_of(_read_device)),
}
