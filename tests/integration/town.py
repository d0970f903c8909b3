"""A whole manager with agents on simulated engines, beside the test in a thread of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from berth.agent.app import run_agent
from berth.agent.options import AgentOptions
from berth.client import Client
from berth.manager import ManagerOptions, run_manager
from berth.runtime.clock import SystemClock
from berth.testing.engine import SimulatedEngine, SimulatedRegistry

PASSWORD = "a password of the town"
START_S = 30.0

#: Waits are short here, since nothing real has to settle.
SETTINGS = {
    "rollout_settle_s": 0.2,
    "rollout_monitor_s": 0.2,
    "backoff_first_s": 0.2,
    "backoff_max_s": 0.5,
    "stop_grace_s": 0.2,
}


class Town:
    """One manager, and hosts by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.token = ""
        self.engines: dict[str, SimulatedEngine] = {}
        self._loop = asyncio.new_event_loop()
        self._stopped: list[asyncio.Event] = []
        self._programs: list[Future[Any]] = []
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self, hosts: int) -> None:
        """Start everything, and return when the hosts are active."""
        self._thread.start()
        ready: Future[str] = Future()
        options = ManagerOptions(
            data_dir=self.folder / "manager", listen=("127.0.0.1", 0), plain_http=True
        )
        self._run(
            lambda stopped: run_manager(
                options, clock=SystemClock(), stopped=stopped, on_ready=ready.set_result
            )
        )
        self.url = ready.result(START_S)
        with Client(self.url) as client:
            self.token = client.access.log_in("admin", PASSWORD)
        with self.client() as client:
            client.instance.change_settings(SETTINGS)
            join_token = client.hosts.join_token().join_token
        for number in range(1, hosts + 1):
            self._add_host(f"h{number}", join_token)
        with self.client() as client:
            for change in client.watch(kinds=["host"]):
                active = list(client.hosts.list(state=("active",)))
                if change.type and len(active) == hosts:
                    return

    def _add_host(self, name: str, join_token: str) -> None:
        engine = SimulatedEngine(name, clock=SystemClock(), registry=SimulatedRegistry())
        self.engines[name] = engine
        options = AgentOptions(
            data_dir=self.folder / name,
            manager_url=self.url,
            join_token=join_token,
            name=name,
            address="10.0.0.1",
        )
        self._run(lambda stopped: run_agent(options, engine=engine, stopped=stopped))

    def _run(self, program: Any) -> None:
        stopped = asyncio.Event()
        self._stopped.append(stopped)
        self._programs.append(asyncio.run_coroutine_threadsafe(program(stopped), self._loop))

    def client(self) -> Client:
        """Return a client that is logged in."""
        return Client(self.url, token=self.token)

    def call(self, function: Any) -> Any:
        """Call something where the engines live."""

        async def run() -> Any:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(START_S)

    def clear(self) -> None:
        """Stop and delete every deployment, so that the next test finds an empty town."""
        with self.client() as client:
            for each in list(client.deployments.list()):
                client.deployments.stop(each.deployment_id, wait_s=20)
                client.deployments.delete(each.deployment_id)

    def stop(self) -> None:
        """End the agents, then the manager."""
        for stopped, program in reversed(list(zip(self._stopped, self._programs, strict=True))):
            self._loop.call_soon_threadsafe(stopped.set)
            program.result(START_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_S)
        self._loop.close()


@contextlib.contextmanager
def open_town(folder: Path, *, hosts: int = 2) -> Iterator[Town]:
    """Run a town while the ``with`` lasts."""
    town = Town(folder)
    try:
        town.start(hosts)
        yield town
    finally:
        town.stop()
