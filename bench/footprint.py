"""Memory and processor time of the programs while the fleet runs and nothing happens."""

from __future__ import annotations

import time
from pathlib import Path

from bench.fleet import REPLICAS
from bench.results import Result, Series, Verdict
from bench.site import HOSTS, Site
from bench.waiting import cpu_seconds
from berthbed import Program

_WINDOW_S = 30.0
_MANAGER_MB = 150
_AGENT_MB = 60
_CPU_PERCENT = 1.0


def measure_footprint(site: Site) -> Result:
    """Read /proc of the manager and the agents before and after windows of idling."""
    berth = site.berth
    programs = [berth.instance.manager, *berth.instance.agents]
    memory: dict[str, list[float]] = {program.name: [] for program in programs}
    busy: dict[str, list[float]] = {program.name: [] for program in programs}
    with berth.running():
        berth.start(REPLICAS)
        for _ in range(site.rounds):
            site.settle()
            before = {program.name: cpu_seconds(program.pid) for program in programs}
            began = time.monotonic()
            time.sleep(_WINDOW_S)
            took = time.monotonic() - began
            for program in programs:
                used = cpu_seconds(program.pid) - before[program.name]
                busy[program.name].append(100 * used / took)
                memory[program.name].append(resident_mb(program))
        berth.remove()
    return Result(
        title=f"memory and idling with {HOSTS} hosts and {REPLICAS} containers",
        series=(
            *(Series(name=f"{n}: memory", unit="MB", values=tuple(memory[n])) for n in memory),
            *(Series(name=f"{n}: of a core", unit="%", values=tuple(busy[n])) for n in busy),
        ),
        verdicts=_judge(memory, busy),
    )


def resident_mb(program: Program) -> float:
    """Return the resident memory of a program in MB of 2^20 bytes (VmRSS)."""
    status = Path(f"/proc/{program.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


def _judge(memory: dict[str, list[float]], busy: dict[str, list[float]]) -> tuple[Verdict, ...]:
    """Hold each program to its limit by its largest memory and its median use of a core."""
    medians = {
        name: Series(name=name, unit="%", values=tuple(values)).median
        for name, values in busy.items()
    }
    manager = max(memory["manager"])
    agents = max(max(values) for name, values in memory.items() if name != "manager")
    return (
        Verdict.judge("manager, memory", value=manager, limit=_MANAGER_MB, unit="MB"),
        Verdict.judge("largest agent, memory", value=agents, limit=_AGENT_MB, unit="MB"),
        Verdict.judge(
            "busiest program, idle", value=max(medians.values()), limit=_CPU_PERCENT, unit="%"
        ),
    )
