"""What a program writes, and sends, before it may start."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from berth import manager
from berth.agent.app import run_agent
from berth.agent.data_directory import DataDirectory, Identity
from berth.agent.options import AgentOptions
from berth.domain.errors import StartupError
from berth.domain.ids import HostId, InstanceId
from berth.manager import ManagerOptions, run_manager
from berth.runtime import tls
from berth.runtime.clock import SystemClock
from berth.runtime.exit_codes import Exit
from berth.store.sql.database import Database
from berth.testing.engine import SimulatedEngine


async def start(
    folder: Path,
    stopped: asyncio.Event,
    *,
    database: str = "",
    plain_http: bool = True,
    urls: list[str] | None = None,
) -> None:
    """Run a manager until the event is set; its address is put into ``urls``."""
    options = ManagerOptions(
        data_dir=folder, listen=("127.0.0.1", 0), plain_http=plain_http, database_url=database
    )
    told = (urls if urls is not None else []).append
    await run_manager(options, clock=SystemClock(), stopped=stopped, on_ready=told)


@asynccontextmanager
async def running(folder: Path, *, plain_http: bool = True) -> AsyncIterator[str]:
    """Run a manager and give its address."""
    stopped, urls = asyncio.Event(), list[str]()
    task = asyncio.create_task(start(folder, stopped, plain_http=plain_http, urls=urls))
    try:
        async with asyncio.timeout(20):
            while not urls:  # noqa: ASYNC110 - it tells by a call
                await asyncio.sleep(0.01)
        yield urls[0]
    finally:
        stopped.set()
        await task


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def lose_database(folder: Path, *, leave_empty: bool) -> None:
    for file in folder.glob("berth.db*"):
        file.unlink()
    if leave_empty:
        (folder / "berth.db").touch()


async def test_a_start_beside_a_running_manager_changes_nothing(tmp_path: Path) -> None:
    async with running(tmp_path):
        before = files_in(tmp_path)
        with pytest.raises(StartupError) as refused:
            await start(tmp_path, asyncio.Event(), database=f"sqlite:///{tmp_path}/other.db")
        assert refused.value.exit_code is Exit.HELD
        assert files_in(tmp_path) == before


@pytest.mark.parametrize("left", ["empty", "missing"])
async def test_a_manager_whose_database_is_gone_begins_no_new_instance(
    tmp_path: Path, left: str
) -> None:
    async with running(tmp_path):
        pass
    lose_database(tmp_path, leave_empty=left == "empty")
    before = files_in(tmp_path)
    with pytest.raises(StartupError, match=f"its database berth.db is {left}") as refused:
        await start(tmp_path, asyncio.Event())
    assert refused.value.exit_code is Exit.DATA_DIR
    assert files_in(tmp_path) == before


async def test_a_certificate_is_renewed_while_the_manager_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manager, "CERTIFICATES_S", 0.05)
    async with running(tmp_path, plain_http=False) as url:
        address = ("127.0.0.1", int(url.rpartition(":")[2]))
        first = await asyncio.to_thread(ssl.get_server_certificate, address)
        names = tls.local_names() | {"10.9.9.9"}
        monkeypatch.setattr(tls, "local_names", lambda: names)
        async with asyncio.timeout(20):
            while await asyncio.to_thread(ssl.get_server_certificate, address) == first:
                pass


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


async def test_nobody_says_by_a_header_where_a_request_comes_from(tmp_path: Path) -> None:
    guess = {"username": "admin", "password": "guess"}
    async with running(tmp_path) as url, aiohttp.ClientSession() as http:
        codes = []
        for number in range(6):
            headers = {"X-Forwarded-For": f"10.1.1.{number}"}
            async with http.post(f"{url}/api/auth", json=guess, headers=headers) as answer:
                codes.append(answer.status)
    assert codes == [401] * 5 + [429]


async def test_a_manager_ends_when_asked_although_its_database_hangs_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, go_on = threading.Event(), threading.Event()

    def hang(self: Database, **_: object) -> None:
        hanging.set()
        go_on.wait(60)

    monkeypatch.setattr(Database, "start", hang)
    stopped = asyncio.Event()
    task = asyncio.create_task(start(tmp_path, stopped))
    await asyncio.to_thread(hanging.wait)
    stopped.set()
    async with asyncio.timeout(5):
        await task
    go_on.set()
