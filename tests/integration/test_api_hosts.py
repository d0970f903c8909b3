"""Hosts over HTTP."""

from typing import Any

import msgspec
import pytest

from berth.domain.errors import HostAway
from berth.domain.observed import HostMetrics
from berth.domain.states import HostState
from integration.api_bed import Bed


async def test_a_host_shows_what_its_agent_said(bed: Bed) -> None:
    host = await bed.add_host("lab-occs-wkr-1")
    bed.set_status(
        host, metrics=HostMetrics(cpu_percent=1.4, uptime_s=1_224_600, load=0.5, images=12)
    )
    shown = await bed.get(f"/api/hosts/{host.id}")
    assert list(shown)[:7] == [
        "host_id", "info", "tags", "load", "interfaces", "duty", "protocol"
    ]  # fmt: skip
    info = shown["info"]
    assert (info["hostname"], info["is_active"], info["pool_id"]) == (host.name, True, "default")
    assert (info["cpu"], info["num_cpus"], info["memory_mb"], info["num_images"]) == (
        1,
        2,
        4096,
        12,
    )
    assert info["uptime"] == "14 days, 4:10"
    assert info["ip_addresses"] == "eth0: 10.0.0.5, public_ip: 203.0.113.7"
    assert (info["last_seen"], info["docker_version"]) == (1_700_000_000, "26.1.0")
    assert (shown["tags"], shown["load"]) == (None, 0.5)


async def test_a_host_tells_why_it_takes_no_containers(bed: Bed) -> None:
    host = await bed.add_host("h1")

    async def reason(**members: Any) -> str:
        bed.set_status(host, **members)
        shown = await bed.get("/api/hosts/h1")
        assert shown["state"] == members.get("state", HostState.ACTIVE).value
        return str(shown["reason"])

    assert await reason() == ""
    await bed.post("/api/v2/hosts/h1/pause")
    assert "paused" in await reason()
    assert "confirms" in await reason(held=True)
    assert "not in contact" in await reason(state=HostState.INACTIVE)
    away = HostMetrics(engine_reachable=False, engine_message="no answer")
    assert "no answer" in await reason(state=HostState.INACTIVE, metrics=away)
    assert "manager's start" in await reason(state=HostState.UNKNOWN)


async def test_a_host_tells_what_it_is_and_since_when_it_is_there(bed: Bed) -> None:
    host = await bed.add_host("h1")
    facts = bed.store.memory.observed.hosts[host.id].facts
    assert facts is not None
    bed.set_status(host, facts=msgspec.structs.replace(facts, os="Debian 12", kernel="6.1"))
    shown = await bed.get("/api/hosts/h1")
    assert (shown["os"], shown["kernel"], shown["address"]) == ("Debian 12", "6.1", "10.0.0.5")
    assert (shown["joined_at"], shown["held"]) == ("2023-11-14T22:13:20Z", False)


async def test_a_host_is_found_by_its_name(bed: Bed) -> None:
    host = await bed.add_host("h1")
    assert (await bed.get("/api/hosts/h1/"))["host_id"] == host.id
    assert await bed.refused("GET", "/api/hosts/h2") == (404, "unknown_host", "")


async def test_a_host_that_never_spoke_is_shown(bed: Bed) -> None:
    host = await bed.add_host("h1")
    del bed.store.memory.observed.hosts[host.id]
    info = (await bed.get("/api/hosts/"))[0]["info"]
    assert (info["is_active"], info["last_seen"]) == (False, 0)
    assert info["info_updated_at"] == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "content", ['{"pool_id": "production"}', '{"id": "production"}', '"production"']
)
async def test_a_host_moves_to_another_pool(bed: Bed, content: str) -> None:
    host = await bed.add_host("h1")
    moved = await bed.put(f"/api/hosts/{host.id}/pool", content=content)
    assert moved["info"]["pool_id"] == "production"
    task = (await bed.get("/api/v2/tasks/"))["tasks"][0]
    assert (task["Name"], task["HostID"]) == ("move host: h1 to pool production", host.id)


async def test_a_host_that_is_in_the_pool_already_needs_no_task(bed: Bed) -> None:
    host = await bed.add_host("h1")
    await bed.put(f"/api/hosts/{host.id}/pool", json={"pool_id": "default"})
    assert (await bed.get("/api/v2/tasks/"))["tasks"] == []


@pytest.mark.parametrize(
    ("content", "refused"),
    [
        ('"nope"', (422, "unknown_pool", "pool_id")),
        ("{}", (422, "required", "pool_id")),
        ("7", (422, "invalid_value", "")),
    ],
)
async def test_a_move_to_nowhere_is_refused(
    bed: Bed, content: str, refused: tuple[int, str, str]
) -> None:
    host = await bed.add_host("h1")
    assert await bed.refused("PUT", f"/api/hosts/{host.id}/pool", content=content) == refused


async def test_an_operator_confirms_a_held_host(bed: Bed) -> None:
    host = await bed.add_host("h1")
    confirmed = await bed.post(f"/api/v2/hosts/{host.id}/confirm")
    assert confirmed["host"]["host_id"] == host.id
    assert bed.agents.confirmed == [host.id]
    bed.agents.away = True
    refused = await bed.refused("POST", f"/api/v2/hosts/{host.id}/confirm")
    assert refused == (409, HostAway.default_code, "")


async def test_an_inactive_host_is_shown_as_such(bed: Bed) -> None:
    host = await bed.add_host("h1")
    bed.set_status(host, state=HostState.INACTIVE)
    assert (await bed.get("/api/hosts/h1"))["info"]["is_active"] is False
