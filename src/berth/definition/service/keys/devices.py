"""Devices that a driver of the engine hands out: ``gpus``, and the reservations of ``deploy``."""

from collections.abc import Mapping

import msgspec

from berth.definition.service.service_draft import KeyParser, ServiceDraft
from berth.definition.text.nodes import Node, Scalar
from berth.definition.text.position import Position
from berth.definition.text.values import (
    Reader,
    each,
    filled,
    integer,
    list_of,
    mapping,
    pairs,
    text,
)
from berth.domain.spec import DeviceRequest

#: Of every device, where neither a number nor ids are given.
ALL = -1


def _parse_gpus(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    if isinstance(node, Scalar):
        count = _count(node, at)
        _add((DeviceRequest(count=count, capabilities=("gpu",)),) if count else (), draft)
    else:
        _add(tuple(each(node, at, read=_read_gpu)), draft)


def parse_devices(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    """Take over ``deploy.resources.reservations.devices``."""
    _add(tuple(each(node, at, read=_read_device)), draft)


def _add(found: tuple[DeviceRequest, ...], draft: ServiceDraft) -> None:
    known = draft.container.get("device_requests", ())
    assert isinstance(known, tuple)
    if known or found:
        draft.container["device_requests"] = tuple(dict.fromkeys((*known, *found)))


def _read_gpu(node: Node, at: Position) -> DeviceRequest | None:
    request = _read_request(node, at)
    if request is None or "gpu" in request.capabilities:
        return request
    return msgspec.structs.replace(request, capabilities=("gpu", *request.capabilities))


def _read_device(node: Node, at: Position) -> DeviceRequest | None:
    request = _read_request(node, at)
    if request is not None and not request.capabilities:
        at.problem(node, "the device names no capabilities: add for example capabilities: [gpu]")
        return None
    return request


def _read_request(node: Node, at: Position) -> DeviceRequest | None:
    members = mapping(node, at, readers=_READERS, what="a device")
    if "count" in members and "device_ids" in members:
        at.problem(node, "count and device_ids exclude each other: keep one")
        return None
    if "device_ids" in members:
        members["ids"] = members.pop("device_ids")
    elif "count" not in members:
        members["count"] = ALL
    return filled(DeviceRequest(), members) if members else None


def _count(node: Node, at: Position) -> int | None:
    if isinstance(node, Scalar) and node.value == "all":
        return ALL
    return integer(-1, 1000)(node, at)


def _options(node: Node, at: Position) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, value or "") for name, value, _ in pairs(node, at)))


_READERS: Mapping[str, Reader[object]] = {
    "driver": text,
    "count": _count,
    "device_ids": list_of(text),
    "capabilities": list_of(text),
    "options": _options,
}

KEYS: Mapping[str, KeyParser] = {
    "gpus": _parse_gpus,
}
