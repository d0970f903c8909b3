"""Tags: words that hosts and pools have."""

from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.responses import Deleted, Json
from berth.api.listing.pages import PageOf, Shape, answer_list, one_by_one
from berth.api.schemas.tags import NoMembers, TagAnswer, TagBody, TagObjectBody
from berth.control.tags import TagObject, apply_tags, create_tag, delete_tag, tag_objects

endpoints = Endpoints("Tag")


@endpoints.get("/api/tags/")
async def list_tags(page: PageOf, services: ServicesOf) -> Json[list[str]]:
    """List the tags; they have no members that ``fields`` could name."""
    tags = sorted(tag.id for tag in services.store.memory.tags.values())
    shape = Shape(id_of=str, render=one_by_one(str), kind=NoMembers)
    return await answer_list(page, tags, shape=shape)


@endpoints.get("/api/tags/objects/", deprecated=True)
async def list_tag_objects(page: PageOf, services: ServicesOf) -> Json[list[TagObject]]:
    """List the hosts and pools that have tags."""
    shape = Shape(
        id_of=lambda each: each.id,
        render=one_by_one(lambda each: each),
        kind=TagObject,
        by_id=False,
    )
    return await answer_list(page, list(tag_objects(services.store.memory.fleet)), shape=shape)


@endpoints.post("/api/tags/objects/{notused}", deprecated=True)
async def apply_tags_to_object(
    notused: str, body: TagObjectBody, services: ServicesOf
) -> Json[TagObject]:
    """Return a host or pool exactly the tags of the body; all of them must exist."""
    object_id = body.id or notused
    return Json(
        await services.commands.run(
            lambda draft: apply_tags(draft, body.kind, object_id=object_id, tags=body.tags)
        )
    )


@endpoints.post("/api/tags/{notused}")
async def create_one_tag(notused: str, body: TagBody, services: ServicesOf) -> Json[TagAnswer]:
    """Make a tag, named by the body or else by the path; one that exists stays as it is."""
    name = body.id or notused
    made = await services.commands.run(lambda draft: create_tag(draft, name))
    return Json(TagAnswer(made))


@endpoints.delete("/api/tags/{tag}")
async def delete_one_tag(tag: str, services: ServicesOf) -> Json[Deleted]:
    """Remove a tag, and take it off every host and pool."""
    await services.commands.run(lambda draft: delete_tag(draft, tag))
    return Json(Deleted(tag))
