"""Hosts: joining, names, take-over, moving."""

import pytest

from berth.control.hosts.membership import JoiningHost, get_host, join_host, move_host
from berth.control.pools import create_shipped_pools
from berth.domain.errors import Conflict, Invalid, NotFound
from berth.domain.fleet import HostStatus
from berth.domain.ids import HostId, TaskId
from berth.domain.observed import HostFacts
from berth.domain.origin import Origin
from berth.domain.records import Host, Instance
from berth.domain.states import HostState
from berth.store.draft import Draft
from berth.store.memory import Memory

ORIGIN = Origin(user="admin", task_id=TaskId("t"))


@pytest.fixture
def draft() -> Draft:
    """Return a draft of a fresh instance."""
    instance = Instance(id="i", epoch=1, revision_reserved=0, created_at=0.0)  # type: ignore[arg-type]
    fresh = Draft(Memory(instance), now=1000.0)
    create_shipped_pools(fresh)
    return fresh


def join(draft: Draft, engine: str, *, hostname: str = "box", **members: object) -> Host:
    """Join with an engine; the new id is that of the engine with an h before it."""
    facts = HostFacts(hostname=hostname, engine_id=engine, address="10.0.0.1")
    joining = JoiningHost(facts=facts, **members)  # type: ignore[arg-type]
    return join_host(draft, joining, new_id=HostId(f"h-{engine}"), credential_hash=f"c-{engine}")


def set_state(draft: Draft, host: Host, *, state: HostState) -> None:
    """Let the dispatcher have seen a host in that state."""
    draft.observed.hosts[host.id] = HostStatus(host_id=host.id, state=state)


def test_a_new_engine_becomes_a_host_of_the_default_pool(draft: Draft) -> None:
    host = join(draft, "e1", tags=("b", "a", "b"))
    assert (host.id, host.name, host.pool_id) == ("h-e1", "box", "default")
    assert (host.tags, host.address, host.credential_hash) == (("a", "b"), "10.0.0.1", "c-e1")
    assert draft.hosts.get(host.id) == host
    assert [event.key for event in draft.events.values()] == ["host_joined"]
    assert sorted(tag.id for tag in draft.tags.values()) == ["a", "b"]


def test_without_the_default_pool_the_first_one_serves(draft: Draft) -> None:
    draft.pools.drop("default")
    assert join(draft, "e1").pool_id == "development"


def test_names_that_are_taken_get_numbers(draft: Draft) -> None:
    for engine in ("e1", "e2", "e3"):
        host = join(draft, engine)
        set_state(draft, host, state=HostState.ACTIVE)
    assert sorted(host.name for host in draft.hosts.values()) == ["box", "box-2", "box-3"]


@pytest.mark.parametrize("state", [HostState.ACTIVE, HostState.UNKNOWN])
def test_a_name_that_was_asked_for_and_is_taken_is_refused(draft: Draft, state: HostState) -> None:
    set_state(draft, join(draft, "e1"), state=state)
    with pytest.raises(Conflict) as refused:
        join(draft, "e2", name="box")
    assert refused.value.code == "name_in_use"


@pytest.mark.parametrize("name", ["box", ""])
def test_a_host_that_is_away_loses_its_name(draft: Draft, name: str) -> None:
    old = join(draft, "e1")
    set_state(draft, old, state=HostState.INACTIVE)
    assert join(draft, "e2", name=name).name == "box"
    renamed = draft.hosts.get(old.id)
    assert renamed is not None
    assert renamed.name == "box-2"
    assert get_host(draft.hosts, "box").id == "h-e2"


@pytest.mark.parametrize(
    ("hostname", "name"),
    [("web 1.example", "web-1.example"), ("-_x", "x"), ("\0/é", "host"), ("", "host")],
)
def test_a_machines_own_name_is_made_fit(draft: Draft, hostname: str, name: str) -> None:
    assert join(draft, "e1", hostname=hostname).name == name
    assert len(join(draft, "e2", hostname="x" * 1000).name) <= 253


def test_a_known_engine_takes_its_record_over(draft: Draft) -> None:
    old = join(draft, "e1", name="alpha", pool_id="production", tags=("a",))
    set_state(draft, old, state=HostState.INACTIVE)
    facts = HostFacts(hostname="other", engine_id="e1", address="10.0.0.2")
    joining = JoiningHost(facts=facts)
    new = join_host(draft, joining, new_id=HostId("unused"), credential_hash="fresh")
    assert (new.id, new.name, new.pool_id, new.tags) == (old.id, "alpha", "production", ("a",))
    assert (new.credential_hash, new.address) == ("fresh", "10.0.0.2")


def test_a_take_over_may_change_name_pool_and_tags(draft: Draft) -> None:
    set_state(draft, join(draft, "e1"), state=HostState.INACTIVE)
    new = join(draft, "e1", name="beta", pool_id="production", tags=("b",))
    assert (new.id, new.name, new.pool_id, new.tags) == ("h-e1", "beta", "production", ("b",))
    assert join(draft, "e1", name="beta").name == "beta"


@pytest.mark.parametrize(
    ("state", "code"),
    [(HostState.ACTIVE, "host_active"), (HostState.UNKNOWN, "host_not_heard")],
)
def test_an_engine_that_may_be_in_contact_is_not_taken_over(
    draft: Draft, state: HostState, code: str
) -> None:
    old = join(draft, "e1")
    set_state(draft, old, state=state)
    with pytest.raises(Conflict) as refused:
        join(draft, "e1")
    assert refused.value.code == code
    assert draft.hosts.get(old.id) == old


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"pool_id": "blue"}, "pool_id"),
        ({"tags": ("a b",)}, "tags"),
        ({"tags": ("x" * 65,)}, "tags"),
        ({"name": "a/b"}, "name"),
        ({"name": " x"}, "name"),
        ({"name": "n" * 254}, "name"),
    ],
)
def test_a_join_that_cannot_be_is_refused(
    draft: Draft, members: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        join(draft, "e1", **members)
    assert refused.value.field == field


def test_an_engine_without_an_id_is_refused(draft: Draft) -> None:
    with pytest.raises(Invalid):
        join(draft, "")


def test_a_moved_host_has_a_task(draft: Draft) -> None:
    host = join(draft, "e1")
    moved = move_host(draft, "box", pool_id="production", origin=ORIGIN)
    assert (moved.id, moved.pool_id) == (host.id, "production")
    task = draft.tasks.get("t")
    assert task is not None
    assert (task.kind, task.subject, task.host_id) == ("move", host.id, host.id)


def test_a_move_needs_a_known_host_and_pool(draft: Draft) -> None:
    with pytest.raises(NotFound):
        move_host(draft, "nope", pool_id="production", origin=ORIGIN)
    join(draft, "e1")
    with pytest.raises(Invalid):
        move_host(draft, "box", pool_id="nope", origin=ORIGIN)
