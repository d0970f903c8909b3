"""Manual entries of the catalog; automatic ones follow from what runs."""

import ipaddress
import re
from collections.abc import Sequence

from berth.discovery.catalog import is_automatic
from berth.domain.discovery_records import CatalogEntry
from berth.domain.errors import Conflict, Invalid
from berth.store.draft import Draft

MAX_TAGS = 64
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,255}")
_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_TAG = re.compile(r"[^\x00-\x1f\x7f]{1,64}")


def make_entry(
    *, entry_id: str, service: str, address: str, port: int, tags: Sequence[str]
) -> CatalogEntry:
    """Make a manual entry of what a caller sent; raises Invalid with the member at fault."""
    if not service:
        raise Invalid("an entry needs a service", code="required", field="Service.Service")
    if not address:
        raise Invalid("an entry needs an address", code="required", field="Service.Address")
    if not _SERVICE.fullmatch(service):
        message = "a service is letters, digits, dots, hyphens and underscores, at most 255"
        raise Invalid(message, code="invalid_service", field="Service.Service")
    if not _ID.fullmatch(entry_id or service):
        message = "an id is letters, digits and _ . : - only, at most 255"
        raise Invalid(message, code="invalid_id", field="Service.ID")
    if not 0 <= port <= 65535:
        raise Invalid("a port is 0 to 65535", code="invalid_port", field="Service.Port")
    if len(tags) > MAX_TAGS or not all(_TAG.fullmatch(tag) for tag in tags):
        message = f"tags are at most {MAX_TAGS} texts of 1 to 64 characters on one line"
        raise Invalid(message, code="invalid_tag", field="Service.Tags")
    return CatalogEntry(
        id=entry_id or service,
        service=service,
        address=_check_address(address),
        port=port,
        tags=tuple(dict.fromkeys(tags)),
    )


def _check_address(address: str) -> str:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        message = f"{address[:60]!r} is not an IP address"
        raise Invalid(message, code="invalid_address", field="Service.Address") from None


def register_entry(draft: Draft, entry: CatalogEntry) -> None:
    """Add a manual entry, or put it in the place of the one with its id."""
    _refuse_automatic(draft, entry.id)
    draft.catalog.put(entry)


def deregister_entry(draft: Draft, entry_id: str) -> None:
    """Drop a manual entry, if there is one."""
    _refuse_automatic(draft, entry_id)
    draft.catalog.drop(entry_id)


def _refuse_automatic(draft: Draft, entry_id: str) -> None:
    if is_automatic(draft.keys, entry_id):
        raise Conflict(
            "the entry belongs to a running container: it goes when the container does",
            code="system_entry",
            field="Service.ID",
        )
