"""The two engines that the contract is held against, each with what a test needs around it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Protocol

import pytest

from berth.agent.engine.docker.engine import DockerEngine
from berth.agent.engine.protocol import Engine
from berth.domain.errors import EngineConflict, EngineTimeout
from berth.domain.images import Credentials
from berth.testing.engine import Behaviour, SimulatedEngine, SimulatedRegistry
from testbed import Bed, Image, Registry, why_unavailable

_LOGIN = ("captain", "s3cret-pass")
#: Deadline of calls to an engine that hangs.
_SHORT_S = 0.3
#: Longest wait for the containers of a test to go.
_CLEAR_S = 30.0


class EngineBed(Protocol):
    """An engine under test, its registries, and what may befall it."""

    engine: Engine
    #: The same engine behind deadlines of a fraction of a second.
    hasty_engine: Engine
    #: The same engine over connections of its own.
    other_engine: Engine
    #: Images on the engine: runs until it is stopped, ends at once with 1, ignores its stop signal.
    obedient: str
    exits: str
    stubborn: str
    #: Images in a registry that the engine does not have; the second one needs the login.
    remote: str
    locked: str
    login: Credentials

    async def down(self) -> None:
        """End the engine's program."""

    async def up(self) -> None:
        """Start it again, and wait for it."""

    async def freeze(self) -> None:
        """Let the engine take requests and answer none."""

    async def thaw(self) -> None:
        """Let it go on."""

    async def clear(self) -> None:
        """Remove all containers and close connections."""


class HurriedClock:
    """A clock whose sleepers wake at once, as much later."""

    def __init__(self) -> None:
        self._now = 1_700_000_000.0

    def now(self) -> float:
        """Return a time that grows with each look."""
        self._now += 0.001
        return self._now

    def monotonic(self) -> float:
        """Return the same."""
        return self.now()

    async def sleep(self, seconds: float) -> None:
        """Pass the time."""
        await asyncio.sleep(0)
        self._now += seconds


class SimulatedBed:
    """The simulated engine."""

    obedient, exits, stubborn = "busybox:1", "exits:1", "stubborn:1"
    remote, locked = "far:1", "registry.test:5000/locked:1"
    login = Credentials(*_LOGIN, "registry.test:5000")

    def __init__(self) -> None:
        registry = SimulatedRegistry(has_everything=False)
        registry.publish(self.remote)
        registry.publish(self.locked)
        registry.require_login(self.locked, username=_LOGIN[0], password=_LOGIN[1])
        self._simulated = SimulatedEngine(clock=HurriedClock(), registry=registry)
        self._simulated.add_image(self.obedient)
        self._simulated.add_image(self.exits, Behaviour(exit_code=1))
        self._simulated.add_image(self.stubborn, Behaviour(ignores_stop=True))
        self.engine: Engine = self._simulated
        self.hasty_engine: Engine = self._simulated
        self.other_engine: Engine = self._simulated

    async def down(self) -> None:
        self._simulated.down()

    async def up(self) -> None:
        self._simulated.up()

    async def freeze(self) -> None:
        self._simulated.freeze()

    async def thaw(self) -> None:
        self._simulated.thaw()

    async def clear(self) -> None:
        await self._simulated.close()


class DockerBed:
    """One real engine of a test-bed, used by all tests of a session, one after another."""

    def __init__(self, bed: Bed, locked: Registry) -> None:
        self._bed = bed
        self._host = bed.hosts[0]
        self.obedient = bed.image("busybox:1")
        self.exits = bed.image("exits:1")
        self.stubborn = bed.image("stubborn:1")
        self.remote = bed.registry.push_image(
            "far", "1", image=Image(cmd=("true",), ballast=1 << 20)
        )
        self.locked = locked.image("busybox:1")
        self.login = Credentials(*_LOGIN, locked.address)
        self.engine: Engine = DockerEngine(self._host.socket)
        self.hasty_engine: Engine = self.engine
        self.other_engine: Engine = self.engine

    @classmethod
    def on(cls, bed: Bed) -> "DockerBed":
        """Prepare a fresh test-bed."""
        made = cls(bed, bed.start_registry(auth=_LOGIN))
        for image in (made.obedient, made.exits, made.stubborn):
            bed.hosts[0].docker("pull", image)
        return made

    def open(self) -> None:
        """Make connections for the test's event loop."""
        self.engine = DockerEngine(self._host.socket)
        self.hasty_engine = DockerEngine(self._host.socket, read_s=_SHORT_S, change_s=_SHORT_S)
        self.other_engine = DockerEngine(self._host.socket)
        self._host.docker("image", "rm", "--force", self.remote, self.locked)

    async def down(self) -> None:
        await asyncio.to_thread(self._host.kill_engine)

    async def up(self) -> None:
        await asyncio.to_thread(self._host.start_engine)

    async def freeze(self) -> None:
        # Negotiated before, so that the calls themselves are what hangs.
        await self._negotiate()
        await asyncio.to_thread(self._host.hang)
        # The signal reaches a busy process a moment later.
        async with asyncio.timeout(_CLEAR_S):
            with suppress(EngineTimeout):
                while True:
                    await self.hasty_engine.list_containers()

    async def _negotiate(self) -> None:
        """Let the hasty engine be asked in vain as often as a busy machine makes it."""
        async with asyncio.timeout(_CLEAR_S):
            while True:
                with suppress(EngineTimeout):
                    await self.hasty_engine.info()
                    return

    async def thaw(self) -> None:
        await asyncio.to_thread(self._host.unhang)

    async def clear(self) -> None:
        try:
            async with asyncio.timeout(_CLEAR_S):
                while containers := await self.engine.list_containers():
                    for container in containers:
                        # What a call asked of a hung engine may still be under way.
                        with suppress(EngineConflict):
                            await self.engine.remove(container.id, force=True)
        finally:
            await self.engine.close()
            await self.hasty_engine.close()
            await self.other_engine.close()


@pytest.fixture(scope="session")
def docker_bed() -> Iterator[DockerBed]:
    """One host with a real engine for all tests."""
    if reason := why_unavailable():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    # Engines publish in both address families where the proxy is on, as it is by default.
    with Bed.up(hosts=1, engine_options={"userland-proxy": True}) as made:
        yield DockerBed.on(made)


@pytest.fixture(params=["simulated", pytest.param("docker", marks=pytest.mark.docker)])
async def bed(request: pytest.FixtureRequest) -> AsyncIterator[EngineBed]:
    """An engine without containers."""
    if request.param == "simulated":
        made: SimulatedBed | DockerBed = SimulatedBed()
    else:
        made = request.getfixturevalue("docker_bed")
        made.open()
    yield made
    await made.clear()
