"""Catalog entries."""

from typing import Any

import msgspec
from pydantic import Field

from berth.api.http.params import Body, Integer, Line
from berth.control.discovery.catalog import make_entry
from berth.domain.discovery_records import CatalogEntry
from berth.domain.errors import Invalid


class EntryBody(Body):
    """An entry as callers write it."""

    id: Line | None = Field(None, alias="ID")
    service: Line | None = Field(None, alias="Service")
    name: Line | None = Field(None, alias="Name", description="The same as Service.")
    address: Line | None = Field(None, alias="Address")
    port: Integer | None = Field(None, alias="Port")
    tags: tuple[str, ...] | None = Field(None, alias="Tags")
    check: dict[str, Any] | None = Field(None, alias="Check", description="Taken and not kept.")


class RegisterBody(EntryBody):
    """An entry, in the member ``Service`` or bare."""

    service: EntryBody | Line | None = Field(None, alias="Service")  # type: ignore[assignment]  # an entry, or the name in a bare one

    def to_entry(self) -> CatalogEntry:
        """Return the entry; raises Invalid."""
        inner = self.service if isinstance(self.service, EntryBody) else None
        said = inner or self
        service = said.service if isinstance(said.service, str) else ""
        return make_entry(
            entry_id=said.id or "",
            service=service or said.name or "",
            address=said.address or self.address or "",
            port=said.port or 0,
            tags=said.tags or (),
        )


class DeregisterBody(Body):
    """Which entry goes; any of the three will do."""

    service: EntryBody | None = Field(None, alias="Service")
    service_id: Line | None = Field(None, alias="ServiceID")
    id: Line | None = Field(None, alias="ID")

    def to_id(self) -> str:
        """Return the id; raises Invalid when there is none."""
        found = (self.service and self.service.id) or self.service_id or self.id
        if not found:
            raise Invalid("name the entry to remove", code="required", field="Service.ID")
        return found


class EntryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the catalog."""

    address: str = msgspec.field(name="Address")
    id: str = msgspec.field(name="ID")
    service: str = msgspec.field(name="Service")
    tags: tuple[str, ...] = msgspec.field(name="Tags")
    port: int = msgspec.field(name="Port")


def render_entry(entry: CatalogEntry) -> EntryAnswer:
    """Render an entry."""
    return EntryAnswer(
        address=entry.address,
        id=entry.id,
        service=entry.service,
        tags=entry.tags,
        port=entry.port,
    )
