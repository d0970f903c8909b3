"""Whatever an agent or a manager sends, its peer goes on, and nobody else is touched."""

import asyncio
import logging
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect

from berth.agent.link.session import AgentSession
from berth.agent.link.transport import NoConnection
from berth.dispatcher.conditions.violations import DROPPED_AT_MOST
from berth.domain.errors import ProtocolError
from berth.domain.ids import ContainerId
from berth.domain.observed import (
    EngineContainer,
    EngineImage,
    HostFacts,
    HostMetrics,
    InventoryItem,
)
from berth.domain.records import Host
from berth.domain.states import Attempt
from berth.protocol.codec import decode_from_agent, encode
from berth.protocol.fitter import fit
from berth.protocol.messages import (
    FromAgent,
    FromManager,
    Heartbeat,
    HeartbeatAnswer,
    Inventory,
    Message,
)
from berth.protocol.rules import QUOTED_LENGTH
from berth.testing.builders_agent import LonelyAgent
from berth.testing.clock import FakeClock, settle
from berth.testing.engine import SimulatedEngine
from hostile import FORGED, frames, hostile_records
from simulation.manager_side import ManagerSide, a_report
from simulation.test_agent_session import WELCOME, orders_of

#: No line of a log is longer, whatever it quotes.
LINE_LENGTH = 4 * QUOTED_LENGTH

#: Examples share a store and an agent; each is quick, and a busy machine makes some slow.
shared = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


def unbounded(info: inspect.Type, path: str) -> list[str]:
    """Return the members below a type that may be of any size."""
    match info:
        case inspect.StructType(cls=cls, fields=fields):
            inner = ((field.type, f"{cls.__name__}.{field.name}") for field in fields)
            return [found for kind, name in inner for found in unbounded(kind, name)]
        case inspect.StrType(max_length=None, pattern=None):
            return [path]
        case inspect.StrType(max_length=None, pattern=str(pattern)):
            return [] if "*" not in pattern and "+" not in pattern else [path]
        case inspect.IntType(ge=None) | inspect.IntType(le=None, lt=None):
            return [path]
        case inspect.FloatType(ge=None, gt=None) | inspect.FloatType(le=None, lt=None):
            return [path]
        case inspect.VarTupleType(item_type=item, max_length=longest):
            return [path] * (longest is None) + unbounded(item, path)
        case inspect.DictType(key_type=key, value_type=value, max_length=longest):
            return [path] * (longest is None) + unbounded(key, path) + unbounded(value, path)
        case inspect.UnionType(types=types):
            return [found for each in types for found in unbounded(each, path)]
    return []


@pytest.mark.parametrize("kind", get_args(FromAgent), ids=lambda kind: kind.__name__)
def test_every_member_of_an_agents_frame_has_a_bound(kind: type) -> None:
    assert unbounded(inspect.type_info(kind), kind.__name__) == []


class Town:
    """A manager with an honest host, and one whose agent does as it likes."""

    def __init__(self, side: ManagerSide, *, honest: Host, hostile: Host) -> None:
        self.side = side
        self.honest = honest
        self.hostile = hostile

    @classmethod
    async def open(cls, folder: Path) -> "Town":
        side = await ManagerSide.open(folder)
        town = cls(side, honest=await side.add_host("h1"), hostile=await side.add_host("h2"))
        await side.assign("a1", town.honest)
        await side.assign("a2", town.hostile)
        observer = side.dispatcher.observer
        observer.record_report(town.honest, a_report("a1", Attempt.RUNNING))
        container = EngineContainer(id=ContainerId("c" * 64), name="c", image="i", state="running")
        observer.record_inventory(
            town.honest, Inventory(full=True, items=(InventoryItem(container),))
        )
        return town

    def honest_facts(self) -> object:
        observed = self.side.store.memory.observed
        told = observed.reports["a1"], observed.inventory[self.honest.id]
        return (*told, observed.hosts.get(self.honest.id))

    async def suffer(self, said: list[bytes]) -> None:
        """Serve a session that brings these frames; it answers a heartbeat, or was cut off."""
        violations = self.side.dispatcher.violations
        violations.forget(self.hostile.id)
        agent = self.side.connect(self.hostile)
        for frame in said:
            agent.send(frame)
        agent.say(Heartbeat(metrics=HostMetrics()))
        if not violations.find_wait(self.hostile.id):
            await agent.hear(HeartbeatAnswer)
        agent.hang_up()
        assert isinstance(await self.side.end_of(agent), str)


def test_no_frame_of_an_agent_ends_more_than_its_own_session(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with asyncio.Runner() as runner:
        town = runner.run(Town.open(tmp_path))
        before = town.honest_facts()

        @shared
        @given(said=st.lists(frames(FromAgent), max_size=DROPPED_AT_MOST))
        def suffer(said: list[bytes]) -> None:
            runner.run(town.suffer(said))
            assert town.honest_facts() == before

        suffer()
        observed = town.side.store.memory.observed
        assert set(observed.reports) <= {"a1", "a2"}
        assert set(observed.inventory) | set(observed.usage) <= {"h1", "h2"}
        runner.run(town.side.close())
    assert_short_lines(caplog.records)


def assert_short_lines(records: list[logging.LogRecord]) -> None:
    for record in records:
        assert record.exc_info is None, record.getMessage()
        assert len(record.getMessage()) < LINE_LENGTH
        assert FORGED not in record.getMessage()


class Script:
    """A manager that sends these frames, and is gone then."""

    def __init__(self, said: list[bytes]) -> None:
        self._said = [encode(WELCOME), *said]

    async def send(self, frame: bytes) -> None:
        assert isinstance(decode_from_agent(frame), Message)

    async def receive(self) -> bytes:
        if not self._said:
            await settle()
            raise NoConnection("the manager is gone")
        return self._said.pop(0)

    async def close(self) -> None:
        return None


def test_no_frame_of_a_manager_breaks_more_than_the_session(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def suffer(said: list[bytes]) -> None:
        clock = FakeClock()
        async with LonelyAgent(SimulatedEngine(clock=clock), clock) as agent:
            session = AgentSession(
                Script(said), agent.shared, supervisor=agent.supervisor, orders=orders_of(agent)
            )
            with pytest.raises((NoConnection, ProtocolError)):
                async with asyncio.timeout(5):
                    await session.run(lambda welcome: None)

    @shared
    @given(said=st.lists(frames(FromManager), max_size=5))
    def suffer_all(said: list[bytes]) -> None:
        with asyncio.Runner() as runner:
            runner.run(suffer(said))

    suffer_all()


@shared
@given(data=st.data())
@pytest.mark.parametrize("kind", [HostFacts, InventoryItem, EngineImage, *get_args(FromAgent)])
def test_what_an_agent_sends_is_cut_to_what_the_manager_takes(
    kind: type[msgspec.Struct], data: st.DataObject
) -> None:
    fitting: Any = fit(data.draw(hostile_records(kind)))
    if fitting is not None:
        frame = msgspec.msgpack.encode(fitting)
        assert msgspec.msgpack.decode(frame, type=kind) == fitting
