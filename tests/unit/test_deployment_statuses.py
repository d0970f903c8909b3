"""Statuses that follow from a plan: raised once per text, cleared when nothing is wrong."""

import pytest

from berth.domain.ids import AssignmentId, HostId, ServiceKey
from berth.domain.plan import Plan, Reason, Renewal, Stuck, Unplaced
from berth.domain.records import Actor
from berth.domain.states import Severity
from berth.reconcilers.deployments.statuses import clear_statuses, raise_statuses
from berth.store.draft import NewEvent
from unit.desk import Desk

WEB = ServiceKey("web")


def unplaced(code: str) -> tuple[Unplaced, ...]:
    return (Unplaced(service=WEB, slot=0, reasons=(Reason(HostId(""), code, "because"),)),)


def tell(desk: Desk, plan: Plan) -> None:
    deployment = desk.draft.deployments.get("app") or desk.create()
    raise_statuses(desk.draft, deployment, plan=plan)


def open_words(desk: Desk) -> list[tuple[str, Severity, str]]:
    """Return key, severity and text of the open statuses of the deployment."""
    found = desk.draft.statuses.find("subject", ("deployment", "app"))
    return [(s.event.key, s.event.severity, s.event.summary) for s in found if not s.clear_event_id]


STUCK = (Stuck(service=WEB, slot=0, message="ended with exit code 3"),)


@pytest.mark.parametrize(
    ("plan", "key", "severity", "summary"),
    [
        (Plan(unplaced=unplaced("memory")), "slot_unfilled", Severity.ERROR,
         "1 slot of web (deployment app) is waiting for a host: because"),
        (Plan(unplaced=unplaced("phase")), "deployment_phase", Severity.INFO,
         "1 slot of web (deployment app) is waiting to start: because"),
        (Plan(held=unplaced("volume_home")), "slot_held", Severity.WARNING,
         "1 slot of web (deployment app) is kept where it is: because"),
        (Plan(ended_badly=STUCK), "run_once_failed", Severity.ERROR,
         ("slot 0 of web (deployment app) ended with exit code 3; "
          "it runs once and is not started again")),
        (Plan(stuck=STUCK), "rollout_paused", Severity.ERROR,
         ("the update of web (deployment app) is paused: its new container in slot 0 keeps failing "
          "(ended with exit code 3); the old containers keep running")),
    ],
)  # fmt: skip
def test_each_matter_has_a_status_until_it_is_well(
    plan: Plan, key: str, severity: Severity, summary: str
) -> None:
    desk = Desk()
    tell(desk, plan)
    events = len(desk.draft.events)
    tell(desk, plan)
    assert open_words(desk) == [(key, severity, summary)]
    assert len(desk.draft.events) == events
    tell(desk, Plan())
    assert open_words(desk) == []


def test_a_status_that_says_something_new_is_raised_again() -> None:
    desk = Desk()
    tell(desk, Plan(unplaced=unplaced("memory")))
    tell(desk, Plan(unplaced=unplaced("memory") * 2))
    expected = "2 slots of web (deployment app) are waiting for a host: because"
    assert [summary for *_, summary in open_words(desk)] == [expected]


def test_a_stop_clears_everything() -> None:
    desk = Desk()
    tell(desk, Plan(unplaced=unplaced("memory"), held=unplaced("x"), ended_badly=STUCK))
    deployment = desk.draft.deployments.get("app")
    assert deployment is not None
    clear_statuses(desk.draft, deployment)
    assert open_words(desk) == []


def used_as_present(image: str, sub_type: str = "image") -> NewEvent:
    return NewEvent(
        key="image_pulled",
        severity=Severity.WARNING,
        summary=f"image {image} on h: pull failed",
        actor=Actor("deployment", "app", "app"),
        sub_actor=Actor(sub_type, image, image),
        makes_status=True,
    )


def test_the_status_of_a_pull_ends_when_no_slot_has_its_image_any_more() -> None:
    desk = Desk()
    desk.create()
    desk.assign()
    desk.draft.record_event(used_as_present("nginx"))
    desk.draft.record_event(used_as_present("nginx:old"))
    desk.draft.record_event(used_as_present("0.web.app", "container"))
    tell(desk, Plan())
    assert [words for *_, words in open_words(desk)] == ["image nginx on h: pull failed"]
    desk.draft.assignments.drop("a")
    tell(desk, Plan())
    assert open_words(desk) == []


def test_a_renewal_is_an_event_that_names_the_container() -> None:
    desk = Desk()
    desk.create()
    desk.assign()
    tell(desk, Plan(renewals=(Renewal(AssignmentId("a"), 1),)))
    (event,) = (e for e in desk.draft.events.values() if e.key == "container_renewed")
    assert event.summary == "the container 0.web.app is unhealthy and is being replaced"
