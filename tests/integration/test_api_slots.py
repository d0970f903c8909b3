"""Slots that wait for a host: listed with their reasons counted, and watched."""

from typing import Any

from berth.domain.states import HostState
from berth.reconcilers.deployments.reconciler import DeploymentReconciler
from integration.api_bed import Bed
from integration.served import serve
from integration.streaming import open_events

SLOTS = "/api/v2/slots/"


def make_reconciler(bed: Bed) -> DeploymentReconciler:
    ids = iter(f"a{number}" for number in range(100))
    return DeploymentReconciler(bed.store, clock=bed.clock, new_id=lambda: next(ids))


async def reconcile(bed: Bed, reconciler: DeploymentReconciler) -> None:
    for _ in range(3):
        await reconciler.reconcile_dirty()


async def list_slots(bed: Bed, query: str = "") -> Any:
    return (await bed.get(SLOTS + query))["slots"]


async def test_a_slot_that_waits_is_listed_with_its_reasons_by_code(each_bed: Bed) -> None:
    reconciler = make_reconciler(each_bed)
    for name in ("h1", "h2"):
        each_bed.set_status(await each_bed.add_host(name), state=HostState.INACTIVE)
    await each_bed.deploy(quantities={"web": 2})
    await reconcile(each_bed, reconciler)
    first, second = await list_slots(each_bed)
    assert (first["id"], second["service_slot"]) == ("myapp/web/0", 1)
    (reason,) = first["reasons"]
    assert (reason["code"], reason["hosts"]) == ("inactive", 2)
    assert reason["message"] in first["message"]
    assert [each["id"] for each in await list_slots(each_bed, "?limit=1")] == ["myapp/web/0"]
    assert await list_slots(each_bed, "?pool=production") == []
    assert len(await list_slots(each_bed, "?deployment=myapp")) == 2
    reconciler.close()


async def test_the_watch_tells_which_slots_wait_and_which_do_not_any_more(bed: Bed) -> None:
    reconciler = make_reconciler(bed)
    path = "/api/v2/watch?kinds=slot"
    async with serve(bed) as address, open_events(address, path, bearer=bed.bearer) as events:
        await events.next()
        await bed.deploy()
        await reconcile(bed, reconciler)
        told = await events.until("slot", "myapp/web/0")
        assert (told["type"], told["object"]["reasons"][0]["code"]) == ("put", "no_hosts")
        host = await bed.add_host("h1")
        status = bed.store.memory.observed.hosts[host.id]
        bed.store.observe([("host_status", host.id, None, status)])
        await reconcile(bed, reconciler)
        told = await events.until("slot", "myapp/web/0")
        assert (told["type"], told["object"]) == ("drop", None)
        assert await list_slots(bed) == []
    reconciler.close()


async def test_a_slot_that_goes_on_waiting_is_told_once(bed: Bed) -> None:
    reconciler = make_reconciler(bed)
    await bed.deploy()
    await reconcile(bed, reconciler)
    before = bed.store.memory.revision
    reconciler.wakeup.set()
    await bed.clock.advance(60)
    await reconcile(bed, reconciler)
    changes = bed.store.feed.changes_since(before)
    assert [change for change in changes if change.table == "waiting"] == []
    reconciler.close()
