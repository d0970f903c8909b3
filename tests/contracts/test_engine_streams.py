"""Every engine keeps the contract for images, events, logs and outages."""

import pytest

from berth.agent.engine.protocol import PullProgress
from berth.domain.errors import EngineTimeout, EngineUnreachable, PullFailed
from berth.domain.images import Credentials
from berth.domain.observed import LogQuery
from contracts.engine_beds import EngineBed
from contracts.engine_calls import (
    ALL_CALLS,
    a_request,
    error_of,
    next_event,
    read_log,
    run,
    state_of,
    wait_for_state,
)


async def test_a_pull_brings_the_image_and_tells_its_progress(bed: EngineBed) -> None:
    told: list[PullProgress] = []
    assert await bed.engine.find_image(bed.remote) is None
    image_id = await bed.engine.pull(bed.remote, progress=told.append)
    assert image_id.startswith("sha256:")
    assert await bed.engine.find_image(bed.remote) == image_id
    percents = [step.percent for step in told if step.percent is not None]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert all(step.message for step in told)


async def test_an_image_is_found_by_its_id(bed: EngineBed) -> None:
    image_id = await bed.engine.find_image(bed.obedient)
    assert image_id is not None
    assert await bed.engine.find_image(image_id) == image_id


async def test_a_pull_of_what_is_there_gives_the_same_image(bed: EngineBed) -> None:
    first = await bed.engine.pull(bed.remote)
    assert await bed.engine.pull(bed.remote) == first


async def test_an_image_that_no_registry_has_cannot_be_pulled(bed: EngineBed) -> None:
    missing = bed.remote.replace("far", "nowhere")
    with pytest.raises(PullFailed, match=missing):
        await bed.engine.pull(missing)
    assert await bed.engine.find_image(missing) is None


async def test_an_image_behind_a_login_comes_with_the_login(bed: EngineBed) -> None:
    assert await error_of(bed.engine.pull(bed.locked)) is PullFailed
    image_id = await bed.engine.pull(bed.locked, credentials=bed.login)
    assert await bed.engine.find_image(bed.locked) == image_id


async def test_a_refused_login_is_not_repeated_in_the_message(bed: EngineBed) -> None:
    wrong = Credentials(bed.login.username, "wr0ng-pass", bed.login.registry)
    with pytest.raises(PullFailed) as caught:
        await bed.engine.pull(bed.locked, credentials=wrong)
    assert bed.locked in str(caught.value)
    assert "wr0ng-pass" not in f"{caught.value}{caught.value.__cause__}{wrong}"


async def test_a_containers_life_is_told_as_events(bed: EngineBed) -> None:
    async with bed.engine.events() as events:
        container_id = await run(bed.engine, bed.obedient)
        await bed.engine.pause(container_id)
        await bed.engine.unpause(container_id)
        await bed.engine.rename(container_id, "renamed")
        await bed.engine.kill(container_id)
        for action in ("create", "start", "pause", "unpause", "rename", "kill"):
            event = await next_event(events, action, of=container_id)
            assert event.kind == "container"
            assert event.time > 1_600_000_000
        died = await next_event(events, "die", of=container_id)
        assert died.attributes["exitCode"] == "137"
        await bed.engine.remove(container_id)
        await next_event(events, "destroy", of=container_id)


