"""Measures conversions between forms and holds of the loop: `python -m bench.definitions_convert`."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator

import msgspec

from bench.definitions import a_bomb, a_stack, measure
from berth.api.http.request_body import parse_json
from berth.api.requests.deployment_body import THREAD_CHARACTERS, parse_aside
from berth.control.definitions.texts import GivenText, read_text
from berth.definition import convert_both, convert_text, parse_definition
from berth.definition.builder_form import render_builder

_TICK_S = 0.001


def a_commented_stack(services: int) -> str:
    """Write a stack whose services have comments above, behind and below their lines."""
    text = a_stack(services).replace("    ports:", "    # what is reached\n    ports:  # one")
    return "# the stack\n" + text + "# the end\n"


def a_form(text: str, *, changed: int) -> object:
    """Return the Builder form of a text with other images in some services."""
    services = [
        msgspec.structs.replace(
            spec, container=msgspec.structs.replace(spec.container, image=f"other:{index}")
        )
        if index < changed
        else spec
        for index, spec in enumerate(parse_definition(text).services)
    ]
    return json.loads(json.dumps(render_builder(services)))


def cases() -> Iterator[tuple[str, float, Callable[[str], object], str]]:
    """Yield name, target in milliseconds, what is measured, and the text."""
    text = a_commented_stack(107)
    lines = text.count("\n")
    one, every = a_form(text, changed=1), a_form(text, changed=107)
    yield f"convert {lines} lines", 500, convert_text, text
    yield f"one service changed in {lines} lines", 500, lambda t: convert_both(t, one), text
    yield "... and all 107 of them", 500, lambda t: convert_both(t, every), text
    bad = {
        "an alias bomb": a_bomb(),
        "5 MB of words": "docker run " + "a " * 2_500_000,
        "1 MB of words": "docker run " + "a " * 500_000,
        "1 MB of quotes": "docker run " + "'\"" * 500_000,
        "1 MB of braces": "docker run -e " + "{{" * 500_000,
        "1 MB of backslashes": "docker run " + "\\ " * 500_000,
        "1 MB of dollar signs": "docker run " + "${" * 500_000,
        "1 MB in one short flag": "docker run -" + "t" * 1_000_000,
        "1 MB of one mount": "docker run --mount " + "a=b," * 250_000 + " x",
        "1 MB of nested JSON": "docker run -e 'berth:deploy=" + "[" * 990_000 + "' x",
    }
    for name, content in bad.items():
        yield name, 200, convert_text, content


async def hold(work: Callable[[], object], text: str) -> float:
    """Return the longest time in milliseconds that other tasks had to wait."""
    longest, done = 0.0, asyncio.Event()

    async def tick() -> None:
        nonlocal longest
        while not done.is_set():
            start = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            longest = max(longest, time.perf_counter() - start - _TICK_S)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    await parse_aside(text, work)
    done.set()
    await ticking
    return longest * 1000


def held() -> Iterator[tuple[str, float, float]]:
    """Yield name, target and longest hold of the loop in milliseconds."""
    short = a_stack(THREAD_CHARACTERS // len(a_stack(2)) * 2)[:THREAD_CHARACTERS]
    short = short[: short.rindex("  s")]
    for name, text in (("the longest text read at once", short), ("1,000 services", a_stack(1000))):
        given = GivenText(content=text)
        taken = min(asyncio.run(hold(lambda given=given: read_text(given), text)) for _ in range(3))
        yield f"loop held by {name}", 50, taken
    body = json.dumps({"content": "a" * 5_000_000}).encode()
    taken = min(asyncio.run(hold(lambda: parse_json(body), "&")) for _ in range(3))
    yield "loop held by a body of 5 MB", 50, taken


def main() -> int:
    """Print a table; 1 when a target is missed."""
    missed = False
    print("| what | ms | target |\n| --- | --- | --- |")
    measured = ((name, target, measure(work, text)) for name, target, work, text in cases())
    for rows in (measured, held()):
        for name, target, taken in rows:
            missed |= taken >= target
            print(f"| {name} | {taken:.1f} | {target:g} |")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
