"""What frames may hold beyond the bounds of their members, and what a host may say in all of them.

Bounds of single members stand at the members (``berth.domain.bounds``), and the decoder checks
them. A rule here reads a whole frame, between the decoder and everything else.
"""

import ipaddress
import re
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Any, TypeVar

from berth.domain.errors import ProtocolError
from berth.domain.observed import EngineImage, HostFacts, InventoryItem, PortBinding
from berth.protocol.messages import MAX_ITEMS, Hello, Inventory, Message, Report

T = TypeVar("T")

#: What a host lists of its containers and images, in all frames together.
MAX_LISTED_BYTES = 64 * 1024 * 1024
#: Parts of a set that has no last one yet.
MAX_PARTS = 256
#: At most this many characters of what another machine said stand in a log or a sentence.
QUOTED_LENGTH = 200

#: What ends a line, or moves the cursor of a terminal.
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_HOST_NAME = re.compile(r"[0-9A-Za-z._-]{0,253}")
_ITEM_BYTES = 512
_PORT_BYTES = 64


def check_frame(message: Message) -> None:
    """Raise ProtocolError when a frame says what no frame of its kind may say."""
    rule = _RULES.get(type(message))
    if rule is not None:
        rule(message)


def is_address(text: str) -> bool:
    """Return whether a text is an IPv4 or IPv6 address without a zone, as engines write them."""
    try:
        return not getattr(_parse(text), "scope_id", None)
    except ValueError:
        return False


def is_host_address(text: str) -> bool:
    """Return whether others may be sent there: an address, the name of a host, or "" for none."""
    looks_numeric = ":" in text or text.rpartition(".")[2].isdigit()
    return is_address(text) if looks_numeric else _HOST_NAME.fullmatch(text) is not None


def weigh_item(item: InventoryItem) -> int:
    """Return about how many bytes a listed container takes."""
    container = item.container
    labels = sum(len(name) + len(value) for name, value in container.labels.items())
    words = len(container.command) + len(container.name) + len(container.image)
    return _ITEM_BYTES + len(item.inspect) + labels + words + _PORT_BYTES * len(container.ports)


def weigh_image(image: EngineImage) -> int:
    """Return about how many bytes a listed image takes."""
    labels = sum(len(name) + len(value) for name, value in image.labels.items())
    return _ITEM_BYTES + labels + sum(map(len, image.names)) + sum(map(len, image.digests))


def check_listed(items: Collection[T], weigh: Callable[[T], int]) -> None:
    """Raise ProtocolError when a host lists more than one may."""
    if len(items) > MAX_ITEMS:
        raise ProtocolError(f"it lists {len(items)} entries, and a host lists {MAX_ITEMS} at most")
    size = sum(map(weigh, items))
    if size > MAX_LISTED_BYTES:
        raise ProtocolError(
            f"what it lists has {size} bytes, and a host lists {MAX_LISTED_BYTES} at most"
        )


def one_line(text: str) -> str:
    """Return what another machine had a part in on one line, cut."""
    plain = " ".join(_BREAKS.sub(" ", text).split())
    return plain if len(plain) <= QUOTED_LENGTH else plain[: QUOTED_LENGTH - 1] + "…"


def quote(text: str) -> str:
    """Return what another machine said, for a log or a sentence: on one line, cut, in quotes."""
    return repr(one_line(text))


@lru_cache(maxsize=4096)
def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(text)


def check_facts(facts: HostFacts) -> None:
    """Raise ProtocolError for an address that nobody can be sent to."""
    told = {"address": facts.address, "public_address": facts.public_address}
    for member, text in (told | {"bridge_address": facts.bridge_address}).items():
        if not is_host_address(text):
            raise ProtocolError(f"its {member} {quote(text)} is no address")
    for text in facts.interfaces.values():
        if not is_address(text):
            raise ProtocolError(f"the address {quote(text)} of an interface is none")


def _check_ports(ports: Iterable[PortBinding]) -> None:
    for port in ports:
        if port.ip and not is_address(port.ip):
            raise ProtocolError(f"a port is bound to {quote(port.ip)}, which is no address")


def _check_report(report: Report) -> None:
    for container in report.containers:
        _check_ports(container.ports)


def _check_inventory(inventory: Inventory) -> None:
    for item in inventory.items:
        _check_ports(item.container.ports)


_RULES: dict[type[Message], Callable[[Any], None]] = {
    Hello: lambda hello: check_facts(hello.facts),
    Report: _check_report,
    Inventory: _check_inventory,
}
