"""A host that is cut off while it holds a third of the fleet, and its return."""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.containers import list_containers
from bench.fleet import REPLICAS
from bench.results import Result, Series, Verdict
from bench.site import HOSTS, Site, in_turn
from bench.waiting import seconds_until
from testbed import BedError

#: Fine enough for seconds, and light on managers that list the whole fleet each time.
_PAUSE_S = 0.1
_TIMEOUT_S = 180.0
_LIMIT_S = 15


def measure_cut(site: Site) -> Result:
    """Cut the last host off until the fleet runs elsewhere, then until its surplus is gone."""
    peers = (site.berth, site.swarm)
    moved: dict[str, list[float]] = {peer.name: [] for peer in peers}
    cleared: dict[str, list[float]] = {peer.name: [] for peer in peers}
    for number in range(site.rounds):
        for peer in in_turn(peers, number):
            with peer.running():
                peer.start(REPLICAS)
                site.settle()
                is_moved = _watch_berth(site) if peer is site.berth else _watch_swarm(site)
                moved[peer.name].append(_cut(site, peer.name, is_moved=is_moved))
                cleared[peer.name].append(_heal(site, peer.name))
                peer.remove()
    ours = moved[site.berth.name]
    return Result(
        title=f"a host with {REPLICAS // HOSTS} of {REPLICAS} containers is cut off",
        series=tuple(
            Series(name=f"{name}: {what}", unit="s", values=tuple(times[name]))
            for what, times in (("all run elsewhere", moved), ("healed, surplus gone", cleared))
            for name in times
        ),
        verdicts=(
            Verdict.judge("Berth, slowest round", value=max(ours), limit=_LIMIT_S, unit="s"),
        ),
    )


def _cut(site: Site, name: str, *, is_moved: Callable[[], bool]) -> float:
    host = site.bed.hosts[-1]
    held = len(list_containers(host, running=True))
    if held != REPLICAS // HOSTS:
        raise BedError(f"{name} put {held} of {REPLICAS} containers on {host.name}.")
    since = time.monotonic()
    host.cut()
    try:
        what = f"{name} to run all elsewhere"
        return seconds_until(is_moved, since=since, timeout=_TIMEOUT_S, what=what, pause=_PAUSE_S)
    except BaseException:
        host.heal()
        raise


def _heal(site: Site, name: str) -> float:
    host = site.bed.hosts[-1]
    since = time.monotonic()
    host.heal()
    seconds = seconds_until(
        lambda: not list_containers(host, running=True),
        since=since,
        timeout=_TIMEOUT_S,
        what=f"{name} to remove the surplus of {host.name}",
        pause=_PAUSE_S,
    )
    if name == site.swarm.name:
        site.swarm.wait_ready()
    return seconds


def _watch_berth(site: Site) -> Callable[[], bool]:
    berth, deployment_id = site.berth.instance, site.berth.deployment_id
    lost = site.bed.hosts[-1].name

    def is_moved() -> bool:
        rows = berth.containers(deployment_id)
        slots = {
            row["service_slot"]
            for row in rows
            if row["state"] == "Running" and row["hostname"] != lost
        }
        return len(slots) == REPLICAS

    return is_moved


def _watch_swarm(site: Site) -> Callable[[], bool]:
    lost = site.swarm.node_id(site.bed.hosts[-1])

    def is_moved() -> bool:
        slots = {
            task.Slot
            for task in site.swarm.tasks()
            if task.Status.State == "running" and task.NodeID != lost
        }
        return len(slots) == REPLICAS

    return is_moved
