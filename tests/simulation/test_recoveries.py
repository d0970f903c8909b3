"""Statuses of slots that failed, over a restart of the manager."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from berth.domain.states import Attempt
from berth.protocol.messages import Accepted
from simulation.manager_side import ManagerSide, a_report


@pytest.fixture
async def side(tmp_path: Path) -> AsyncIterator[ManagerSide]:
    side = await ManagerSide.open(tmp_path)
    yield side
    await side.close()


async def test_the_status_of_a_slot_that_is_gone_does_not_outlive_its_manager(
    side: ManagerSide,
) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    for slot, name in enumerate(("a1", "a2")):
        await side.assign(name, host, slot=slot)
        agent.say(a_report(name, Attempt.ENDED, sequence=slot + 1, code="exited", failures=1))
        await agent.hear(Accepted)
    assert len(await side.statuses("container_failed")) == 2
    await side.store.run(lambda draft: draft.assignments.drop("a1"))
    side.restart()
    await side.liveness.expire_silent()
    cleared = {
        status.event.sub_actor and status.event.sub_actor.id: bool(status.clear_event_id)
        for status in await side.statuses("container_failed")
    }
    assert cleared == {"0.web.shop": True, "1.web.shop": False}
