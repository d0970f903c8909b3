"""Renders what is mounted into a container, in the four forms that Docker's create body has."""

from collections.abc import Iterable

from berth.domain.spec import MountSpec


def render_binds(mounts: Iterable[MountSpec]) -> list[str]:
    """Return folders of the host and named volumes, as ``source:target:options``."""
    return [
        ":".join(filter(None, (mount.source, mount.target, _options(mount))))
        for mount in mounts
        if mount.kind != "tmpfs" and mount.source and not mount.subpath
    ]


def render_volumes(mounts: Iterable[MountSpec]) -> dict[str, dict[str, object]]:
    """Return the volumes without a name, which are made with the container."""
    return {m.target: {} for m in mounts if _is_anonymous(m) and not m.read_only}


def render_mounts(mounts: Iterable[MountSpec]) -> list[dict[str, object]]:
    """Return what has no short form: folders inside a volume, and anonymous read-only volumes.

    Docker refuses a volume that nobody could ever fill, and says so better than silence would.
    """
    return [
        _volume(mount)
        for mount in mounts
        if (_is_anonymous(mount) and mount.read_only) or (mount.source and mount.subpath)
    ]


def render_tmpfs(mounts: Iterable[MountSpec]) -> dict[str, str]:
    """Return folders in memory with their options."""
    found = {}
    for mount in mounts:
        if mount.kind == "tmpfs":
            options = [
                "ro" if mount.read_only else "",
                f"size={mount.tmpfs_bytes}" if mount.tmpfs_bytes else "",
                f"mode={mount.tmpfs_mode:o}" if mount.tmpfs_mode else "",
                *mount.tmpfs_options,
            ]
            found[mount.target] = ",".join(filter(None, options))
    return found


def _is_anonymous(mount: MountSpec) -> bool:
    return mount.kind == "volume" and not mount.source


def _options(mount: MountSpec) -> str:
    words = (
        "ro" if mount.read_only else "",
        mount.relabel,
        mount.propagation,
        "nocopy" if mount.no_copy else "",
    )
    return ",".join(filter(None, words))


def _volume(mount: MountSpec) -> dict[str, object]:
    rendered: dict[str, object] = {"Type": "volume", "Target": mount.target}
    if mount.read_only:
        rendered["ReadOnly"] = True
    if mount.source:
        options: dict[str, object] = {"Subpath": mount.subpath}
        if mount.no_copy:
            options["NoCopy"] = True
        rendered |= {"Source": mount.source, "VolumeOptions": options}
    return rendered
