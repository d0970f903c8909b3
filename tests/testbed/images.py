"""Container images made of one static program, without any public registry."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import platform
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .command import run_command
from .packages import find_program

_MEDIA = "application/vnd.docker."
MANIFEST_TYPE = f"{_MEDIA}distribution.manifest.v2+json"
_CONFIG_TYPE = f"{_MEDIA}container.image.v1+json"
_LAYER_TYPE = f"{_MEDIA}image.rootfs.diff.tar.gzip"

#: `fetch URL [SECONDS]`: Debian's static busybox crashes in `wget` with -T, and without -q. A
#: wrapper named wget would not do: its shell prefers the built-in one.
_FETCH = b'#!/bin/sh\nexec timeout "${2:-5}" wget -q -O- "$1"\n'


@dataclass(frozen=True, kw_only=True)
class Image:
    """What to put into an image beside the busybox programs.

    Inside, get a page with `fetch URL [SECONDS]`, or with `wget -q` and never its -T.
    """

    #: The command in its list form.
    cmd: tuple[str, ...]
    #: Files by absolute path; those in /bin are executable.
    files: Mapping[str, bytes] = field(default_factory=dict)
    #: Bytes of noise in a layer of its own, for images that take long to pull.
    ballast: int = 0
    #: `K=V` each.
    env: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    #: TCP ports to expose.
    ports: tuple[int, ...] = ()
    #: More keys of the engine's container configuration, such as `Healthcheck` or `Volumes`.
    config: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Blob:
    """Bytes that a registry stores under their digest."""

    data: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """The name of these bytes."""
        return f"sha256:{hashlib.sha256(self.data).hexdigest()}"

    def descriptor(self) -> dict[str, object]:
        """Return how a manifest refers to these bytes."""
        return {"mediaType": self.media_type, "size": len(self.data), "digest": self.digest}


@dataclass(frozen=True)
class BuiltImage:
    """An image in the form that goes over the wire (image manifest version 2, schema 2)."""

    manifest: Blob
    blobs: tuple[Blob, ...]


def build_image(image: Image) -> BuiltImage:
    """Make an image; equal input gives equal digests, but for ballast."""
    archives = [_busybox_archive()]
    if image.files:
        archives.append(_archive(image.files))
    if image.ballast:
        archives.append(_archive({"/ballast": os.urandom(image.ballast)}))
    layers = tuple(_compressed(archive) for archive in archives)
    config = Blob(_config(image, archives), _CONFIG_TYPE)
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": config.descriptor(),
        "layers": [layer.descriptor() for layer in layers],
    }
    return BuiltImage(Blob(_json(manifest), MANIFEST_TYPE), (*layers, config))


def standard_images() -> dict[str, Image]:
    """Return the images every registry of a bed starts with, by name and tag."""
    obedient = 'trap "exit 0" TERM INT; while :; do sleep 3600 & wait $!; done'
    return {
        "busybox:1": Image(cmd=("sh", "-c", obedient)),
        "web:1": _web_image("1"),
        "web:2": _web_image("2"),
        "exits:1": Image(cmd=("sh", "-c", "exit 1")),
        "stubborn:1": Image(cmd=("sh", "-c", 'trap "" TERM; while :; do sleep 3600; done')),
    }


def _web_image(version: str) -> Image:
    """Make a web server that answers its version on port 80 and stops at once when asked to."""
    serve = 'httpd -f -p 80 -h /www & trap "exit 0" TERM INT; wait $!'
    files = {"/www/index.html": version.encode()}
    return Image(cmd=("sh", "-c", serve), files=files, ports=(80,), env=(f"VERSION={version}",))


def _config(image: Image, archives: list[bytes]) -> bytes:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    config = {
        "Cmd": list(image.cmd),
        "Env": ["PATH=/bin", *image.env],
        "Labels": dict(image.labels),
        "ExposedPorts": {f"{port}/tcp": {} for port in image.ports},
        "WorkingDir": "/",
        **image.config,
    }
    layers = [f"sha256:{hashlib.sha256(archive).hexdigest()}" for archive in archives]
    created = "2000-01-01T00:00:00Z"
    return _json(
        {
            "architecture": machine,
            "os": "linux",
            "created": created,
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": layers},
            "history": [{"created": created, "created_by": "berth test-bed"} for _ in layers],
        }
    )


@cache
def _busybox_archive() -> bytes:
    """Return the root file system that all images share."""
    program = find_program("busybox")
    applets = run_command([program, "--list"]).split()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for folder, mode in (("bin", 0o755), ("etc", 0o755), ("root", 0o700), ("tmp", 0o1777)):
            archive.addfile(_entry(folder, mode, kind=tarfile.DIRTYPE))
        _add_file(archive, "bin/busybox", data=Path(program).read_bytes())
        _add_file(archive, "bin/fetch", data=_FETCH)
        for applet in applets:
            if applet != "busybox":
                link = _entry(f"bin/{applet}", 0o777, kind=tarfile.SYMTYPE)
                link.linkname = "busybox"
                archive.addfile(link)
        _add_file(archive, "etc/passwd", data=b"root:x:0:0:root:/root:/bin/sh\n")
        _add_file(archive, "etc/group", data=b"root:x:0:\n")
    return buffer.getvalue()


def _archive(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, data in files.items():
            _add_file(archive, path.lstrip("/"), data=data)
    return buffer.getvalue()


def _add_file(archive: tarfile.TarFile, path: str, *, data: bytes) -> None:
    entry = _entry(path, 0o755 if path.startswith("bin/") else 0o644)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


def _entry(path: str, mode: int, *, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path)
    entry.mode, entry.type = mode, kind
    return entry


@cache
def _compressed(archive: bytes) -> Blob:
    return Blob(gzip.compress(archive, compresslevel=1, mtime=0), _LAYER_TYPE)


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True).encode()
