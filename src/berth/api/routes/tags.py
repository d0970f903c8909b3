"""Tag: words that hosts and pools bear."""

from berth.api.answers import Deleted, Json
from berth.api.auth import ServicesOf
from berth.api.routing import Endpoints
from berth.api.schemas.tags import TagAnswer, TagBody, TagObjectBody
from berth.control.tags import TagObject, apply_tags, create_tag, delete_tag, tag_objects

endpoints = Endpoints("Tag")


@endpoints.get("/api/tags/")
async def list_tags(services: ServicesOf) -> Json[list[str]]:
    """List the tags."""
    return Json(sorted(tag.id for tag in services.store.memory.tags.values()))


@endpoints.get("/api/tags/objects/", deprecated=True)
async def list_tag_objects(services: ServicesOf) -> Json[list[TagObject]]:
    """List the hosts and pools that bear tags."""
    return Json(list(tag_objects(services.store.memory.fleet)))


@endpoints.post("/api/tags/objects/{notused}", deprecated=True)
async def apply_tags_to_object(
    notused: str, body: TagObjectBody, services: ServicesOf
) -> Json[TagObject]:
    """Give a host or pool exactly the tags of the body; all of them must exist."""
    object_id = body.id or notused
    return Json(
        await services.store.run(
            lambda draft: apply_tags(draft, body.kind, object_id=object_id, tags=body.tags)
        )
    )


@endpoints.post("/api/tags/{notused}")
async def create_one_tag(notused: str, body: TagBody, services: ServicesOf) -> Json[TagAnswer]:
    """Make a tag, named by the body or else by the path; one that exists stays as it is."""
    name = body.id or notused
    made = await services.store.run(lambda draft: create_tag(draft, name))
    return Json(TagAnswer(made))


@endpoints.delete("/api/tags/{tag}")
async def delete_one_tag(tag: str, services: ServicesOf) -> Json[Deleted]:
    """Remove a tag, and take it off every host and pool."""
    await services.store.run(lambda draft: delete_tag(draft, tag))
    return Json(Deleted(tag))
