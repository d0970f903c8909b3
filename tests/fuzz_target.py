"""A program to aim at: a manager with two agents on simulated engines, over plain HTTP on loopback.

It prints its address and a bearer token in one line when both hosts are active, and ends with its
standard input.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from berth.agent.app import run_agent
from berth.agent.options import AgentOptions
from berth.control.hosts.join_token import read_join_token
from berth.manager import ManagerOptions, run_manager
from berth.runtime.clock import SystemClock
from berth.testing.engine import SimulatedEngine, SimulatedRegistry

PASSWORD = "a password to aim at"
START_S = 30.0


async def main() -> None:
    """Run until standard input ends."""
    os.environ["BERTH_ADMIN_PASSWORD"] = PASSWORD
    stopped = asyncio.Event()
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder), stopped) as url:
            token = await log_in(url)
            print(url, token, flush=True)
            await asyncio.to_thread(sys.stdin.read)


@asynccontextmanager
async def running(folder: Path, stopped: asyncio.Event) -> AsyncIterator[str]:
    """Run the programs, and give the manager's address."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    manager = ManagerOptions(data_dir=folder, listen=("127.0.0.1", 0), plain_http=True)
    programs = [
        asyncio.create_task(
            run_manager(manager, clock=SystemClock(), stopped=stopped, on_ready=ready.set_result)
        )
    ]
    try:
        async with asyncio.timeout(START_S):
            url = await ready
        registry = SimulatedRegistry()
        for name in ("h1", "h2"):
            agent = AgentOptions(
                data_dir=folder / name,
                manager_url=url,
                join_token=read_join_token(folder),
                name=name,
            )
            engine = SimulatedEngine(name, registry=registry)
            programs.append(asyncio.create_task(run_agent(agent, engine=engine, stopped=stopped)))
        yield url
    finally:
        stopped.set()
        await asyncio.gather(*programs)


async def log_in(url: str) -> str:
    """Get the bearer token, once both hosts are active."""
    async with httpx.AsyncClient(base_url=url) as http:
        session = await http.post("/api/auth", json={"username": "admin", "password": PASSWORD})
        headers = {"Authorization": f"Session {session.json()['token']}"}
        token: str = (await http.get("/api/token", headers=headers)).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        async with asyncio.timeout(START_S):
            while True:
                hosts = (await http.get("/api/hosts/", headers=headers)).json()
                if len(hosts) == 2 and all(host["info"]["is_active"] for host in hosts):
                    return token
                await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main())
