"""Silence of hosts: who is late is not taken for silent, and no clock that is set keeps slots down."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from berth.dispatcher.dispatcher import Dispatcher
from berth.dispatcher.liveness import Liveness
from berth.domain.disks import DiskSpace
from berth.domain.fleet import HostStatus
from berth.domain.ids import ContainerId, HostId
from berth.domain.observed import HostMetrics, StuckContainer
from berth.domain.states import HostState, Severity
from berth.store.draft import Draft
from berth.store.store import Store
from berth.testing.clock import FakeClock
from store_fixtures import a_host, start_store

HOSTS = tuple(f"h{number}" for number in range(10))


class Bench:
    """A liveness pass over ten active hosts."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = FakeClock()
        self.dispatcher = Dispatcher(
            store, clock=self.clock, reveal=str, sign=str, find_login=_no_login
        )
        self.liveness = Liveness(store, self.dispatcher, clock=self.clock)
        for name in HOSTS:
            status = HostStatus(host_id=HostId(name), state=HostState.ACTIVE)
            store.memory.observed.hosts[status.host_id] = status
            self.hear(name)

    def hear(self, name: str) -> None:
        self.dispatcher.contacts.hear(HostId(name), stands=True)

    def greet(self, name: str, *, trouble: str = "") -> None:
        """Let the host's agent begin a session, of which nothing more comes."""
        hosts = self.store.memory.observed.hosts
        hosts[HostId(name)] = msgspec.structs.replace(hosts[HostId(name)], trouble=trouble)
        self.dispatcher.contacts.hear(HostId(name), stands=False)

    def tell_engine(
        self, name: str, *, reachable: bool, message: str = "no answer", silent_s: float = 0.0
    ) -> None:
        """Let the host's agent tell whether its engine answers, and for how long it has not."""
        self.tell_metrics(
            name,
            HostMetrics(
                engine_reachable=reachable, engine_message=message, engine_silent_s=silent_s
            ),
        )

    def tell_metrics(self, name: str, metrics: HostMetrics) -> None:
        """Let the host's agent tell about its host."""
        hosts = self.store.memory.observed.hosts
        hosts[HostId(name)] = msgspec.structs.replace(hosts[HostId(name)], metrics=metrics)

    async def stay_in_contact(self, seconds: float) -> None:
        """Let time go by while every agent is heard."""
        for _ in range(round(seconds)):
            await self.look_for(1)
            for name in HOSTS:
                self.hear(name)

    async def look_for(self, seconds: float) -> None:
        """Let time go by, with a pass as often as the manager has one."""
        for _ in range(round(seconds / self.liveness.interval_s())):
            await self.clock.advance(self.liveness.interval_s())
            await self.liveness.expire_silent()

    def severities(self, key: str) -> list[Severity]:
        """Return how grave the events of a kind were that wait to be written."""
        return [e.severity for e in self.dispatcher.observer._events if e.key == key]

    def silent(self) -> list[str]:
        hosts = self.store.memory.observed.hosts.values()
        return [host.host_id for host in hosts if host.state is HostState.INACTIVE]


def _no_login(_: str) -> None:
    return None


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store = await start_store(f"sqlite:///{tmp_path}/berth.db", None)

    def put_hosts(draft: Draft) -> None:
        for name in HOSTS:
            draft.hosts.put(a_host(name, name))

    await store.run(put_hosts)
    yield Bench(store)
    await store.close()


async def test_a_silent_host_becomes_inactive(bench: Bench) -> None:
    for _ in range(8):
        await bench.look_for(1)
        for name in HOSTS[1:]:
            bench.hear(name)
    assert bench.silent() == ["h0"]


async def test_a_host_heard_of_in_a_stall_has_no_credit_from_it(bench: Bench) -> None:
    await bench.clock.advance(300)
    for name in HOSTS:  # frames that waited are read before the late pass
        bench.hear(name)
    await bench.liveness.expire_silent()
    assert bench.silent() == []
    assert all(bench.dispatcher.contacts.silent_s(HostId(name)) >= 0 for name in HOSTS)


