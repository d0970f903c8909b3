"""What a deployment makes on its hosts: names, labels, pulls, and what is told on the way."""

from __future__ import annotations

from berthbed import BerthBed
from e2e.looking import SOON, Row, events_of, host_of, inspect, on_engine, wait_task
from e2e.texts import service, text
from testbed import Image

#: The kinds of events of a simple deployment, in their order.
_STORY = [
    "deployment_added",
    "image_pull",
    "image_pulled",
    "container_created",
    "container_started",
]


#: Labels whose values no test can foresee.
UNFORESEEN = ("instance", "assignment", "spec", "image-digest")


def test_a_container_is_named_after_slot_service_and_deployment(berth: BerthBed) -> None:
    berth.deploy("named", replicas=2)
    berth.wait_running("named")
    names = [name for host in berth.bed.hosts for name in on_engine(host, "named")]
    assert sorted(names) == ["0.app.named", "1.app.named"]
    assert [row["container_name"] for row in berth.containers("named")] == sorted(names)


def test_a_container_bears_labels_that_tell_whose_it_is(berth: BerthBed) -> None:
    berth.deploy("labelled")
    berth.wait_running("labelled")
    (row,) = berth.containers("labelled")
    labels = inspect(host_of(berth, row), row["container_id"])["Config"]["Labels"]
    told = {key: value for key, value in labels.items() if key.startswith("berth.")}
    unknown = {told.pop(f"berth.{key}") for key in UNFORESEEN}
    assert told == {
        "berth.image": "",  # no label of an image stands for one of these
        "berth.host": row["host_id"],
        "berth.attempt": "1",
        "berth.renewals": "0",
        "berth.deployment": "labelled",
        "berth.service": "app",
        "berth.slot": "0",
    }
    assert len(unknown) == len(UNFORESEEN)
    assert "" not in unknown


def test_an_image_is_pulled_once_on_a_host_for_all_that_wait_for_it(berth: BerthBed) -> None:
    image = Image(cmd=("sleep", "3600"), ballast=8_000_000)
    reference = berth.bed.registry.push_image("big/one", "1", image=image)
    berth.deploy("pulled", image=reference, replicas=9)
    berth.wait_running("pulled")
    pulls = [event for event in events_of(berth, "pulled") if event["event_key"] == "image_pull"]
    hosts = {event["details"]["hostname"] for event in pulls}
    layers = [
        _pulls_in_engine_log(berth, host.name, reference=reference) for host in berth.bed.hosts
    ]
    assert hosts == {"h1", "h2", "h3"}
    assert layers == [1, 1, 1]


def test_events_tell_a_deployment_in_the_order_it_happens(berth: BerthBed) -> None:
    berth.deploy("told")
    berth.wait_running("told")
    berth.wait_until(lambda: len(_story(berth, "told")) >= len(_STORY), SOON, what="the events")
    assert _story(berth, "told") == _STORY


def test_progress_is_on_the_task_which_ends_as_done(berth: BerthBed) -> None:
    image = Image(cmd=("sleep", "3600"), ballast=30_000_000)
    reference = berth.bed.registry.push_image("big/two", "1", image=image)
    berth.deploy("tasked", image=reference)
    row_told, task_told = False, False

    def is_told() -> bool:
        nonlocal row_told, task_told
        row_told |= "pulling image" in berth.containers("tasked")[0]["message"]
        task_told |= "pulling image" in _task(berth, "tasked")["Message"]
        return row_told and task_told

    berth.wait_until(is_told, SOON, what="row and task to tell of the pull")
    closed = wait_task(berth, _task(berth, "tasked")["ID"])
    assert (closed["StatusDescription"], closed["Percent"]) == ("Done", 100)


def test_the_status_of_a_missing_image_names_it(berth: BerthBed) -> None:
    missing = f"{berth.bed.registry.address}/no/such:1"
    berth.deploy("missing", text=text(service(missing)))

    def is_said() -> bool:
        return any(missing in row["message"] for row in berth.containers("missing"))

    berth.wait_until(is_said, SOON, what="the row to name the image")
    (row,) = berth.containers("missing")
    assert (row["state"], row["container_id"]) == ("Pending", "")


def _story(berth: BerthBed, deployment_id: str) -> list[str]:
    keys = [event["event_key"] for event in events_of(berth, deployment_id)]
    return [key for key in keys if key in _STORY]


def _task(berth: BerthBed, deployment_id: str) -> Row:
    """Return the newest task about a deployment."""
    tasks = berth.api.get("/api/v2/tasks/")["tasks"]
    found: Row = next(task for task in tasks if deployment_id in task["Name"])
    return found


def _pulls_in_engine_log(berth: BerthBed, host: str, *, reference: str) -> int:
    """Return how many pulls of an image a host's engine saw."""
    events = next(h for h in berth.bed.hosts if h.name == host).docker(
        "events", "--since", "10m", "--until", "0s", "--filter", "event=pull",
        "--format", "{{.Actor.ID}}")  # fmt: skip
    return events.splitlines().count(reference)
