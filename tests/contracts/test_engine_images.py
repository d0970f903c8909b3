"""Every engine keeps the contract for images of ``berth.agent.engine.protocol.ImageEngine``."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from berth.agent.engine.protocol import Engine, PullProgress
from berth.domain.errors import EngineConflict, EngineNotFound, EngineRefused, PushFailed
from berth.domain.images import Credentials
from berth.domain.observed import EngineEvent, EngineImage
from contracts.engine_beds import EngineBed
from contracts.engine_calls import DEADLINE_S, a_request, error_of

MISSING = "nobody/has:this"


async def named(engine: Engine, name: str) -> EngineImage | None:
    """Look an image up in the engine's list by its name."""
    return next((each for each in await engine.list_images() if name in each.names), None)


async def next_image_event(events: AsyncIterator[EngineEvent], action: str) -> EngineEvent:
    """Wait for an event of an image, under whatever name the engine tells it."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            event = await anext(events)
            if (event.kind, event.action) == ("image", action):
                return event


async def test_images_are_listed_with_their_names(bed: EngineBed) -> None:
    listed = await named(bed.engine, bed.obedient)
    assert listed is not None
    assert listed.id == await bed.engine.find_image(bed.obedient)
    assert listed.size > 1 << 20
    assert listed.created_at == 946_684_800


async def test_one_image_is_described_by_name_and_by_id(bed: EngineBed) -> None:
    document = json.loads(await bed.engine.inspect_image(bed.obedient))
    assert bed.obedient in document["RepoTags"]
    assert document["Os"] == "linux"
    again = json.loads(await bed.engine.inspect_image(document["Id"]))
    assert again == document


async def test_the_history_has_a_row_per_layer(bed: EngineBed) -> None:
    [layer, *_] = json.loads(await bed.engine.read_history(bed.obedient))
    assert {"Id", "Created", "CreatedBy", "Size", "Tags", "Comment"} <= set(layer)


async def test_a_tagged_image_has_one_more_name_until_it_is_removed(bed: EngineBed) -> None:
    name = f"{bed.obedient}-tagged"
    async with bed.engine.events() as events:
        await bed.engine.tag_image(bed.obedient, name)
        listed = await named(bed.engine, name)
        assert listed is not None
        assert {name, bed.obedient} <= set(listed.names)
        assert (await next_image_event(events, "tag")).kind == "image"
    await bed.engine.remove_image(name)
    assert await named(bed.engine, name) is None
    assert await bed.engine.find_image(bed.obedient) == listed.id


async def test_the_last_name_takes_the_image_along(bed: EngineBed) -> None:
    image_id = await bed.engine.pull(bed.remote)
    await bed.engine.remove_image(bed.remote)
    assert await bed.engine.find_image(image_id) is None


async def test_an_image_that_a_container_uses_is_not_removed(bed: EngineBed) -> None:
    await bed.engine.create(a_request(bed.exits))
    assert await error_of(bed.engine.remove_image(bed.exits)) is EngineConflict
    assert await bed.engine.find_image(bed.exits) is not None


async def test_an_image_that_is_not_there_is_told(bed: EngineBed) -> None:
    engine = bed.engine
    for call in (
        engine.inspect_image(MISSING),
        engine.read_history(MISSING),
        engine.push(MISSING),
        engine.tag_image(MISSING, "other:1"),
        engine.remove_image(MISSING),
    ):
        assert await error_of(call) is EngineNotFound


async def test_a_name_that_is_none_is_refused(bed: EngineBed) -> None:
    assert await error_of(bed.engine.tag_image(bed.obedient, "NO NAME")) is EngineRefused
    assert await error_of(bed.engine.remove_image("../containers/x")) is EngineRefused


async def test_a_pushed_image_can_be_pulled(bed: EngineBed) -> None:
    image_id = await bed.engine.pull(bed.remote)
    name, told = f"{bed.remote}-pushed", list[PullProgress]()
    await bed.engine.tag_image(bed.remote, name)
    await bed.engine.push(name, progress=told.append)
    assert "pushing" in told[-1].message
    for each in (name, bed.remote):
        await bed.engine.remove_image(each)
    assert await bed.engine.pull(name) == image_id
    await bed.engine.remove_image(name)


async def test_a_push_to_a_registry_with_a_login_needs_the_login(bed: EngineBed) -> None:
    await bed.engine.pull(bed.locked, credentials=bed.login)
    assert await error_of(bed.engine.push(bed.locked)) is PushFailed
    wrong = Credentials(bed.login.username, "wr0ng-word", bed.login.registry)
    with pytest.raises(PushFailed) as failure:
        await bed.engine.push(bed.locked, credentials=wrong)
    assert "wr0ng-word" not in str(failure.value)
    await bed.engine.push(bed.locked, credentials=bed.login)
