"""Measures how long others wait while backups are made and taken in: `python -m bench.backup`."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import os
import sys
import time
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import uvloop

from bench.api import Site, open_site
from bench.results import percentile

#: A read is due this often.
READ_EVERY_S = 0.005
#: Longest time that a read may take beside each.
LIMIT_MS = 100

VALUE_BYTES, VALUES, SMALL_KEYS = 512 * 1024, 120, 60_000


def pack(data: object) -> bytes:
    """Make the file of a backup."""
    document = {"format": "berth-backup", "version": 1, "created_on": "", "manager_version": "0",
                "data": data}  # fmt: skip
    return gzip.compress(json.dumps(document).encode(), compresslevel=1)


def a_key(name: str, value: bytes) -> dict[str, str]:
    """Make a key of a backup."""
    return {"key": name, "value": base64.b64encode(value).decode()}


def cases() -> Iterator[tuple[str, str, bytes]]:
    """Yield name, path and body of what is measured, one after another."""
    bomb, dry = pack({"x": "a" * 200_000_000}), "/api/v2/import?dry_run=true"
    yield f"a file of {len(bomb) // 1024} KiB that unpacks to 200 MB", dry, bomb
    small = pack({"keys": [a_key(f"small/{number}", b"x") for number in range(SMALL_KEYS)]})
    yield f"dry run of {SMALL_KEYS:,} small keys", dry, small
    yield f"import of {SMALL_KEYS:,} small keys", "/api/v2/import", small
    yield "export of them", "/api/v2/export", b""
    large = pack({"keys": [a_key(f"l/{n}", os.urandom(VALUE_BYTES)) for n in range(VALUES)]})
    yield f"dry run of {VALUES // 2} MiB of values", dry, large
    yield f"import of {VALUES // 2} MiB of values", "/api/v2/import?mode=replace", large
    yield "export of them", "/api/v2/export", b""


def call(url: str, token: str, *, body: bytes) -> int:
    """Send a request from a thread of its own; returns the status."""
    request = Request(url, data=body or None, headers={"Authorization": f"Bearer {token}"})
    try:
        with urlopen(request, timeout=120) as answer:
            while answer.read(1024 * 1024):
                pass
            return int(answer.status)
    except HTTPError as error:
        print(error.read().decode(), file=sys.stderr)
        return error.code


async def measure(site: Site, path: str, *, body: bytes) -> tuple[float, list[float]]:
    """Return seconds of the call, and the milliseconds of the reads beside it."""
    begun = time.perf_counter()
    calling = asyncio.create_task(asyncio.to_thread(call, site.url + path, site.token, body=body))
    reads: list[asyncio.Task[float]] = []
    due = begun
    while not calling.done():
        reads.append(asyncio.create_task(site.read_one(due=due)))
        due += READ_EVERY_S
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
    taken = time.perf_counter() - begun
    assert await calling == 200
    return taken, list(await asyncio.gather(*reads))


async def main() -> int:
    """Measure everything and print a table; 1 when others waited too long."""
    missed, made = False, list(cases())
    async with open_site() as site:
        print(
            "| what | s | p99 of reads, ms | longest, ms | target |\n| --- | --- | --- | --- | --- |"
        )
        for name, path, body in made:
            taken, reads = await measure(site, path, body=body)
            longest = max(reads)
            missed |= longest >= LIMIT_MS
            print(f"| {name} | {taken:.1f} | {percentile(reads, 99):.0f} | {longest:.0f} | {LIMIT_MS} |",
                  flush=True)  # fmt: skip
    return int(missed)


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