async def test_replacing_goes_on_after_mass_silence_although_the_clock_was_set_back(
    bench: Bench,
) -> None:
    await bench.look_for(7)
    assert len(bench.silent()) == 10
    observed = bench.store.memory.observed
    assert observed.replacing_waits_until > bench.clock.now()
    bench.clock.set_back(3600)
    await bench.look_for(bench.store.memory.settings.mass_silence_wait_s + 1)
    assert observed.replacing_waits_until == 0.0


async def test_the_status_of_mass_silence_ends_with_the_start_of_a_manager(bench: Bench) -> None:
    await bench.look_for(7)
    assert bench.severities("mass_silence")[-1] is Severity.CRITICAL
    bench.liveness = Liveness(bench.store, bench.dispatcher, clock=bench.clock)
    await bench.look_for(1)
    assert bench.severities("mass_silence")[-1] is Severity.CLEARED


async def test_a_host_whose_engine_is_away_for_long_is_inactive_until_it_answers(
    bench: Bench,
) -> None:
    bench.tell_engine("h3", reachable=False)
    await bench.stay_in_contact(58)
    assert bench.silent() == [], "an engine may hang for a while"
    await bench.stay_in_contact(4)
    assert bench.silent() == ["h3"]
    bench.tell_engine("h3", reachable=True)
    await bench.stay_in_contact(1)
    assert bench.silent() == []
    bench.tell_engine("h3", reachable=False)
    await bench.stay_in_contact(50)
    assert bench.silent() == [], "the time starts over"


async def test_a_host_whose_engine_is_away_since_before_the_managers_start_is_inactive(
    bench: Bench,
) -> None:
    hosts = bench.store.memory.observed.hosts
    hosts[HostId("h3")] = HostStatus(host_id=HostId("h3"), state=HostState.UNKNOWN)
    bench.tell_engine("h3", reachable=False)
    await bench.stay_in_contact(58)
    assert bench.silent() == []
    await bench.stay_in_contact(4)
    assert bench.silent() == ["h3"]
    bench.tell_engine("h3", reachable=True)
    await bench.stay_in_contact(1)
    assert bench.silent() == ["h3"], "it has reported nothing yet"


async def test_a_host_inactive_for_its_engine_says_what_is_wrong_with_it(bench: Bench) -> None:
    refused = "cannot list containers: the engine at /run/docker.sock refused the connection"
    bench.tell_engine("h3", reachable=False, message=refused)
    await bench.stay_in_contact(62)
    (event,) = [each for each in bench.dispatcher.observer._events if each.key == "host_inactive"]
    assert f"its container engine has not answered for 60 s: {refused}" in event.summary


async def test_an_engine_that_is_silent_for_a_while_is_told_before_its_host_is_given_up(
    bench: Bench,
) -> None:
    bench.tell_engine("h3", reachable=False)
    await bench.stay_in_contact(9)
    assert bench.severities("engine_silent") == []
    await bench.stay_in_contact(3)
    assert bench.severities("engine_silent") == [Severity.WARNING]
    bench.tell_engine("h3", reachable=True)
    await bench.stay_in_contact(2)
    assert bench.severities("engine_silent") == [Severity.WARNING, Severity.CLEARED]


async def test_containers_that_cannot_be_removed_are_named_until_they_are_gone(
    bench: Bench,
) -> None:
    stuck = StuckContainer(ContainerId("c" * 64), "0.web.shop", "device or resource busy")
    bench.tell_metrics("h3", HostMetrics(stuck=(stuck,)))
    await bench.stay_in_contact(3)
    (event,) = [e for e in bench.dispatcher.observer._events if e.key == "container_stuck"]
    for words in ("host h3", "0.web.shop", "device or resource busy"):
        assert words in event.summary
    bench.tell_metrics("h3", HostMetrics())
    await bench.stay_in_contact(2)
    assert bench.severities("container_stuck") == [Severity.WARNING, Severity.CLEARED]


