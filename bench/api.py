"""Measures the API of a manager with a large fleet over loopback: python -m bench.api"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import uvloop

from bench.client import Client
from bench.results import Report as WholeReport
from bench.results import Result, Series, Verdict, percentile, render_markdown

PASSWORD = "a password to measure with"
FLAT = (
    "deployment_id,deployment_name,deployment_key,environment_id,stack_id,service_id,service_slot,"
    "container_name,container_id,container_hostname,host_id,hostname,host_group,subtype,phase_id,"
    "state,started_at,message,checks_total,checks_passed"
)
CONTAINERS = "/api/v2/containers/"

#: Path, most milliseconds for half of the answers.
LISTS = (
    ("fields of 10,000 containers", f"{CONTAINERS}?fields=container_id,deployment_name,state", 100),
    ("flat form of 10,000 containers", f"{CONTAINERS}?fields={FLAT}", 300),
    ("all documents", CONTAINERS, 1500),
    ("deployments", "/api/v2/deployments/", 50),
)
READ = "/api/v2/deployments/app-050"
ROUNDS = 10
READS_S, READS_PER_S = 10.0, 1000
WRITES_S, WRITERS = 10.0, 64
WATCHERS, CHANGES_PER_S, WATCH_S = 200, 50, 10.0
STREAMS = 500


class Site:
    """The manager under measurement."""

    def __init__(
        self, url: str, http: aiohttp.ClientSession, *, client: Client, token: str
    ) -> None:
        self.url = url
        self.token = token
        #: For streams.
        self.http = http
        self._client = client

    async def read(self, path: str) -> float:
        """Read a path and give the milliseconds until the last byte."""
        begun = time.perf_counter()
        async with self.http.get(self.url + path) as answer:
            async for _ in answer.content.iter_any():
                pass
            assert answer.status == 200, answer.status
        return 1000 * (time.perf_counter() - begun)

    async def read_one(self, *, due: float) -> float:
        """Read one object and give the milliseconds since it was due, by ``time.perf_counter``."""
        begun = min(due, time.perf_counter())
        await self._client.ask("GET", READ)
        return 1000 * (time.perf_counter() - begun)

    async def put_key(self, number: int) -> float:
        """Write a key and give the milliseconds until it is durable."""
        begun = time.perf_counter()
        await self._client.ask("PUT", f"/api/kv/bench/{number}", body=b"x" * 100)
        return 1000 * (time.perf_counter() - begun)

    async def put_pool(self, number: int) -> None:
        """Write something small that says when."""
        body = json.dumps({"description": f"written {number} at {time.perf_counter()}"})
        await self._client.ask("PUT", "/api/pools/default", body=body.encode())


@asynccontextmanager
async def open_site() -> AsyncIterator[Site]:
    """Start the manager and log in."""
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "bench.api_server", directory]
        environment = {**os.environ, "BERTH_ADMIN_PASSWORD": PASSWORD}
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            url = (await process.stdout.readline()).decode().strip()
            token = await _log_in(url)
            headers = {"Authorization": f"Bearer {token}"}
            client = Client(url, token)
            # Shorter than the server keeps a silent connection, so that none is used while it is closed.
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=3)
            async with aiohttp.ClientSession(headers=headers, connector=connector) as http:
                yield Site(url, http, client=client, token=token)
            client.close()
        finally:
            process.stdin.close()
            await process.wait()


async def _log_in(url: str) -> str:
    async with aiohttp.ClientSession() as http:
        body = json.dumps({"username": "admin", "password": PASSWORD})
        async with http.post(f"{url}/api/auth", data=body) as answer:
            session = (await answer.json())["token"]
        headers = {"Authorization": f"Session {session}"}
        async with http.get(f"{url}/api/token", headers=headers) as answer:
            token: str = (await answer.json())["token"]
    return token


async def measure_lists(site: Site) -> Result:
    """Read each list several times."""
    series, verdicts = [], []
    for name, path, limit in LISTS:
        await site.read(path)
        values = tuple([await site.read(path) for _ in range(ROUNDS)])
        one = Series(name=name, unit="ms", values=values)
        series.append(one)
        verdicts.append(Verdict.judge(f"{name}, median", value=one.median, limit=limit, unit="ms"))
    return Result(title="Lists", series=tuple(series), verdicts=tuple(verdicts))


async def measure_reads(
    site: Site, title: str, *, beside: Callable[[], Awaitable[object]]
) -> Result:
    """Offer single reads at a steady rate while something else happens."""
    values: list[float] = []
    reading: list[asyncio.Task[float]] = []
    other = asyncio.ensure_future(_again_and_again(beside))
    begun = time.perf_counter()
    for number in range(int(READS_S * READS_PER_S)):
        due = begun + number / READS_PER_S
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        reading.append(asyncio.create_task(site.read_one(due=due)))
    values = list(await asyncio.gather(*reading))
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)
    verdict = Verdict.judge(
        "p99 of single reads", value=percentile(values, 99), limit=25, unit="ms"
    )
    series = Series(name="single reads", unit="ms", values=tuple(values))
    return Result(title=title, series=(series,), verdicts=(verdict,))


async def _again_and_again(act: Callable[[], Awaitable[object]]) -> None:
    while True:
        await act()


async def measure_writes(site: Site) -> Result:
    """Write from many connections as fast as they are answered."""
    values: list[float] = []
    ends = time.perf_counter() + WRITES_S

    async def write(number: int) -> None:
        while time.perf_counter() < ends:
            values.append(await site.put_key(number))

    await asyncio.gather(*(write(number) for number in range(WRITERS)))
    rate = len(values) / WRITES_S
    return Result(
        title=f"Durable writes over {WRITERS} connections",
        series=(Series(name="writes", unit="ms", values=tuple(values)),),
        verdicts=(
            Verdict.judge("p99 of writes", value=percentile(values, 99), limit=100, unit="ms"),
            Verdict.judge("milliseconds per write", value=1000 / rate, limit=1.0, unit=""),
        ),
    )


@asynccontextmanager
async def watching(site: Site, count: int, *, tell: Callable[[bytes], None]) -> AsyncIterator[None]:
    """Hold a number of watch streams open, and pass each line of data on."""
    begun = asyncio.Semaphore(0)

    async def watch() -> None:
        async with site.http.get(f"{site.url}/api/v2/watch?kinds=pool", timeout=None) as answer:
            async for line in answer.content:
                if line.startswith(b"event: begin"):
                    begun.release()
                elif line.startswith(b"data: "):
                    tell(line)

    tasks = [asyncio.create_task(watch()) for _ in range(count)]
    for _ in tasks:
        await begun.acquire()
    await asyncio.sleep(1.0)  # hundreds that open at once are not what is measured beside them
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def measure_watch(site: Site) -> Result:
    """Write steadily, and measure when each watcher hears of it."""
    delays: list[float] = []

    def tell(line: bytes) -> None:
        _, found, rest = line.partition(b" at ")
        if found:
            delays.append(1000 * (time.perf_counter() - float(rest.partition(b'"')[0])))

    async with watching(site, WATCHERS, tell=tell):
        begun = time.perf_counter()
        for number in range(int(WATCH_S * CHANGES_PER_S)):
            due = begun + number / CHANGES_PER_S
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await site.put_pool(number)
        await asyncio.sleep(1.0)
    verdict = Verdict.judge("p99 of deliveries", value=percentile(delays, 99), limit=100, unit="ms")
    return Result(
        title=f"Watch: {WATCHERS} watchers, {CHANGES_PER_S} changes a second",
        series=(Series(name="deliveries", unit="ms", values=tuple(delays)),),
        verdicts=(verdict,),
    )


async def main() -> int:
    """Measure everything and print the tables; 1 when a target is missed."""
    gc.disable()  # a collection here would be measured as slowness there
    began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    async with open_site() as site:
        results = [await measure_lists(site)]
        results.append(await measure_reads(site, "Single reads, 1,000 a second", beside=_rest))
        title = "The same while all documents are read"
        results.append(await measure_reads(site, title, beside=lambda: site.read(CONTAINERS)))
        async with watching(site, STREAMS, tell=lambda _: None):
            title = f"The same beside {STREAMS} open streams"
            results.append(await measure_reads(site, title, beside=_rest))
        results.append(await measure_writes(site))
        results.append(await measure_watch(site))
    report = WholeReport(
        began_at=began, machine=f"{os.cpu_count()} cores", rounds=ROUNDS, results=tuple(results),
        foreign_cores=(),
    )  # fmt: skip
    print(render_markdown(report))
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    return int(any(not verdict.passed for each in results for verdict in each.verdicts))


async def _rest() -> None:
    await asyncio.sleep(1.0)


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
