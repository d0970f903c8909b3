"""The manager's side of a session, against an agent in the test's hand."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from berth.domain.calls import ContainerAction
from berth.domain.errors import CallFailed, HostAway
from berth.domain.ids import ContainerId, HostId
from berth.domain.images import Credentials
from berth.domain.observed import EngineImage, HostMetrics, TaskProgress
from berth.domain.records import Host
from berth.domain.states import Attempt, HostState, Intent, Severity
from berth.domain.usage import Usage
from berth.protocol.messages import (
    MAX_FRAME_BYTES,
    PROGRESS_STREAM,
    Accepted,
    AssignmentChange,
    AssignmentSet,
    Call,
    CallDone,
    CallPart,
    Confirm,
    Heartbeat,
    HeartbeatAnswer,
    Hello,
    Images,
    Inventory,
    KeyChange,
    KeySet,
    LoginAnswer,
    LoginQuery,
    Resync,
    SettingsChange,
    Welcome,
)
from berth.protocol.streams import UsageReport
from berth.store.feed import Change
from simulation.manager_side import ManagerSide, a_full_report, a_hello, a_report


@pytest.fixture
async def side(tmp_path: Path) -> AsyncIterator[ManagerSide]:
    side = await ManagerSide.open(tmp_path)
    yield side
    await side.close()


def state(side: ManagerSide, host_id: str = "h1") -> HostState:
    return side.store.fleet.status_of(HostId(host_id)).state


async def test_a_hello_is_answered_with_a_welcome_and_the_full_set(side: ManagerSide) -> None:
    host = await side.add_host()
    await side.assign("a1", host)
    agent = side.connect(host)
    welcome = await agent.hear(Welcome)
    full = await agent.hear(AssignmentSet)
    assert (welcome.instance_id, welcome.epoch) == ("instance", 1)
    assert [(a.id, a.name) for a in full.assignments] == [("a1", "0.web.shop")]
    assert full.assignments[0].environment["OCCS_SERVICE_ID"] == "web"


async def test_a_host_is_active_with_its_first_full_report(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    await agent.hear(AssignmentSet)
    assert state(side) is HostState.UNKNOWN
    agent.say(a_full_report())
    await agent.hear(Accepted)
    assert state(side) is HostState.ACTIVE


async def test_changes_are_chained(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    full = await agent.hear(AssignmentSet)
    await side.assign("a1", host)
    first = await agent.hear(AssignmentChange)
    await side.store.run(lambda draft: draft.assignments.drop("a1"))
    second = await agent.hear(AssignmentChange)
    assert first.applies_to == full.revision
    assert [a.id for a in first.put] == ["a1"]
    assert second.applies_to == first.results_in
    assert second.drop == ("a1",)


async def test_a_broken_chain_is_answered_with_the_full_set(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    await agent.hear(AssignmentSet)
    await side.assign("a1", host)
    agent.say(Resync(reason="a gap"))
    assert [a.id for a in (await agent.hear(AssignmentSet)).assignments] == ["a1"]


async def test_an_assignment_of_another_host_is_not_told(side: ManagerSide) -> None:
    host, other = await side.add_host("h1"), await side.add_host("h2")
    agent = side.connect(host)
    await agent.hear(AssignmentSet)
    await side.assign("a1", other)
    await side.assign("a2", host)
    assert [a.id for a in (await agent.hear(AssignmentChange)).put] == ["a2"]


async def test_reports_are_recorded_and_accepted(side: ManagerSide) -> None:
    host = await side.add_host()
    await side.assign("a1", host)
    agent = side.connect(host)
    agent.say(a_report("a1", Attempt.RUNNING, sequence=7))
    assert (await agent.hear(Accepted)).sequence == 7
    assert side.store.memory.observed.reports["a1"].state is Attempt.RUNNING


async def test_a_report_about_another_hosts_assignment_changes_nothing(side: ManagerSide) -> None:
    host, other = await side.add_host("h1"), await side.add_host("h2")
    await side.assign("a1", other)
    agent = side.connect(host)
    agent.say(a_report("a1", Attempt.RUNNING))
    await agent.hear(Accepted)
    assert "a1" not in side.store.memory.observed.reports


async def test_a_full_report_is_evidence_that_the_rest_is_gone(side: ManagerSide) -> None:
    host = await side.add_host()
    await side.assign("wanted", host)
    await side.assign("ending", host, intent=Intent.END)
    agent = side.connect(host)
    agent.say(a_report("wanted", Attempt.RUNNING))
    await agent.hear(Accepted)
    agent.say(a_full_report())
    await agent.hear(Accepted)
    reports = side.store.memory.observed.reports
    assert "wanted" not in reports
    assert reports["ending"].state is Attempt.REMOVED


async def test_events_tell_each_step_in_order_even_when_reports_skip_some(
    side: ManagerSide,
) -> None:
    host = await side.add_host()
    await side.assign("a1", host)
    agent = side.connect(host)
    agent.say(a_report("a1", Attempt.PULLING, sequence=1))
    agent.say(a_report("a1", Attempt.RUNNING, sequence=2))
    await side.until(lambda: len(side.dispatcher.observer._events) >= 4)
    flushing = asyncio.create_task(side.dispatcher.observer.flush_events())
    await side.clock.advance(1)
    await flushing
    keys = [event.key for event in side.store.memory.events.values()]
    assert keys == ["image_pull", "image_pulled", "container_created", "container_started"]


async def test_a_pull_that_no_report_showed_is_told_once_for_all_that_it_served(
    side: ManagerSide,
) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    for number, assignment_id in enumerate(("a1", "a2"), 1):
        await side.assign(assignment_id, host)
        agent.say(a_report(assignment_id, Attempt.RUNNING, sequence=number, pulled_at=5.0))
    await side.until(lambda: len(side.dispatcher.observer._events) >= 5)
    flushing = asyncio.create_task(side.dispatcher.observer.flush_events())
    await side.clock.advance(1)
    await flushing
    keys = [event.key for event in side.store.memory.events.values()]
    assert keys[:4] == ["image_pull", "image_pulled", "container_created", "container_started"]
    assert keys[4:] == ["container_created", "container_started"]


async def test_a_death_is_told_even_when_the_next_container_is_reported_first(
    side: ManagerSide,
) -> None:
    host = await side.add_host()
    await side.assign("a1", host)
    agent = side.connect(host)
    agent.say(a_report("a1", Attempt.RUNNING))
    agent.say(a_report("a1", Attempt.RUNNING, sequence=2, attempt=2, failures=1))
    await side.until(lambda: len(side.dispatcher.observer._events) >= 5)
    told = [(event.key, event.severity) for event in side.dispatcher.observer._events]
    assert told[2:] == [
        ("container_failed", Severity.ERROR),
        ("container_created", Severity.INFO),
        ("container_started", Severity.INFO),
    ]


async def test_a_host_that_expires_must_begin_a_new_session(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    agent.say(a_full_report())
    await agent.hear(Accepted)
    await pass_time(side, 6.5)
    assert state(side) is HostState.INACTIVE
    await side.until(lambda: not side.dispatcher._sessions)


async def test_a_heartbeat_is_answered_and_kept(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    agent.say(Heartbeat(metrics=HostMetrics(cpu_percent=42.0)))
    await agent.hear(HeartbeatAnswer)
    assert side.store.fleet.status_of(host.id).metrics.cpu_percent == 42.0


async def test_silence_past_the_time_to_live_makes_a_host_inactive(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    agent.say(a_full_report())
    await agent.hear(Accepted)
    await pass_time(side, 5.9)
    assert state(side) is HostState.ACTIVE
    await pass_time(side, 0.5)
    assert state(side) is HostState.INACTIVE


async def test_no_host_expires_within_one_time_to_live_of_the_start(side: ManagerSide) -> None:
    await side.add_host()
    await pass_time(side, 5.5)
    assert state(side) is HostState.UNKNOWN
    await pass_time(side, 1.0)
    assert state(side) is HostState.INACTIVE


async def test_no_host_expires_because_the_manager_itself_was_held_up(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    agent.say(a_full_report())
    await agent.hear(Accepted)
    await side.clock.advance(60)  # not one pass in all that time
    await side.liveness.expire_silent()
    assert state(side) is HostState.ACTIVE


async def test_a_changed_time_to_live_is_in_force_at_once(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    agent.say(a_full_report())
    await agent.hear(Accepted)

    def longer(draft: object) -> None:
        draft.settings = msgspec.structs.replace(draft.settings, host_ttl_s=30.0)  # type: ignore[attr-defined]

    await side.store.run(longer)
    assert (await agent.hear(SettingsChange)).settings.host_ttl_s == 30.0
    await pass_time(side, 20)
    assert state(side) is HostState.ACTIVE


async def test_silence_of_most_hosts_at_once_holds_replacing_back(side: ManagerSide) -> None:
    for number in range(10):
        await side.add_host(f"h{number}")
    await pass_time(side, 7)
    waits_until = side.store.memory.observed.replacing_waits_until
    assert waits_until > side.clock.now() + 50
    await pass_time(side, 62)
    assert side.store.memory.observed.replacing_waits_until == 0.0


async def pass_time(side: ManagerSide, seconds: float) -> None:
    """Let time pass with the liveness pass at work."""
    step = side.liveness.interval_s()
    end = side.clock.monotonic() + seconds
    while side.clock.monotonic() < end - 1e-9:
        await side.clock.advance(min(step, end - side.clock.monotonic()))
        await side.liveness.expire_silent()


async def test_a_newer_session_of_a_host_wins(side: ManagerSide) -> None:
    host = await side.add_host()
    older = side.connect(host)
    await older.hear(AssignmentSet)
    newer = side.connect(host)
    await newer.hear(AssignmentSet)
    await side.assign("a1", host)
    assert [a.id for a in (await newer.hear(AssignmentChange)).put] == ["a1"]


async def test_a_call_gives_the_answer_of_the_agent(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    await agent.hear(AssignmentSet)
    acting = asyncio.create_task(
        side.dispatcher.agents.act(host.id, ContainerId("c1"), action=ContainerAction.STOP)
    )
    call = await agent.hear(Call)
    agent.say(CallDone(id=call.id))
    await acting


async def test_a_failed_call_says_why(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    await agent.hear(AssignmentSet)
    acting = asyncio.create_task(
        side.dispatcher.agents.act(host.id, ContainerId("c1"), action=ContainerAction.PAUSE)
    )
    call = await agent.hear(Call)
    agent.say(CallDone(id=call.id, code="conflict", message="it does not run"))
    with pytest.raises(CallFailed, match="does not run"):
        await acting


async def test_a_call_to_a_host_that_goes_away_ends(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    await agent.hear(AssignmentSet)
    acting = asyncio.create_task(
        side.dispatcher.agents.act(host.id, ContainerId("c1"), action=ContainerAction.STOP)
    )
    await agent.hear(Call)
    agent.hang_up()
    with pytest.raises(HostAway):
        await acting
    with pytest.raises(HostAway, match="not in contact"):
        await side.dispatcher.agents.act(host.id, ContainerId("c1"), action=ContainerAction.STOP)


async def test_a_held_host_raises_a_status_and_a_confirmation_reaches_it(
    side: ManagerSide,
) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    agent.say(a_full_report(held=True))
    await agent.hear(Accepted)
    assert side.store.fleet.status_of(host.id).held
    await side.dispatcher.agents.confirm(host.id)
    confirmed = await agent.hear(Confirm)
    assert confirmed.epoch == 1
    await agent.hear(AssignmentSet)


async def test_a_host_gets_the_login_for_an_image_that_it_shall_run_and_for_no_other(
    side: ManagerSide,
) -> None:
    login = Credentials("captain", "s3cret", "example")
    side.logins.update({"example/web:1": login, "example/other:1": login})
    host = await side.add_host()
    await side.assign("a1", host)
    agent = side.connect(host)
    agent.say(LoginQuery(id=1, image="example/web:1"))
    assert await agent.hear(LoginAnswer) == LoginAnswer(id=1, credentials=login)
    agent.say(LoginQuery(id=2, image="example/other:1"))
    assert await agent.hear(LoginAnswer) == LoginAnswer(id=2)


async def test_lists_of_images_are_remembered_until_they_change(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    await agent.hear(AssignmentSet)
    one, two = (EngineImage(id=f"sha256:{digit * 64}") for digit in "12")
    agent.say(Images(full=True, items=(one,)))
    agent.say(Images(full=False, items=(two,), gone=(one.id,)))
    observed = side.store.memory.observed.images
    await side.until(lambda: observed.get(host.id) == {two.id: two})
    agent.say(Images(full=True))
    await side.until(lambda: observed.get(host.id) == {})


async def test_a_deleted_host_leaves_nothing_that_was_observed_of_it(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    observed = side.store.memory.observed
    kept = (observed.hosts, observed.inventory, observed.images, observed.usage)
    parts = (
        Heartbeat(metrics=HostMetrics()),
        Inventory(full=True),
        Images(full=True),
        UsageReport(host=Usage(at=1.0), containers={}),
    )

    def say_all(changes: list[Change]) -> None:
        for message in parts if changes[0].table == "hosts" else ():
            agent.say(message)

    for message in parts:
        agent.say(message)
    await side.until(lambda: all(host.id in of_hosts for of_hosts in kept))
    side.store.feed.listen(say_all)  # what its agent had sent is read after the host is gone
    await side.store.run(lambda draft: draft.hosts.drop(host.id))
    await side.until(lambda: not side.dispatcher._sessions)
    assert not any(host.id in of_hosts for of_hosts in kept)


async def test_what_was_reported_of_an_assignment_goes_with_it(side: ManagerSide) -> None:
    host = await side.add_host()
    assignment = await side.assign("a1", host)
    agent = side.connect(host)
    agent.say(a_report("a1", Attempt.RUNNING))
    await agent.hear(Accepted)
    observed = side.store.memory.observed
    assert (list(observed.reports), list(observed.running_since)) == (["a1"], ["a1"])
    await side.store.run(lambda draft: draft.assignments.drop(assignment.id))
    assert (observed.reports, observed.running_since) == ({}, {})


async def test_the_progress_of_a_call_is_told_as_it_comes(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host)
    told: list[TaskProgress] = []
    pull = side.dispatcher.agents.pull_image(
        host.id, "app:1", credentials=None, on_progress=told.append
    )
    pulling = asyncio.create_task(pull)
    call = await agent.hear(Call)
    step = TaskProgress(40, "pulling")
    agent.say(CallPart(id=call.id, stream=PROGRESS_STREAM, data=msgspec.json.encode(step)))
    agent.say(CallDone(id=call.id))
    await pulling
    assert told == [step]


async def test_names_of_dropped_keys_that_no_frame_could_hold_are_told_in_several(
    side: ManagerSide,
) -> None:
    agent = side.connect(await side.add_host())
    last = (await agent.hear(KeySet)).sequence
    names = [f"{number:0512}" for number in range(MAX_FRAME_BYTES // 512)]
    publisher = side.dispatcher.publisher
    publisher.note([Change(1, "keys", name, None, None) for name in names])
    publishing = asyncio.create_task(publisher.publish_changes())
    told: list[str] = []
    while len(told) < len(names):
        change = await agent.hear(KeyChange)
        assert change.sequence == last + 1
        assert len(change.drop) < len(names)
        last, told = change.sequence, [*told, *change.drop]
    publishing.cancel()
    assert told == names


async def test_a_host_whose_sets_do_not_arrive_is_not_active_for_its_reports(
    side: ManagerSide,
) -> None:
    host = await side.add_host()
    agent = side.connect(host, a_telling_hello(host))
    agent.say(a_full_report())
    await agent.hear(Accepted)
    assert state(side) is HostState.UNKNOWN
    agent.say(Heartbeat(metrics=HostMetrics(), has_set=True, reports=True))
    await agent.hear(HeartbeatAnswer)
    assert state(side) is HostState.ACTIVE


async def test_a_host_whose_sets_never_arrive_becomes_inactive_with_its_agents_words(
    side: ManagerSide,
) -> None:
    host = await side.add_host()
    await pass_time(side, 5)
    for _ in range(5):
        agent = side.connect(host, a_telling_hello(host, trouble="no frame of 2,000 bytes came"))
        agent.say(a_full_report())
        await agent.hear(Accepted)
        await pass_time(side, 2)
    assert state(side) is HostState.INACTIVE
    (status,) = await side.statuses("host_inactive")
    assert "its agent says: no frame of 2,000 bytes came" in status.event.summary


async def test_a_host_whose_reports_do_not_arrive_is_given_up(side: ManagerSide) -> None:
    host = await side.add_host()
    await pass_time(side, 5)
    for _ in range(5):
        agent = side.connect(host, a_telling_hello(host))
        agent.say(Heartbeat(metrics=HostMetrics(), has_set=True, reports=True))
        await agent.hear(HeartbeatAnswer)
        await pass_time(side, 2)
    assert state(side) is HostState.INACTIVE


async def test_an_agent_that_waits_for_its_engine_is_in_contact(side: ManagerSide) -> None:
    host = await side.add_host()
    agent = side.connect(host, a_telling_hello(host))
    for _ in range(20):
        agent.say(Heartbeat(metrics=HostMetrics(), has_set=True, reports=False))
        await agent.hear(HeartbeatAnswer)
        await pass_time(side, 1)
    assert state(side) is HostState.UNKNOWN


def a_telling_hello(host: Host, *, trouble: str = "") -> Hello:
    return msgspec.structs.replace(a_hello(host), tells_progress=True, trouble=trouble)
