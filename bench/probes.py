"""Measures what an agent's checks cost: `python -m bench.probes [--checks N] [--seconds S]`."""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import cast

import uvloop

from berth.agent.health.prober import Prober, Subject
from berth.agent.health.verdict import Verdict
from berth.domain.ids import AssignmentId, ContainerId
from berth.domain.spec import Probe
from berth.domain.states import Health
from berth.runtime.clock import SystemClock
from berth.testing.engine import SimulatedEngine

#: Interval in seconds, and the share of a core that the checks may take.
TARGETS = ((30.0, 0.05), (10.0, 0.15))

#: All containers are healthy by then, or something is wrong.
WARM_UP_S = 60.0


class _Answer(asyncio.Protocol):
    """Answers every request with success, and counts."""

    answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        _Answer.answered += 1
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        self._transport.close()


def serve(told: Connection) -> None:
    """Serve in a process of its own; tell the port, then the number of answers when asked."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Answer, "127.0.0.1", 0, backlog=1024)
        told.send(server.sockets[0].getsockname()[1])
        while await asyncio.to_thread(told.recv):
            told.send(_Answer.answered)

    uvloop.run(run())


async def measure(
    server: Connection, port: int, *, checks: int, interval_s: float, seconds: float
) -> tuple[float, float]:
    """Return the share of a core that this many checks take once all are healthy, and their rate."""
    clock = SystemClock()
    prober = Prober(SimulatedEngine("bench"), clock)
    healthy: set[int] = set()

    def tell(number: int) -> Callable[[Verdict], None]:
        def take(verdict: Verdict) -> None:
            if verdict.health is Health.HEALTHY:
                healthy.add(number)

        return take

    probe = Probe(label="WEB", kind="http", port=port, path="/health", interval_s=interval_s)
    for number in range(checks):
        subject = Subject(
            container_id=ContainerId(f"{number:064x}"),
            running_since=clock.monotonic() - 1000.0,
            probes=(probe,),
            address="127.0.0.1",
        )
        prober.follow(AssignmentId(str(number)), subject, notify=tell(number))
    running = asyncio.create_task(prober.run())
    async with asyncio.timeout(WARM_UP_S):
        while len(healthy) < checks:  # noqa: ASYNC110 - the prober tells nobody but the callbacks
            await asyncio.sleep(0.1)
    # Checks begin to be spread with the second one of each container.
    await asyncio.sleep(interval_s)
    answered, used, began = _ask(server), _used_s(), time.perf_counter()
    await asyncio.sleep(seconds)
    took_s = time.perf_counter() - began
    share, rate = (_used_s() - used) / took_s, (_ask(server) - answered) / took_s
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return share, rate


def _ask(server: Connection) -> int:
    """Return the number of answers of the server so far."""
    server.send(True)
    return int(server.recv())


def _used_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    """Print the table; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    port = ours.recv()
    print("| checks | interval | answered per second | of a core | target |")
    print("| --- | --- | --- | --- | --- |")
    missed = 0
    for interval_s, target in TARGETS:
        share, rate = uvloop.run(
            measure(
                ours,
                port,
                checks=options.checks,
                interval_s=interval_s,
                seconds=options.seconds,
            )
        )
        verdict = "met" if share < target else "missed"
        missed += share >= target
        print(
            f"| {options.checks} | {interval_s:g} s | {rate:.0f} | {share:.1%} | "
            f"{target:.0%}: {verdict} |",
            flush=True,
        )
    server.terminate()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
