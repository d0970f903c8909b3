"""Keys for what is mounted into a container: volumes, tmpfs and devices."""

import posixpath
import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from berth.definition.service.service_draft import KeyParser, ServiceDraft, as_pairs, member
from berth.definition.text.host_path import is_host_path, is_relative
from berth.definition.text.nodes import Dictionary, Node, Sequence
from berth.definition.text.position import Position
from berth.definition.text.template_names import has_template, is_template
from berth.definition.text.values import (
    Reader,
    boolean,
    byte_size,
    each,
    filled,
    list_of,
    mapping,
    no_effect,
    one_of,
    parse_size,
    shown,
    split_outside,
    text,
)
from berth.domain.spec import MountSpec

_Kind: TypeAlias = Literal["bind", "volume", "tmpfs"]
_VOLUME_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,254}")
_ANONYMOUS = (
    "a volume without a name is empty again when its container is replaced: give it a name to keep "
    "what is in it"
)
_NAME_FORM = "use at least two letters, digits, dots, underscores and hyphens"
_FORM = "write /host:/container:ro, name:/container or /container"
#: Hints for engines that share files with another machine; they change nothing on Linux.
_NO_MODES = frozenset({"rw", "cached", "delegated", "consistent", "consistency"})
#: What follows more options than there are is read as one more, which is unknown.
_MOST_OPTIONS = 30
#: Where every container has something already that it cannot do without.
_TAKEN = frozenset({"/", "/dev", "/proc"})
_PROPAGATIONS = frozenset({"shared", "slave", "private", "rshared", "rslave", "rprivate"})
_CDI = re.compile(r"[A-Za-z0-9.-]+/[A-Za-z0-9_.-]+=[^=]+")
_DEVICE = re.compile(r"/[^:]+(:/[^:]+)?(:[rwm]{1,3})?")


