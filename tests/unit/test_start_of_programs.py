"""What a program writes, and sends, before it may start."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from berth.agent.app import run_agent
from berth.agent.directory import DataDirectory, Identity
from berth.agent.options import AgentOptions
from berth.domain.errors import StartupError
from berth.domain.ids import HostId, InstanceId
from berth.manager import ManagerOptions, run_manager
from berth.runtime.clock import SystemClock
from berth.runtime.exits import Exit
from berth.testing.engine import SimulatedEngine


async def start(folder: Path, stopped: asyncio.Event, *, database: str = "") -> None:
    """Run a manager until the event is set."""
    options = ManagerOptions(
        data_dir=folder, listen=("127.0.0.1", 0), plain_http=True, database_url=database
    )
    ready = asyncio.Event()
    running = asyncio.create_task(
        run_manager(options, clock=SystemClock(), stopped=stopped, on_ready=lambda _: ready.set())
    )
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    await running


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Path]:
    """The data directory of a running manager."""
    stopped = asyncio.Event()
    manager = asyncio.create_task(start(tmp_path, stopped))
    async with asyncio.timeout(20):
        while not (tmp_path / "join-token").exists():  # noqa: ASYNC110 - the file tells no event
            await asyncio.sleep(0.01)
    yield tmp_path
    stopped.set()
    await manager


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_a_start_beside_a_running_manager_changes_nothing(running: Path) -> None:
    before = files_in(running)
    with pytest.raises(StartupError) as refused:
        await start(running, asyncio.Event(), database=f"sqlite:///{running}/other.db")
    assert refused.value.exit_code is Exit.HELD
    assert files_in(running) == before


async def test_a_host_that_joined_over_https_sends_its_credential_to_nobody_else(
    tmp_path: Path,
) -> None:
    directory = DataDirectory(tmp_path)
    directory.open()
    directory.write_identity(
        Identity(
            instance_id=InstanceId("i"), host_id=HostId("h"), name="h", credential="secret",
            ca="a certificate", manager_url="https://manager.test",
        )
    )  # fmt: skip
    directory.close()
    options = AgentOptions(data_dir=tmp_path, manager_url="http://manager.test")
    with pytest.raises(StartupError, match="https") as refused:
        await run_agent(options, engine=SimulatedEngine("h"), stopped=asyncio.Event())
    assert refused.value.exit_code is Exit.USAGE
