"""Deployment: slots that wait for a host."""

from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.responses import Json
from berth.api.listing.filters import Words, is_among
from berth.api.listing.pages import PageOf, Shape, answer_list, one_by_one
from berth.api.schemas.slots import ManySlots, SlotItem, render_slot

endpoints = Endpoints("Deployment")


@endpoints.get("/api/v2/slots/")
async def list_waiting_slots(
    page: PageOf, services: ServicesOf, *, deployment: Words = None, pool: Words = None
) -> Json[ManySlots]:
    """List the slots that no host takes, with the reasons counted by their kind."""
    memory = services.store.memory
    found = [
        render_slot(deployment_id, slot)
        for deployment_id, slots in memory.planned.waiting.items()
        if (record := memory.deployments.get(deployment_id)) is not None
        and is_among(deployment, deployment_id)
        and is_among(pool, record.pool_id)
        for slot in slots
    ]
    shape = Shape(
        id_of=lambda slot: slot.id,
        render=one_by_one(lambda slot: slot),
        kind=SlotItem,
        envelope="slots",
    )
    return await answer_list(page, sorted(found, key=lambda slot: slot.id), shape=shape)