def _parse_volumes(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    for index, item in enumerate(_items(node, at)):
        place = at.inside(index) if isinstance(node, Sequence) else at
        mount = _read_volume(item, place)
        if mount is not None:
            if mount.kind == "volume" and not mount.source:
                place.translated(item, _ANONYMOUS)
            mount = _named(mount, item, at=place, draft=draft)
            if mount.kind == "volume" and not _is_volume_name(mount.source):
                place.problem(item, f"{shown(mount.source)} is not a volume name: {_NAME_FORM}")
            _add_mount(mount, item, at=place, draft=draft)


def _items(node: Node, at: Position) -> list[Node]:
    found: list[Node] = []

    def read(item: Node, place: Position) -> object | None:
        found.append(item)
        return None

    list_of(read)(node, at)
    return found


def _named(mount: MountSpec, node: Node, *, at: Position, draft: ServiceDraft) -> MountSpec:
    """Return a named volume the name that its declaration has for it."""
    if mount.kind != "volume" or not mount.source or draft.stack.first_version:
        return mount
    name = draft.stack.volumes.get(mount.source)
    if name is None:
        at.translated(
            node,
            f"the volume {shown(mount.source)} is not declared under volumes: it is created anyway",
        )
        return mount
    return msgspec.structs.replace(mount, source=name)


def _parse_tmpfs(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    for mount in each(node, at, read=_read_tmpfs, single=True):
        _add_mount(mount, node, at=at, draft=draft)


def _add_mount(mount: MountSpec, node: Node, *, at: Position, draft: ServiceDraft) -> None:
    if draft.mounts.setdefault(mount.target, mount) != mount:
        at.problem(node, f"two things are mounted at {mount.target}: keep one")


def _read_volume(node: Node, at: Position) -> MountSpec | None:
    if isinstance(node, Dictionary):
        return _read_long(node, at)
    value = text(node, at)
    if value is None:
        return None
    parts = split_outside(value, ":")
    if len(parts) > 3:
        at.problem(node, f"{shown(value)} is not a volume: {_FORM}")
        return None
    if len(parts) == 1:
        return _checked(MountSpec("volume", parts[0]), node, at=at)
    kind: _Kind = "bind" if is_host_path(parts[0]) else "volume"
    mount = MountSpec(kind, parts[1], parts[0])
    if len(parts) == 3:
        mount = _with_modes(mount, parts[2], node=node, at=at)
    return _checked(mount, node, at=at)


def _with_modes(mount: MountSpec, mode: str, *, node: Node, at: Position) -> MountSpec:
    """Take over the last part of a short form."""
    members: dict[str, object] = {}
    for word in mode.split(",", _MOST_OPTIONS):
        if word == "ro":
            members["read_only"] = True
        elif word in ("z", "Z"):
            members["relabel"] = word
        elif word == "nocopy":
            members["no_copy"] = True
        elif word in _PROPAGATIONS:
            members["propagation"] = word
        elif word not in _NO_MODES:
            at.problem(node, f"the mode {shown(word)} is unknown: use ro or rw")
    return filled(mount, members)


def _read_long(node: Dictionary, at: Position) -> MountSpec | None:
    found = mapping(node, at, readers=_LONG, what="a mount")
    kind = str(found.get("type", "volume"))
    if kind not in ("bind", "volume", "tmpfs"):
        if kind in ("image", "cluster", "npipe"):
            at.ignored(
                node, f"mounts of the type {kind} are not supported: use bind, volume or tmpfs"
            )
        else:
            at.problem(node, f"the mount type {shown(kind)} is unknown: use bind, volume or tmpfs")
        return None
    members: dict[str, object] = {"kind": kind, "target": ""}
    for name in (n for n in found if n not in ("type", *_GROUPS)):
        members[_LONG_NAMES.get(name, name)] = found[name]
    if kind == "tmpfs":
        members.pop("source", None)
    for group in _GROUPS:
        inner = found.get(group)
        if isinstance(inner, dict) and group == kind:
            members.update({_LONG_NAMES.get(str(name), str(name)): inner[name] for name in inner})
        elif inner:
            at.inside(group).ignored(
                node, f"the mount is of the type {kind}: {group} has no effect"
            )
    return _checked(filled(_BARE, members), node, at=at)


def _checked(mount: MountSpec, node: Node, *, at: Position) -> MountSpec | None:
    """Return a mount that an engine accepts, with its target tidied."""
    if not mount.target.startswith("/") and not is_template(mount.target):
        at.problem(node, f"the target {shown(mount.target)} is not an absolute path: {_FORM}")
    elif is_relative(mount.source) or (mount.kind == "bind" and not mount.source):
        at.ignored(
            node,
            f"the host path {shown(mount.source)} is not an absolute path, and a text "
            "has no folder on the hosts: nothing is mounted",
        )
    elif mount.kind == "bind" and mount.source[:1] != "/" and not has_template(mount.source):
        at.problem(node, f"the host path {shown(mount.source)} is not an absolute path")
    else:
        return _possible(mount, node, at=at)
    return None


def _possible(mount: MountSpec, node: Node, *, at: Position) -> MountSpec | None:
    """Return a mount with its target tidied; None for one that no engine makes."""
    target = mount.target
    if target.startswith("/"):
        target = posixpath.normpath(f"/{target.lstrip('/')}")
    refusal = ""
    if target in _TAKEN or target.startswith("/proc/"):
        refusal = f"nothing can be mounted at {shown(mount.target)}: choose another path"
    elif mount.kind == "volume" and not mount.source and mount.read_only:
        refusal = "a volume without a name is empty and could never be filled: leave out read_only"
    elif mount.kind == "volume" and not mount.source and mount.subpath:
        refusal = "a volume without a name has no folders yet: leave out subpath"
    elif mount.kind == "volume" and mount.propagation:
        refusal = f"{mount.propagation} belongs to a host path, not to a volume: leave it out"
    elif mount.kind == "bind" and mount.no_copy:
        refusal = "nocopy belongs to a volume, not to a host path: leave it out"
    if refusal:
        at.problem(node, refusal)
        return None
    return msgspec.structs.replace(
        mount, target="/" + target.lstrip("/") if target.startswith("/") else target
    )


def _is_volume_name(name: str) -> bool:
    return not name or has_template(name) or _VOLUME_NAME.fullmatch(name) is not None


def _read_tmpfs(node: Node, at: Position) -> MountSpec | None:
    value = text(node, at)
    if value is None:
        return None
    target, _, options = value.partition(":")
    members: dict[str, object] = {}
    kept: dict[str, None] = {}
    for option in filter(None, options.split(",", _MOST_OPTIONS)):
        name, _, amount = option.partition("=")
        if option == "ro":
            members["read_only"] = True
        elif name == "size" and (size := parse_size(amount)) is not None:
            members["tmpfs_bytes"] = size
        elif name == "mode" and _MODE.fullmatch(amount):
            members["tmpfs_mode"] = int(amount, 8)
        elif _TMPFS_OPTION.fullmatch(option):
            kept[option] = None
        elif option != "rw":
            at.ignored(node, f"the option {shown(option)} of a tmpfs is not passed to the engine")
    members["tmpfs_options"] = tuple(kept)
    return _checked(filled(MountSpec("tmpfs", target), members), node, at=at)


def _tmpfs_option(node: Node, at: Position) -> str | None:
    value = text(node, at)
    if value is None or _TMPFS_OPTION.fullmatch(value):
        return value
    at.ignored(node, f"the option {shown(value)} of a tmpfs is not passed to the engine")
    return None


def _file_mode(node: Node, at: Position) -> int | None:
    """Read the rights of a folder: octal digits, as they are always written."""
    value = (text(node, at) or "").removeprefix("0o")
    if _MODE.fullmatch(value):
        return int(value, 8)
    at.problem(node, f"{shown(value)} is not a mode: write octal digits, for example 1777")
    return None


def _group(**readers: Reader[object]) -> Reader[object]:
    """Make a reader of the members that one type of mount has."""

    def read(node: Node, at: Position) -> object | None:
        return mapping(node, at, readers=readers, what="a mount")

    return read


def _create(node: Node, at: Position) -> object | None:
    if boolean(node, at) is False:
        at.ignored(node, "a missing folder is created on the host by its engine")
    return None


_TMPFS_OPTION = re.compile(
    r"(?:no)?(?:exec|suid|dev|atime|diratime)|(?:uid|gid|nr_inodes|nr_blocks)=[0-9]{1,10}"
)
_MODE = re.compile(r"0?[0-7]{3,4}")
_BARE = MountSpec("volume", "")
_GROUPS = ("bind", "volume", "tmpfs")
_LONG: Mapping[str, Reader[object]] = {
    "type": text,
    **dict.fromkeys(("source", "src", "target", "dst", "destination"), text),
    "read_only": boolean,
    "readonly": boolean,
    "consistency": no_effect("engines on Linux share files without delay"),
    "bind": _group(
        propagation=one_of(*sorted(_PROPAGATIONS)),
        selinux=one_of("z", "Z"),
        create_host_path=_create,
        recursive=no_effect("mounts below it follow the engine's default"),
    ),
    "volume": _group(
        nocopy=boolean,
        subpath=text,
        labels=no_effect("volumes have no labels here"),
    ),
    "tmpfs": _group(size=byte_size, mode=_file_mode, options=list_of(_tmpfs_option)),
}
#: What a member of the text is called in the record.
_LONG_NAMES = {
    "src": "source",
    "dst": "target",
    "destination": "target",
    "readonly": "read_only",
    "selinux": "relabel",
    "nocopy": "no_copy",
    "size": "tmpfs_bytes",
    "mode": "tmpfs_mode",
    "options": "tmpfs_options",
}


def _read_device(node: Node, at: Position) -> str | None:
    value = _join_device(node, at) if isinstance(node, Dictionary) else text(node, at)
    if value is None or _DEVICE.fullmatch(value) or has_template(value):
        return value
    if _CDI.fullmatch(value):
        at.ignored(node, "request devices of this form with gpus, or under deploy")
    else:
        at.problem(node, f"{shown(value)} is not a device: write /dev/host:/dev/container:rwm")
    return None


def _join_device(node: Dictionary, at: Position) -> str | None:
    """Return the short form of a long one."""
    found = mapping(node, at, readers=_DEVICE_MEMBERS, what="a device")
    source, rights = found.get("source"), found.get("permissions")
    if source is None:
        at.problem(node, "the device has no source: write source: /dev/host")
        return None
    target = found.get("target") or (source if rights else None)
    return ":".join(str(part) for part in (source, target, rights) if part)


_DEVICE_MEMBERS: Mapping[str, Reader[object]] = dict.fromkeys(
    ("source", "target", "permissions"), text
)


KEYS: Mapping[str, KeyParser] = {
    "volumes": _parse_volumes,
    "tmpfs": _parse_tmpfs,
    "devices": member("devices", list_of(_read_device)),
    "storage_opt": as_pairs("storage_options"),
}
