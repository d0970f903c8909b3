"""Inspect documents: an engine's JSON with Berth's additions, spliced without decoding it."""

from typing import Any

import msgspec

from berth.api.http.responses import encode
from berth.api.http.timestamps import render_exact_time
from berth.domain.fleet import Fleet
from berth.domain.observed import EngineContainer
from berth.domain.records import Host

#: Members that every document has, with what stands for one that the engine does not know.
_LISTED: dict[str, bytes] = {
    "Id": b'""',
    "Name": b'""',
    "Created": b'""',
    "Path": b'""',
    "Driver": b'""',
    "Image": b'""',
    "LogPath": b'""',
    "HostnamePath": b'""',
    "HostsPath": b'""',
    "ResolvConfPath": b'""',
    "Args": b"[]",
    "Mounts": b"[]",
    "Config": b"{}",
    "HostConfig": b"{}",
    "NetworkSettings": b"{}",
    "State": b"{}",
}

_Present: Any = msgspec.defstruct(
    "_Present",
    [(name, msgspec.Raw | msgspec.UnsetType, msgspec.UNSET) for name in _LISTED],
)
_decoder = msgspec.json.Decoder(_Present)


class Node(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """The host of a container, as its inspect document names it."""

    id: str = msgspec.field(name="ID")
    name: str
    ip: str = msgspec.field(name="IP")
    addr: str = ""
    cpus: int
    memory: int
    labels: dict[str, str] = {}


def render_node(fleet: Fleet, host: Host) -> bytes:
    """Render the host of containers."""
    facts = fleet.status_of(host.id).facts
    return encode(
        Node(
            id=host.id,
            name=host.name,
            ip=(facts.address if facts else "") or host.address,
            cpus=facts.cpus if facts else 0,
            memory=facts.memory_bytes if facts else 0,
        )
    )


def complete_document(document: bytes, node: bytes) -> msgspec.Raw:
    """Add the host and what the engine left out; raises ValueError for what is no JSON object."""
    present = _decoder.decode(document)
    body = document.rstrip()
    missing = [
        b'"%s":%s' % (name.encode(), default)
        for name, default in _LISTED.items()
        if getattr(present, name) is msgspec.UNSET
    ]
    added = b",".join([*missing, b'"Node":' + node])
    separator = b"" if body[:-1].rstrip() == b"{" else b","
    return msgspec.Raw(body[:-1] + separator + added + b"}")


def synthesise_document(container: EngineContainer) -> bytes:
    """Make a document from a list entry, for a host that cannot be asked."""
    ports: dict[str, list[dict[str, str]]] = {}
    for port in container.ports:
        binding = {"HostIp": port.ip, "HostPort": str(port.host)}
        ports.setdefault(f"{port.container}/{port.protocol}", []).append(binding)
    return encode(
        {
            "Id": container.id,
            "Name": f"/{container.name}",
            "Created": render_exact_time(container.created_at),
            "Path": container.command.partition(" ")[0],
            "Image": container.image_id,
            "Config": {"Image": container.image, "Labels": container.labels},
            "NetworkSettings": {"Networks": {}, "Ports": ports},
            "State": {
                "Status": container.state,
                "Running": container.running,
                "Paused": container.state == "paused",
            },
        }
    )
