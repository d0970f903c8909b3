"""Sixty containers of one service, from the request to the last one running."""

from __future__ import annotations

from bench.results import Result, Series, Verdict, ratio_of_pairs
from bench.site import Site, in_turn

REPLICAS = 60
_OVER_FLOOR = 1.10
_OVER_SWARM = 0.95


def measure_fleet(site: Site) -> Result:
    """Let floor, Berth and Swarm start the fleet, one after another in each round."""
    peers = (site.floor, site.berth, site.swarm)
    seconds: dict[str, list[float]] = {peer.name: [] for peer in peers}
    for number in range(site.rounds):
        for peer in in_turn(peers, number):
            with peer.running():
                seconds[peer.name].append(site.time_start(peer, REPLICAS))
    ours = seconds[site.berth.name]
    over_floor = ratio_of_pairs(ours, seconds[site.floor.name])
    over_swarm = ratio_of_pairs(ours, seconds[site.swarm.name])
    return Result(
        title=f"{REPLICAS} containers of one service, request to all running",
        series=tuple(
            Series(name=name, unit="s", values=tuple(values)) for name, values in seconds.items()
        ),
        verdicts=(
            Verdict.judge("Berth / floor, pair by pair", value=over_floor, limit=_OVER_FLOOR),
            Verdict.judge("Berth / Swarm, pair by pair", value=over_swarm, limit=_OVER_SWARM),
        ),
    )
