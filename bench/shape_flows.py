"""Counts the files of Berth that a request, a death and a list pass, in one process."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType
from typing import Any

import httpx

from berth.agent.app import run_agent
from berth.agent.options import AgentOptions
from berth.domain.observed import EngineContainer
from berth.manager import ManagerOptions, run_manager
from berth.runtime.clock import SystemClock
from berth.testing.engine import SimulatedEngine, SimulatedRegistry

TEXT = "version: 2\nservices:\n  web:\n    image: nginx\n    ports: [80]\n"
DEADLINE_S, POLL_S = 60.0, 0.02
#: After the last step of a flow, until what follows it has been told.
QUIET_S = 0.5
SETTINGS = {"backoff_first_s": 0.05, "stop_grace_s": 0.2}


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so; raises TimeoutError."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            if await is_so():
                return
            await asyncio.sleep(POLL_S)


class Footsteps:
    """Notes the files in which a function begins or goes on, in every thread."""

    def __init__(self) -> None:
        self._files: set[str] | None = None
        threading.setprofile(lambda frame, event, _: self._note(frame, event))
        sys.setprofile(lambda frame, event, _: self._note(frame, event))

    def _note(self, frame: FrameType, event: str) -> None:
        if self._files is not None and event == "call":
            self._files.add(frame.f_code.co_filename)

    async def count(self, flow: Callable[[], Awaitable[None]]) -> int:
        """Run a flow; return how many files of Berth it passed, without the simulated engine."""
        files = self._files = set()
        await flow()
        self._files = None
        ours = [file for file in files if "/src/berth/" in file]
        return sum("/berth/testing/" not in file for file in ours)


class Site:
    """A manager with one host on a simulated engine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stopped = asyncio.Event()
        self.programs: list[asyncio.Task[None]] = []
        self.engine = SimulatedEngine("h1", clock=SystemClock(), registry=SimulatedRegistry())
        self.http = httpx.AsyncClient(timeout=DEADLINE_S)

    async def start(self) -> None:
        """Start both programs and log in; return when the host takes containers."""
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        options = ManagerOptions(
            data_dir=self.folder / "manager", listen=("127.0.0.1", 0), plain_http=True
        )
        manager = run_manager(
            options, clock=SystemClock(), stopped=self.stopped, on_ready=ready.set_result
        )
        self.programs.append(asyncio.create_task(manager))
        self.http.base_url = httpx.URL(await ready)
        login = {"username": "admin", "password": os.environ["BERTH_ADMIN_PASSWORD"]}
        session = (await self.ask("POST", "/api/auth", json=login))["token"]
        self.http.headers["Authorization"] = f"Session {session}"
        token = (await self.ask("GET", "/api/token"))["token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        await self.ask("PUT", "/api/v2/settings", json=SETTINGS)
        join = await self.ask("GET", "/api/v2/hosts/join_token")
        agent = AgentOptions(
            data_dir=self.folder / "h1",
            manager_url=str(self.http.base_url),
            join_token=join["join_token"],
            name="h1",
            address="10.0.0.1",
        )
        running = run_agent(agent, engine=self.engine, stopped=self.stopped)
        self.programs.append(asyncio.create_task(running))
        await until(self._is_host_active)

    async def _is_host_active(self) -> bool:
        hosts = (await self.ask("GET", "/api/v2/pools/"))["pools"][0]["active_hosts"]
        return hosts == 1

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        """Send a request that must succeed."""
        answer = await self.http.request(method, path, **options)
        answer.raise_for_status()
        return answer.json()

    async def deploy(self, deployment_id: str = "app") -> None:
        """One request, until its container runs and all has been told."""
        body = {"deployment_id": deployment_id, "stack": {"content": TEXT}}
        await self.ask("POST", "/api/v2/deployments/", json=body)
        await self.await_running(lambda container: container.name.endswith(deployment_id))

    async def die(self) -> None:
        """One death of a container, until another one runs."""
        dead = self.engine.containers()[0]
        self.engine.exit(dead.id, 1)
        await self.await_running(lambda each: each.name == dead.name and each.id != dead.id)

    async def await_running(self, is_it: Callable[[EngineContainer], bool]) -> None:
        """Wait until that container runs, and what follows has been told."""

        async def runs() -> bool:
            return any(each.running and is_it(each) for each in self.engine.containers())

        await until(runs)
        await asyncio.sleep(QUIET_S)

    async def read_list(self) -> None:
        """One list of containers."""
        await self.ask("GET", "/api/v2/containers/")

    async def stop(self) -> None:
        """End both programs."""
        self.stopped.set()
        await asyncio.gather(*self.programs)
        await self.http.aclose()


async def measure(folder: Path) -> dict[str, str]:
    """Return the files that each flow passes."""
    footsteps, site = Footsteps(), Site(folder)
    await site.start()
    await site.deploy("first")  # what is loaded or made at the first use is nobody's step
    await site.read_list()
    figures = {
        "files passed by one request": await footsteps.count(site.deploy),
        "files passed by one death": await footsteps.count(site.die),
        "files passed by one list": await footsteps.count(site.read_list),
    }
    await site.stop()
    return {name: str(count) for name, count in figures.items()}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        print(json.dumps(asyncio.run(measure(Path(directory)))))
