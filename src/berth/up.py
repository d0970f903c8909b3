"""Composition root of ``berth up``: manager and one agent together, for one machine."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import msgspec

from berth.agent.app import run_agent
from berth.agent.options import AgentOptions
from berth.control.hosts.join_token import read_join_token
from berth.manager import ManagerOptions, prepare_data_dir, run_manager
from berth.runtime.clock import SystemClock


class UpOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of ``berth up``."""

    data_dir: Path
    listen: tuple[str, int]
    plain_http: bool = False
    engine_url: str = ""


async def run_up(options: UpOptions, *, stopped: asyncio.Event) -> None:
    """Run both until ``stopped`` is set; when one of them ends, the other does too."""
    data_dir = prepare_data_dir(options.data_dir)
    manager = ManagerOptions(
        data_dir=data_dir, listen=options.listen, plain_http=options.plain_http
    )
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    manager_task = asyncio.create_task(
        run_manager(manager, clock=SystemClock(), stopped=stopped, on_ready=ready.set_result)
    )
    programs: list[asyncio.Task[None]] = [manager_task]
    try:
        ends: set[asyncio.Future[Any]] = {ready, manager_task}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            agent = AgentOptions(
                data_dir=data_dir / "agent",
                manager_url=ready.result(),
                join_token=read_join_token(data_dir),
                engine_url=options.engine_url,
            )
            programs.append(asyncio.create_task(run_agent(agent, stopped=stopped)))
        await asyncio.wait(programs, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.set()
        outcomes = await asyncio.gather(*programs, return_exceptions=True)
        with contextlib.suppress(asyncio.InvalidStateError):
            ready.cancel()
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