async def test_a_stop_is_told_as_events(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    async with bed.engine.events() as events:
        await bed.engine.stop(container_id, grace_s=10)
        for action in ("kill", "die", "stop"):
            event = await next_event(events, action, of=container_id)
            assert event.attributes["berth.assignment"] == "a1"


async def test_a_pull_is_told_as_an_event(bed: EngineBed) -> None:
    async with bed.engine.events() as events:
        await bed.engine.pull(bed.remote)
        event = await next_event(events, "pull", of=bed.remote)
        assert event.kind == "image"


async def test_each_subscriber_gets_all_events(bed: EngineBed) -> None:
    async with bed.engine.events() as first, bed.engine.events() as second:
        container_id = await bed.engine.create(a_request(bed.obedient))
        assert (await next_event(first, "create", of=container_id)).subject == container_id
        assert (await next_event(second, "create", of=container_id)).subject == container_id


async def test_a_log_has_whole_lines_with_their_times(bed: EngineBed) -> None:
    script = "echo one; echo two >&2; echo three"
    container_id = await run(bed.engine, bed.obedient, command=("sh", "-c", script))
    await wait_for_state(bed.engine, container_id, state="exited")
    lines = await read_log(bed.engine, container_id)
    assert sorted((stream, line.partition(" ")[2]) for stream, line in lines) == [
        ("stderr", "two"),
        ("stdout", "one"),
        ("stdout", "three"),
    ]
    for _, line in lines:
        time = line.partition(" ")[0]
        assert len(time) == len("2026-01-31T12:34:56.123456789Z")
        assert time.endswith("Z")


async def test_a_log_can_be_asked_for_in_part(bed: EngineBed) -> None:
    script = "echo one; echo two >&2; echo three"
    container_id = await run(bed.engine, bed.obedient, command=("sh", "-c", script))
    await wait_for_state(bed.engine, container_id, state="exited")
    errors = await read_log(bed.engine, container_id, query=LogQuery(stdout=False))
    newest = await read_log(bed.engine, container_id, query=LogQuery(tail=1))
    late = await read_log(bed.engine, container_id, query=LogQuery(since=4e9))
    early = await read_log(bed.engine, container_id, query=LogQuery(until=1e9))
    assert [line.partition(" ")[2] for _, line in errors] == ["two"]
    assert len(newest) == 1
    assert late == early == []


async def test_the_newest_lines_are_counted_before_a_stream_is_chosen(bed: EngineBed) -> None:
    script = "echo one; echo two; echo three"
    container_id = await run(bed.engine, bed.obedient, command=("sh", "-c", script))
    await wait_for_state(bed.engine, container_id, state="exited")
    newest = await read_log(bed.engine, container_id, query=LogQuery(stderr=False, tail=2))
    errors = await read_log(bed.engine, container_id, query=LogQuery(stdout=False, tail=2))
    assert [line.partition(" ")[2] for _, line in newest] == ["two", "three"]
    assert errors == []


async def test_a_terminals_log_has_plain_lines(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient, command=("echo", "hello"), tty=True)
    await wait_for_state(bed.engine, container_id, state="exited")
    [(stream, line)] = await read_log(bed.engine, container_id)
    assert stream == "stdout"
    assert line.partition(" ")[2] == "hello"


async def test_no_call_reaches_an_engine_that_is_down(bed: EngineBed) -> None:
    container_id = await bed.engine.create(a_request(bed.obedient))
    await bed.down()
    try:
        errors = {
            name: await error_of(call(bed.engine, container_id)) for name, call in ALL_CALLS.items()
        }
    finally:
        await bed.up()
    assert errors == dict.fromkeys(ALL_CALLS, EngineUnreachable)
    assert await state_of(bed.engine, container_id) == "created"


async def test_events_end_when_the_engine_goes_down(bed: EngineBed) -> None:
    async with bed.engine.events() as events:
        container_id = await bed.engine.create(a_request(bed.obedient))
        await next_event(events, "create", of=container_id)
        await bed.down()
        try:
            with pytest.raises(EngineUnreachable):
                await next_event(events, "never", of=container_id)
        finally:
            await bed.up()
    async with bed.engine.events() as events:
        await bed.engine.start(container_id)
        await next_event(events, "start", of=container_id)


async def test_no_call_waits_longer_than_its_deadline(bed: EngineBed) -> None:
    container_id = await bed.engine.create(a_request(bed.obedient))
    await bed.freeze()
    try:
        errors = {
            name: await error_of(call(bed.hasty_engine, container_id))
            for name, call in ALL_CALLS.items()
        }
    finally:
        await bed.thaw()
    assert errors == dict.fromkeys(ALL_CALLS, EngineTimeout)


async def test_closing_leaves_containers_as_they_are(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    await bed.other_engine.info()
    await bed.other_engine.close()
    assert await state_of(bed.engine, container_id) == "running"
