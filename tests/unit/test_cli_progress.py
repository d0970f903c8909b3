"""The progress of a deployment, from recorded changes: on terminals of any width, and in logs."""

from typing import Any

import msgspec
import pytest
from rich.cells import cell_len

from berth.cli.screen.progress import Rollout, task_line
from berth.client import Change
from berth.client.records.workloads import Container, Deployment, SlotItem, Task

SHOP = Deployment(
    deployment_id="shop",
    desired_state=1,
    generation=9,
    quantities={"api": 3, "web": 2},
    task_id="t1",
)


def a_container(service: str, slot: int, **members: Any) -> Container:
    known = {"state": "Running", "container_id": f"c-{service}{slot}", "hostname": "prod-07"}
    return Container(
        id=f"{service}-{slot}-{members.get('attempt', 1)}", deployment_id="shop", service_id=service,
        service_slot=slot, host_id="h", **(known | members),
    )  # fmt: skip


def put(kind: str, key: str, *, record: Any) -> Change:
    shown = None if record is None else msgspec.to_builtins(record)
    return Change(type="drop" if record is None else "put", kind=kind, id=key, object=shown)


def a_rollout(*containers: Container, waiting: tuple[SlotItem, ...] = ()) -> Rollout:
    rollout = Rollout(SHOP, began_at=0.0)
    rollout.load(SHOP, containers, waiting=waiting, task=Task(id="t1", status=1, percent=40))
    return rollout


OLD = [a_container("api", slot, up_to_date=False) for slot in range(3)]
WEB = [a_container("web", slot) for slot in range(2)]

#: What the watch told while one slot of api was replaced.
STREAM = [
    put("container", "api-0-2", record=a_container(
        "api", 0, attempt=2, state="Pending", container_id="", message="pulling api:4.13, 41 of 96 MB",
    )),
    put("container", "api-0-2", record=a_container("api", 0, attempt=2, health="starting", message="")),
    put("container", "api-0-2", record=a_container("api", 0, attempt=2, health="healthy")),
    put("container", "api-0-1", record=None),
]  # fmt: skip


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_recorded_stream_is_shown_at_any_width(width: int) -> None:
    rollout = a_rollout(*OLD, *WEB)
    for change in STREAM:
        assert rollout.take(change)
        lines = rollout.screen(now=42.0, width=width)
        assert all(cell_len(line) <= width for line in lines)
        assert lines[-1].startswith("[0:42]")
    assert lines[0].startswith("api  ■□□  1 of 3 new")
    assert lines[1].startswith("web  ■■  2 of 2 ready")


def test_the_slot_that_needs_attention_speaks() -> None:
    rollout = a_rollout(*OLD, *WEB)
    rollout.take(STREAM[0])
    line = rollout.screen(now=0.0, width=200)[0]
    assert line == "api  ◪□□  0 of 3 new   0.api: pulling api:4.13, 41 of 96 MB (prod-07)"


def test_a_failing_slot_goes_before_a_waiting_one() -> None:
    bad = a_container(
        "api", 1, failures=2, attempt=3, message="exited with code 1", state="Pending"
    )
    slot = SlotItem(
        id="shop/api/2", deployment_id="shop", service_id="api", service_slot=2, message="no host"
    )
    rollout = a_rollout(a_container("api", 0), bad, *WEB, waiting=(slot,))
    assert "◆" in rollout.screen(now=0.0, width=200)[0]
    assert "1.api: exited with code 1, attempt 3 (prod-07)" in rollout.screen(now=0, width=200)[0]
    assert rollout.failing() == bad


def test_a_slot_that_no_host_takes_says_why() -> None:
    slot = SlotItem(
        id="shop/web/1", deployment_id="shop", service_id="web", service_slot=1,
        message="port 80 is held (13 hosts)",
    )  # fmt: skip
    rollout = a_rollout(*OLD, a_container("web", 0))
    rollout.take(put("slot", slot.id, record=slot))
    assert rollout.screen(now=0.0, width=200)[1] == (
        "web  ■⬚  1 of 2 ready   1.web waits: port 80 is held (13 hosts)"
    )
    rollout.take(put("slot", slot.id, record=None))
    assert rollout.waiting == []


def test_a_log_gets_a_line_for_each_change_and_none_for_growing_numbers() -> None:
    rollout = a_rollout(*OLD, *WEB)
    assert len(rollout.news(clock="12:00:00")) == 2
    rollout.take(STREAM[0])
    assert rollout.news(clock="12:00:01")[0].startswith("12:00:01 api: 0 of 3 new; 0.api: pulling")
    more = msgspec.structs.replace(
        msgspec.convert(STREAM[0].object, Container), message="pulling api:4.13, 60 of 96 MB"
    )
    rollout.take(put("container", "api-0-2", record=more))
    assert rollout.news(clock="12:00:02") == []


def test_changes_of_other_deployments_are_not_shown() -> None:
    rollout = a_rollout(*OLD, *WEB)
    other = msgspec.structs.replace(a_container("api", 0), deployment_id="other")
    assert not rollout.take(put("container", "x", record=other))
    assert not rollout.take(put("task", "t2", record=Task(id="t2", status=4)))
    assert not rollout.take(put("deployment", "other", record=SHOP))


def test_a_service_of_many_slots_is_shown_in_numbers() -> None:
    rollout = a_rollout(*[a_container("api", slot) for slot in range(60)], *WEB)
    assert rollout.screen(now=0.0, width=200)[0] == "api    60 of 60 ready"


def test_of_many_services_those_that_move_are_shown() -> None:
    names = [f"s{number:02}" for number in range(20)]
    shop = msgspec.structs.replace(SHOP, quantities=dict.fromkeys(names, 1))
    rollout = Rollout(shop, began_at=0.0)
    rows = [a_container(name, 0, health="starting" if name == "s07" else "none") for name in names]
    rollout.load(shop, rows, waiting=(), task=None)
    lines = rollout.screen(now=0.0, width=200)
    assert lines[0].startswith("s07  ◪")
    assert lines[1] == "19 other services"


def test_a_job_that_ended_well_is_done() -> None:
    done = a_container("api", 0, state="Stopped", exit_code=0)
    rollout = a_rollout(done, *WEB)
    assert rollout.lines()[0].cells == "✓"
    assert rollout.lines()[0].complete


def test_a_stop_counts_what_is_left() -> None:
    rollout = a_rollout(*WEB)
    stopping = msgspec.structs.replace(SHOP, desired_state=0, quantities={"web": 2})
    rollout.take(put("deployment", "shop", record=stopping))
    assert rollout.lines()[0].summary == "2 containers left"


def test_a_task_is_one_line() -> None:
    line = task_line(Task(percent=50, message="14 of 28 moved"), width=60)
    assert line == "■■■■■■■■■■□□□□□□□□□□  50 %  14 of 28 moved"
