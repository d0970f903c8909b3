"""What an agent says of a container's end."""

import pytest

from berth.testing.builders_agent import LonelyAgent, an_assignment
from berth.testing.engine import SimulatedEngine
from simulation.agent_told import container_of, told


@pytest.mark.parametrize(
    ("limit", "words"),
    [(64 * 2**20, "(limit 64 MB)"), (0, "(no limit is set)")],
)
async def test_a_container_that_ran_out_of_memory_is_told_so(
    agent: LonelyAgent, engine: SimulatedEngine, limit: int, words: str
) -> None:
    await agent.obey(an_assignment("a1", restart=False, memory_bytes=limit))
    engine.exit(container_of(agent), 137, oom=True)
    await agent.quiet()
    assert told(agent).message == f"the container ran out of memory {words}"
    assert (told(agent).exit_code, told(agent).out_of_memory) == (137, True)


async def test_a_container_that_outlives_a_process_that_was_killed_ended_as_it_says(
    agent: LonelyAgent, engine: SimulatedEngine
) -> None:
    await agent.obey(an_assignment("a1", restart=False))
    engine.exit(container_of(agent), 0, oom=True)
    await agent.quiet()
    assert told(agent).message == "done: the container ended with exit code 0"
