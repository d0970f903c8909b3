"""One container, from the request to running."""

from __future__ import annotations

import time

from bench.containers import start_container
from bench.engine_api import EngineApi
from bench.results import Result, Series, Verdict, difference_of_pairs
from bench.site import Site, in_turn

_PAIRS = 5
_LIMIT_MS = 150


def measure_single(site: Site) -> Result:
    """Pair Berth with the engine's own create and start while Berth runs; Swarm on its own."""
    engine: list[float] = []
    berth: list[float] = []
    swarm: list[float] = []
    for number in range(site.rounds):
        for peer in in_turn((site.berth, site.swarm), number):
            with peer.running():
                site.settle()
                if peer is site.berth:
                    _measure_pairs(site, engine=engine, berth=berth)
                else:
                    swarm += [_start_swarm(site) for _ in range(_PAIRS)]
    above = difference_of_pairs(berth, engine)
    return Result(
        title="one container, request to running",
        series=(
            Series(name="engine alone", unit="ms", values=tuple(engine)),
            Series(name="Berth", unit="ms", values=tuple(berth)),
            Series(name="Docker Swarm", unit="ms", values=tuple(swarm)),
        ),
        verdicts=(
            Verdict.judge("Berth - engine, pair by pair", value=above, limit=_LIMIT_MS, unit="ms"),
        ),
    )


def _measure_pairs(site: Site, *, engine: list[float], berth: list[float]) -> None:
    for pair in range(_PAIRS):
        if pair % 2 == 0:
            berth.append(_start_berth(site))
            engine.append(_start_alone(site, pair))
        else:
            engine.append(_start_alone(site, pair))
            berth.append(_start_berth(site))


def _start_berth(site: Site) -> float:
    seconds = site.berth.start(1)
    site.berth.remove()
    return seconds * 1000


def _start_swarm(site: Site) -> float:
    seconds = site.swarm.start(1)
    site.swarm.remove()
    return seconds * 1000


def _start_alone(site: Site, number: int) -> float:
    host = site.bed.hosts[number % len(site.bed.hosts)]
    engine = EngineApi(host)
    engine.call("GET", "/version")  # the connection is open before the clock starts
    since = time.monotonic()
    start_container(engine, site.image)
    seconds = time.monotonic() - since
    engine.close()
    site.floor.remove()
    return seconds * 1000
