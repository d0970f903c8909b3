"""Puts the shared instance in order after a test, and looks through its logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from berthbed import BerthBed, Program
from testbed import BedError, Host

#: What a program never logs unless it has a defect.
_DEFECTS = (
    "Traceback (most",
    "was never retrieved",
    "Unclosed ",
    "RuntimeWarning",
    "never awaited",
)
_DEADLINE = 60.0


@dataclass
class Grounds:
    """What the instance was like before the tests."""

    settings: Mapping[str, Any]
    #: Length of each program's log at the start of the test.
    read_up_to: dict[str, int] = field(default_factory=dict)

    def begin(self, berth: BerthBed) -> None:
        """Remember how far the logs are known."""
        self.read_up_to = {p.name: _length(p) for p in programs(berth)}

    def find_defects(self, berth: BerthBed) -> list[str]:
        """Return the lines since the start of the test that tell of a defect."""
        return [
            f"{program.name}: {line}"
            for program in programs(berth)
            for line in log_since(program, self.read_up_to.get(program.name, 0)).splitlines()
            if any(word in line for word in _DEFECTS)
        ]


def settle(berth: BerthBed) -> Grounds:
    """Set the settings that all tests start from."""
    berth.api.put(
        "/api/v2/settings", {"stop_grace_s": 1, "rollout_settle_s": 0.5, "rollout_monitor_s": 0.5}
    )
    return Grounds(berth.api.get("/api/v2/settings")["settings"])


def put_in_order(berth: BerthBed, grounds: Grounds) -> None:
    """Heal, start and remove until the instance is as it was; fail on defects in the logs."""
    for host in berth.bed.hosts:
        host.heal()
        if host.engine_pid is not None:
            host.unhang()
        host.start_engine()
    for program in programs(berth):
        if program.is_running:
            program.unhang()
    berth.start()
    berth.api.put("/api/v2/settings", {"settings": grounds.settings})
    _remove_deployments(berth)
    for host in berth.bed.hosts:
        _remove_containers(host)
        if berth.hosts()[host.name]["info"]["pool_id"] != "default":
            berth.api.put(f"/api/hosts/{host.name}/pool", {"pool_id": "default"})
        if berth.hosts()[host.name]["duty"] != "active":
            berth.api.post(f"/api/v2/hosts/{host.name}/activate")
    if defects := grounds.find_defects(berth):
        pytest.fail("the logs tell of defects:\n" + "\n".join(defects), pytrace=False)


def programs(berth: BerthBed) -> list[Program]:
    """Return the manager and all agents."""
    return [berth.manager, *berth.agents]


def log_since(program: Program, start: int) -> str:
    """Return what a program logged after this many bytes."""
    with program.log.open("rb") as log:
        log.seek(start)
        return log.read().decode(errors="replace")


def _length(program: Program) -> int:
    return program.log.stat().st_size if program.log.exists() else 0


def _remove_deployments(berth: BerthBed) -> None:
    known = [each["deployment_id"] for each in berth.api.get("/api/v2/deployments/")["deployments"]]
    for deployment_id in known:
        berth.api.post(f"/api/v2/deployments/{deployment_id}/stop")
    for deployment_id in known:
        berth.remove(deployment_id, _DEADLINE)


def _remove_containers(host: Host) -> None:
    """Remove what tests started by hand; Berth's own are gone by now."""
    for container_id in host.docker("ps", "-aq").split():
        try:
            host.docker("rm", "-f", "-v", container_id)
        except BedError as error:
            if "No such container" not in str(error) and "in progress" not in str(error):
                raise
