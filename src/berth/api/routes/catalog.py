"""Catalog: where the instances of services are reached."""

from berth.api.endpoints.auth import FOR_DEPLOYMENTS, ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.responses import Json
from berth.api.schemas.catalog import DeregisterBody, EntryAnswer, RegisterBody, render_entry
from berth.control.discovery.catalog import deregister_entry, register_entry
from berth.discovery.catalog import find_entries, tags_by_service

endpoints = Endpoints("Catalog")


@endpoints.put("/api/catalog/register")
async def register_service(body: RegisterBody, services: ServicesOf) -> Json[bool]:
    """Add an entry, or put it in the place of the one with its id."""
    entry = body.to_entry()
    await services.commands.run(lambda draft: register_entry(draft, entry))
    return Json(True)


@endpoints.put("/api/catalog/deregister")
async def deregister_service(body: DeregisterBody, services: ServicesOf) -> Json[bool]:
    """Remove an entry; also answers true when there is none."""
    entry_id = body.to_id()
    await services.commands.run(lambda draft: deregister_entry(draft, entry_id))
    return Json(True)


@endpoints.get("/api/catalog/service/{service_name}", needs=FOR_DEPLOYMENTS)
async def list_service_entries(service_name: str, services: ServicesOf) -> Json[list[EntryAnswer]]:
    """List the entries of a service; an unknown one has none."""
    memory = services.store.memory
    entries = find_entries(memory.keys, memory.catalog, service=service_name)
    return Json([render_entry(entry) for entry in entries])


@endpoints.get("/api/catalog/services", needs=FOR_DEPLOYMENTS)
async def list_catalog_services(services: ServicesOf) -> Json[dict[str, list[str]]]:
    """Return every service with the tags of its entries."""
    memory = services.store.memory
    return Json(tags_by_service(memory.keys, memory.catalog))
