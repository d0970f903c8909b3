"""Measures the reading of definitions: `python -m bench.definitions` from the root, some seconds."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator

from berth.definition import parse_definition, render_with_defaults
from berth.domain.errors import DefinitionInvalid

_ROUNDS = 9
_SERVICE = """\
  {name}:
    image: registry.example.com/team/{name}:1.4.2
    command: >-
      /opt/run --listen 0.0.0.0:8080 --name "{name}"
    environment:
      - 'occs:availability=per-pool'
      - 'occs:scheduler=random'
      - 'OCCS_PHASE_ID={phase}'
      - 'OCCS_HEALTHCHECK_HTTP=http://:8080/health?timeout=5s&interval=10s'
      - 'DATABASE={{{{proxy "s0:3306"}}}}'
    ports:
      - 8080/tcp
    volumes:
      - '/data/{name}:/data:rw'
    labels:
      - team=blue
    healthcheck: {{test: "curl -f localhost", interval: 5s}}
"""


def a_stack(services: int) -> str:
    """Write a stack of a number of services, each of 17 lines."""
    bodies = (_SERVICE.format(name=f"s{n}", phase=n // 10) for n in range(services))
    return "version: 2\nservices:\n" + "".join(bodies)


def a_bomb() -> str:
    """Write anchors that each hold the one before nine times."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(lines)


def a_ring(services: int) -> str:
    """Write services that wait for one another in a ring."""
    lines = [f"  s{n}: {{image: x, depends_on: [s{(n + 1) % services}]}}" for n in range(services)]
    return "services:\n" + "\n".join(lines)


def one_port(services: int) -> str:
    """Write services on one host port that are all kept apart by their host."""
    lines = [
        f"  s{n}: {{image: x, ports: ['80:80'], environment: ['constraint:hostname==h{n}']}}"
        for n in range(services)
    ]
    return "services:\n" + "\n".join(lines)


def measure(read: Callable[[str], object], text: str) -> float:
    """Return the median of some rounds, in milliseconds; a text that is refused counts too."""
    times = []
    for _ in range(_ROUNDS):
        # The processor's time: what other programs do at the same time does not count.
        start = time.process_time()
        try:
            read(text)
        except DefinitionInvalid:
            pass
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


def cases() -> Iterator[tuple[str, float, Callable[[str], object], str]]:
    """Yield name, target in milliseconds, what is measured, and the text."""
    hundred, long = a_stack(100), a_stack(118)
    yield "parse a stack of 100 services", 100, parse_definition, hundred
    yield f"parse {long.count(chr(10))} lines", 150, parse_definition, long
    yield "write the defaults into 100 services", 500, render_with_defaults, hundred
    bad = {
        "an alias bomb": a_bomb(),
        "5 MB of text": "x" * 5_000_000,
        "5 MB of one list": "services: [" + "a," * 2_500_000,
        "a ring of 1,000 services": a_ring(1000),
        "800 services on one host port": one_port(800),
        "1 MB of dollar signs": "a: {image: '" + "${" * 500_000 + "'}",
        "30,000 dollar signs": "a: {image: x, user: '" + "${A:-b}" * 30_000 + "'}",
        "1 MB of open braces": "a: {image: '" + "{{" * 500_000 + "'}",
        "1 MB of open defaults": "a: {image: x, user: '" + "${A:-" * 200_000 + "'}",
        "1 MB of tabs": "a:\n" + "\t" * 1_000_000,
        "100,000 brackets": "[" * 100_000,
        "60,000 equal keys": "a: {image: x}\n" * 60_000,
        "1 MB of commas": "a: {image: x, volumes: ['/a:/b:" + "ro," * 300_000 + "']}",
        "1 MB of colons": "a: {image: x, volumes: ['" + ":" * 999_000 + "{{.HostIP}}']}",
        "1 MB of blanks": "a: {image: x, deploy: {placement: {constraints: ['node.id=="
        + (" " * 999_000)
        + "x y']}}}",
        "1 MB of digits": "a: {image: x, ports: ['" + "1" * 1_000_000 + "']}",
        "1 MB of a check": "a: {image: x, environment: ['OCCS_HEALTHCHECK_A=http://"
        + ":" * 999_000
        + "']}",
    }
    for name, text in bad.items():
        yield name, 200, parse_definition, text


def main() -> int:
    """Print a table; 1 when a target is missed."""
    missed = False
    print("| what | ms | target |\n| --- | --- | --- |")
    for name, target, read, text in cases():
        taken = measure(read, text)
        missed |= taken >= target
        print(f"| {name} | {taken:.1f} | {target:g} |")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
