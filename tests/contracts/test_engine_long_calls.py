"""Every engine keeps the contract for calls that last: logs that go on, programs, counters."""

import asyncio
from contextlib import aclosing

import pytest

from berth.agent.engine.protocol import Program
from berth.domain.errors import EngineConflict, EngineNotFound
from berth.domain.ids import ContainerId
from berth.domain.observed import LogQuery
from berth.domain.streams import Exec
from contracts.engine_beds import EngineBed
from contracts.engine_calls import DEADLINE_S, NOBODY, a_request, run

QUERY = LogQuery()


async def read_all(program: Program) -> dict[str, bytes]:
    """Read what a program says until it has said all."""
    found: dict[str, bytes] = {}
    async with asyncio.timeout(DEADLINE_S):
        while (chunk := await program.read()) is not None:
            found[chunk.stream] = found.get(chunk.stream, b"") + chunk.data
    return found


def in_shell(container_id: ContainerId, script: str, *, tty: bool = False) -> Exec:
    """Ask for a script."""
    return Exec(container_id=container_id, command=("sh", "-c", script), tty=tty)


async def test_a_program_says_both_streams_and_its_exit_code(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    request = in_shell(container_id, "echo out; echo err >&2; exit 3")
    async with bed.engine.run_program(request) as program:
        assert await read_all(program) == {"stdout": b"out\n", "stderr": b"err\n"}
        assert await program.read_exit_code() == 3


async def test_a_terminal_says_all_on_one_stream(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    request = in_shell(container_id, "echo out; echo err >&2", tty=True)
    async with bed.engine.run_program(request) as program:
        await program.resize(24, 80)
        assert await read_all(program) == {"stdout": b"out\r\nerr\r\n"}
        assert await program.read_exit_code() == 0


async def test_a_program_gets_input_until_it_ends(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    request = Exec(container_id=container_id, command=("cat",))
    async with bed.engine.run_program(request) as program:
        await program.write(b"hello ")
        await program.write(b"there")
        await program.end_input()
        assert await read_all(program) == {"stdout": b"hello there"}
        assert await program.read_exit_code() == 0


async def test_programs_run_in_running_containers_only(bed: EngineBed) -> None:
    stopped = await bed.engine.create(a_request(bed.obedient))
    with pytest.raises(EngineConflict):
        async with bed.engine.run_program(in_shell(stopped, "exit 0")):
            pass
    with pytest.raises(EngineNotFound):
        async with bed.engine.run_program(in_shell(NOBODY, "exit 0")):
            pass


async def test_a_program_can_be_left_at_any_time(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    for tty in (False, True):
        async with bed.engine.run_program(in_shell(container_id, "cat", tty=tty)) as program:
            await program.write(b"x\n")
            async with asyncio.timeout(DEADLINE_S):
                assert (await program.read()) is not None


async def test_a_followed_log_ends_with_its_container(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.exits)
    async with (
        asyncio.timeout(DEADLINE_S),
        aclosing(
            bed.engine.follow_logs(container_id, QUERY)  # type: ignore[type-var]
        ) as chunks,
    ):
        assert [chunk async for chunk in chunks if chunk.stream == "nowhere"] == []


async def test_a_followed_log_can_be_left(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    chunks = bed.engine.follow_logs(container_id, QUERY)
    waiting = asyncio.ensure_future(anext(chunks))
    await bed.engine.inspect(container_id)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.done()


async def test_a_log_of_nothing_cannot_be_followed(bed: EngineBed) -> None:
    with pytest.raises(EngineNotFound):
        await anext(bed.engine.follow_logs(NOBODY, QUERY))


async def test_a_running_container_has_counters_and_a_stopped_one_none(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    counters = await bed.engine.read_counters(container_id)
    assert counters.memory_limit_bytes > 0
    stopped = await bed.engine.create(a_request(bed.obedient))
    assert (await bed.engine.read_counters(stopped)).cpu_s == 0
    with pytest.raises(EngineNotFound):
        await bed.engine.read_counters(NOBODY)
