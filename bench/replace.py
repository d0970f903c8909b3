"""A killed container: from the kill to its successor running."""

from __future__ import annotations

import time

from bench.containers import kill_container
from bench.results import Result, Series, Verdict, percentile
from bench.site import Site, in_turn
from bench.waiting import seconds_until

#: One kill each: a slot whose containers die in a row has to wait, by design.
_REPLICAS = 12
#: Swarm waits five seconds before each, so fewer will do.
_SWARM_KILLS = 3
_LIMIT_MS = 1000
_TIMEOUT_S = 60.0


def measure_replace(site: Site) -> Result:
    """Kill containers through their engines, one after another."""
    berth: list[float] = []
    swarm: list[float] = []
    for number in range(site.rounds):
        for peer in in_turn((site.berth, site.swarm), number):
            with peer.running():
                peer.start(_REPLICAS)
                site.settle()
                if peer is site.berth:
                    berth += [_replace_in_berth(site, slot) for slot in range(_REPLICAS)]
                else:
                    swarm += [_replace_in_swarm(site, slot + 1) for slot in range(_SWARM_KILLS)]
                peer.remove()
    return Result(
        title="a killed container, kill to its successor running",
        series=(
            Series(name="Berth", unit="ms", values=tuple(berth)),
            Series(name="Docker Swarm", unit="ms", values=tuple(swarm)),
        ),
        verdicts=tuple(
            Verdict.judge(
                f"Berth, {percent} of 100 kills",
                value=percentile(berth, percent),
                limit=_LIMIT_MS,
                unit="ms",
            )
            for percent in (50, 95)
        ),
    )


def _replace_in_berth(site: Site, slot: int) -> float:
    berth = site.berth.instance
    deployment_id = site.berth.deployment_id
    [old] = [row for row in berth.containers(deployment_id) if row["service_slot"] == slot]
    host = next(host for host in site.bed.hosts if host.name == old["hostname"])

    def is_replaced() -> bool:
        return any(
            row["state"] == "Running" and row["container_id"] not in ("", old["container_id"])
            for row in berth.containers(deployment_id)
            if row["service_slot"] == slot
        )

    since = time.monotonic()
    kill_container(host, old["container_id"])
    what = f"Berth to replace slot {slot}"
    return 1000 * seconds_until(is_replaced, since=since, timeout=_TIMEOUT_S, what=what)


def _replace_in_swarm(site: Site, slot: int) -> float:
    [old] = [task for task in site.swarm.tasks() if task.Slot == slot]
    host = next(host for host in site.bed.hosts if site.swarm.node_id(host) == old.NodeID)

    def is_replaced() -> bool:
        return any(
            task.Slot == slot and task.ID != old.ID and task.Status.State == "running"
            for task in site.swarm.tasks()
        )

    since = time.monotonic()
    kill_container(host, old.container_id)
    what = f"the swarm to replace slot {slot}"
    return 1000 * seconds_until(is_replaced, since=since, timeout=_TIMEOUT_S, what=what)