async def test_a_host_with_little_space_is_told(bench: Bench) -> None:
    disk = DiskSpace("/var/lib/docker", total_bytes=1000 << 20, free_bytes=90 << 20)
    bench.tell_metrics("h3", HostMetrics(disks=(disk,)))
    await bench.stay_in_contact(2)
    (event,) = [e for e in bench.dispatcher.observer._events if e.key == "host_disk_low"]
    assert "90 MiB free (9%) at /var/lib/docker" in event.summary
    full = msgspec.structs.replace(disk, free_bytes=0)
    bench.tell_metrics("h3", HostMetrics(disks=(full,)))
    await bench.stay_in_contact(2)
    bench.tell_metrics("h3", HostMetrics())
    await bench.stay_in_contact(2)
    told = [Severity.WARNING, Severity.CRITICAL, Severity.CLEARED]
    assert bench.severities("host_disk_low") == told


async def test_a_clock_that_differs_is_told(bench: Bench) -> None:
    for ahead_s in (-600.0, -4.0, 2.0):
        status = bench.store.memory.observed.hosts[HostId("h3")]
        differs = msgspec.structs.replace(status, clock_ahead_s=ahead_s)
        bench.store.memory.observed.hosts[HostId("h3")] = differs
        await bench.stay_in_contact(2)
    events = [e for e in bench.dispatcher.observer._events if e.key == "host_clock_off"]
    assert [e.severity for e in events] == [Severity.WARNING, Severity.CLEARED]
    assert "600 s behind the manager's" in events[0].summary


async def test_a_heartbeat_tells_how_far_a_clock_is_ahead(bench: Bench) -> None:
    metrics = HostMetrics(clock=bench.clock.now() + 20)
    bench.dispatcher.observer.record_contact(HostId("h3"), metrics)
    assert bench.store.memory.observed.hosts[HostId("h3")].clock_ahead_s == pytest.approx(20)


async def test_the_silence_of_an_engine_counts_from_its_last_answer(bench: Bench) -> None:
    bench.tell_engine("h3", reachable=False, silent_s=30.0)
    await bench.stay_in_contact(28)
    assert bench.silent() == []
    await bench.stay_in_contact(4)
    assert bench.silent() == ["h3"]


async def test_a_silent_host_is_not_active_again_for_its_engine_alone(bench: Bench) -> None:
    bench.tell_engine("h3", reachable=False)
    await bench.stay_in_contact(62)
    for _ in range(8):
        await bench.look_for(1)
        for name in HOSTS:
            if name != "h3":
                bench.hear(name)
    bench.tell_engine("h3", reachable=True)
    bench.hear("h3")
    await bench.stay_in_contact(1)
    assert bench.silent() == ["h3"]


async def test_a_host_that_only_greets_is_inactive_with_its_agents_reason(bench: Bench) -> None:
    await bench.stay_in_contact(20)
    for _ in range(8):
        await bench.look_for(1)
        for name in HOSTS[1:]:
            bench.hear(name)
        bench.greet("h0", trouble="the manager was silent for 6 s")
    assert bench.silent() == ["h0"]
    (event,) = [each for each in bench.dispatcher.observer._events if each.key == "host_inactive"]
    assert "its agent says: the manager was silent for 6 s" in event.summary


async def test_a_session_that_stands_in_time_keeps_its_host(bench: Bench) -> None:
    await bench.stay_in_contact(20)
    for _ in range(4):
        for _ in range(4):
            bench.greet("h0")
            await bench.look_for(1)
            for name in HOSTS[1:]:
                bench.hear(name)
        bench.hear("h0")
    assert bench.silent() == []


async def test_a_manager_that_has_just_started_waits_longer_for_sessions(bench: Bench) -> None:
    for _ in range(11):
        for name in HOSTS:
            bench.greet(name)
        await bench.look_for(1)
    assert bench.silent() == []
