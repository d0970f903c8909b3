"""A program that the attacks start: a manager on a free port, which prints its address."""

import asyncio
import sys
from pathlib import Path

import msgspec
import uvloop

from berth.api.connections.limits import Limits
from berth.manager import ManagerOptions, run_manager
from berth.runtime.clock import SystemClock


async def main(folder: str, limits: str) -> None:
    """Run until killed; ``limits`` is JSON."""
    options = ManagerOptions(
        data_dir=Path(folder),
        listen=("127.0.0.1", 0),
        limits=msgspec.json.decode(limits, type=Limits),
    )
    await run_manager(
        options,
        clock=SystemClock(),
        stopped=asyncio.Event(),
        on_ready=lambda url: print(url, flush=True),
    )


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
