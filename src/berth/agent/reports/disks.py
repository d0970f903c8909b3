"""The free space of the disks that the agent and its engine write to."""

import asyncio
import shutil
from collections.abc import Callable

from berth.domain.disks import DiskSpace
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup, run_loop

INTERVAL_S = 10.0


class Disks:
    """Measures in a thread, since a disk may hang."""

    def __init__(self, clock: Clock, *, engine_root: Callable[[], str]) -> None:
        """``engine_root`` returns the folder of the engine's data, "" while it is not known."""
        self._clock = clock
        self._engine_root = engine_root
        #: The agent's data directory, "" for one that has none.
        self.data_dir = ""
        #: What was measured last.
        self.space: tuple[DiskSpace, ...] = ()

    async def run(self) -> None:
        """Measure for ever."""
        await run_loop(
            "measuring disks",
            self.measure,
            wakeup=Wakeup(),
            resync_s=lambda: INTERVAL_S,
            clock=self._clock,
        )

    async def measure(self) -> str:
        """Measure each folder that is there."""
        self.space = await asyncio.to_thread(_read, (self.data_dir, self._engine_root()))
        return ""


def _read(folders: tuple[str, ...]) -> tuple[DiskSpace, ...]:
    spaces = []
    for folder in dict.fromkeys(each for each in folders if each):
        try:
            usage = shutil.disk_usage(folder)
        except OSError:  # an engine on another machine, or a folder that this user may not see
            continue
        spaces.append(DiskSpace(folder, total_bytes=usage.total, free_bytes=usage.free))
    return tuple(spaces)
