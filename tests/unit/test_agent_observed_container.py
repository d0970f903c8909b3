"""What an agent reads out of lists and inspect documents, and how it keeps them apart in time."""

import json

import pytest

from berth.agent.containers.container_view import ContainerView
from berth.agent.containers.labels import assignment_of, seal_labels
from berth.agent.containers.observed_container import ContainerState, seen_in_inspect, seen_in_list
from berth.domain.ids import ContainerId
from berth.domain.labels import HOST_LABEL, IMAGE_LABEL, INSTANCE_LABEL
from berth.domain.observed import EngineContainer, PortBinding
from berth.testing.builders_agent import OWNER, a_seen, an_assignment, labels_for

WEB = an_assignment("a1")


def listed(container_id: str = "c1", state: str = "running", **labels: str) -> EngineContainer:
    return EngineContainer(
        id=ContainerId(container_id),
        name=f"name-{container_id}",
        image="example/web:1",
        state=state,
        labels=labels_for(WEB, **labels),
    )


def document(**state: object) -> bytes:
    body = {
        "Id": "c1",
        "Name": "/0.web.shop",
        "Created": "2024-05-01T10:00:00.123456789Z",
        "State": {"Status": "running", "StartedAt": "2024-05-01T10:00:01.5Z", **state},
        "Config": {"Labels": labels_for(WEB, 4)},
        "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}},
    }
    return json.dumps(body).encode()


def test_an_inspect_document_tells_start_ports_and_labels() -> None:
    seen = seen_in_inspect(document())
    assert (seen.name, seen.attempt, seen.life) == ("0.web.shop", 4, ContainerState.RUNNING)
    assert seen.started_at == 1714557601.5
    assert seen.ports == (PortBinding(80, "tcp", 8080, "0.0.0.0"),)
    assert seen.exit_code is None


def test_an_inspect_document_of_an_ended_container_tells_its_exit_code() -> None:
    seen = seen_in_inspect(document(Status="exited", ExitCode=137))
    assert (seen.life, seen.exit_code) == (ContainerState.ENDED, 137)


def test_a_container_that_never_ran_has_no_start() -> None:
    seen = seen_in_inspect(document(Status="created", StartedAt="0001-01-01T00:00:00Z"))
    assert (seen.life, seen.started_at) == (ContainerState.CREATED, None)


@pytest.mark.parametrize("process", [{"Running": True}, {"Pid": 4711}])
def test_a_container_with_a_process_runs_whatever_the_engine_calls_it(
    process: dict[str, object],
) -> None:
    seen = seen_in_inspect(document(Status="created", **process))
    assert seen.life is ContainerState.RUNNING


def test_what_ran_is_inspected_before_it_counts_as_never_started() -> None:
    view = ContainerView(OWNER)
    view.put(a_seen(WEB))
    assert view.apply_list([listed(state="created")], view.mark()) == {WEB.id}
    assert view.take_stale(WEB.id) == {ContainerId("c1")}
    assert [one.life for one in view.of(WEB.id)] == [ContainerState.RUNNING]
    view.put(a_seen(WEB, ContainerState.CREATED))
    view.apply_list([listed(state="created")], view.mark())
    assert view.take_stale(WEB.id) == frozenset()


def test_a_list_keeps_what_an_inspection_told_about_the_same_life() -> None:
    known = a_seen(WEB, started_at=5.0)
    assert seen_in_list(listed(), known).started_at == 5.0
    assert seen_in_list(listed(state="exited"), known).started_at is None


def test_a_list_tells_which_assignments_changed() -> None:
    view = ContainerView(OWNER)
    assert view.apply_list([listed()], view.mark()) == {"a1"}
    assert view.apply_list([listed()], view.mark()) == set()
    assert view.apply_list([listed(state="exited")], view.mark()) == {"a1"}
    assert view.apply_list([], view.mark()) == {"a1"}
    assert view.of(WEB.id) == []


def test_a_list_does_not_undo_what_was_done_while_it_was_under_way() -> None:
    view = ContainerView(OWNER)
    view.apply_list([listed("gone")], view.mark())
    mark = view.mark()
    view.drop(ContainerId("gone"))
    view.put(a_seen(WEB, container_id="new"))
    view.apply_list([listed("gone")], mark)
    assert [one.id for one in view.of(WEB.id)] == ["new"]
    view.apply_list([], view.mark())
    assert view.of(WEB.id) == []


def test_containers_of_others_are_known_by_their_names_alone() -> None:
    view = ContainerView(OWNER)
    view.apply_list([listed("x", host="host-2")], view.mark())
    assert list(view.assignments()) == []
    assert view.named("name-x") == ("x", None)
    view.drop(ContainerId("x"))
    assert view.named("name-x") is None


def test_running_containers_are_counted_ours_or_not() -> None:
    view = ContainerView(OWNER)
    view.apply_list([listed("a"), listed("b", host="x"), listed("c", "exited")], view.mark())
    assert view.running == 2


def test_doubts_are_taken_once() -> None:
    view = ContainerView(OWNER)
    view.put(a_seen(WEB))
    assert view.mark_stale(ContainerId("c1")) == "a1"
    assert view.mark_stale(ContainerId("unknown")) is None
    assert view.take_stale(WEB.id) == {"c1"}
    assert view.take_stale(WEB.id) == frozenset()


def test_labels_of_an_image_make_no_container_one_of_berths() -> None:
    stolen = labels_for(an_assignment())
    by_hand = {INSTANCE_LABEL: OWNER.instance_id, HOST_LABEL: OWNER.host_id, IMAGE_LABEL: "i"}
    # Where image and request name one label, an engine takes that of the request.
    assert OWNER.owns({**stolen, **by_hand})
    sealed = {**stolen, **seal_labels(by_hand)}
    assert not OWNER.owns(sealed)
    assert assignment_of(sealed) == ""
    assert sealed[IMAGE_LABEL] == "i"
