"""Commands with little to them: containers, settings, tokens, users, the join token."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from berth.control.accounts.sessions import MAX_SESSIONS, open_session
from berth.control.accounts.tokens import NewBearer, replace_bearer, show_bearer
from berth.control.accounts.users import UserChange, create_admin, update_admin
from berth.control.containers import find_container
from berth.control.deployments.quantities import name_quantities
from berth.control.hosts.join_token import JoinToken, read_join_token
from berth.control.hosts.names import choose_name
from berth.control.naming import check_id, check_tags, make_unique, to_dated_id, to_id
from berth.control.pools import create_shipped_pools
from berth.control.settings import merge_settings
from berth.domain.errors import Forbidden, Invalid, NotFound, Unauthenticated
from berth.domain.fleet import Fleet
from berth.domain.ids import ContainerId, HostId
from berth.domain.observed import EngineContainer, InventoryItem
from berth.domain.records import Instance, TokenKind
from berth.domain.settings import Settings
from berth.store.draft import Draft
from berth.store.memory import Memory
from berth.testing.builders import World, a_deployment, a_service


@pytest.fixture
def draft() -> Draft:
    """Return a draft of an instance with an administrator whose password hash is ``h``."""
    instance = Instance(id="i", epoch=1, revision_reserved=0, created_at=0.0)  # type: ignore[arg-type]
    fresh = Draft(Memory(instance), now=1000.0)
    create_admin(fresh, "ada", password_hash="h")
    return fresh


def test_what_is_shipped_comes_once(draft: Draft) -> None:
    create_shipped_pools(draft)
    draft.pools.drop("production")
    create_shipped_pools(draft)
    assert len(draft.pools) == 2
    assert create_admin(draft, "eve", password_hash="x").username == "ada"


def test_a_password_that_changed_meanwhile_was_not_proven(draft: Draft) -> None:
    change = UserChange(password_hash="new", proven_hash="older")
    with pytest.raises(Forbidden):
        update_admin(draft, change)
    with pytest.raises(Unauthenticated):
        open_session(draft, "ada", proven_hash="older", token_hash="s")


def test_sessions_are_bounded_and_ended_ones_go(draft: Draft) -> None:
    for number in range(MAX_SESSIONS + 20):
        draft.now += 1
        open_session(draft, "ada", proven_hash="h", token_hash=f"s{number}")
    assert len(draft.tokens) == MAX_SESSIONS
    assert "s19" not in draft.tokens
    draft.now += draft.settings.session_lifetime_s
    open_session(draft, "ada", proven_hash="h", token_hash="last")
    assert [token.id for token in draft.tokens.values()] == ["last"]


def test_a_user_has_one_bearer_token(draft: Draft) -> None:
    open_session(draft, "ada", proven_hash="h", token_hash="s")
    first = show_bearer(draft, "s", new=NewBearer(token_hash="b1", ciphertext="c1"))
    again = show_bearer(draft, "s", new=NewBearer(token_hash="b2", ciphertext="c2"))
    assert first == again
    replace_bearer(draft, "b1", new=NewBearer(token_hash="b3", ciphertext="c3"))
    bearers = [token for token in draft.tokens.values() if token.kind is TokenKind.BEARER]
    assert [token.id for token in bearers] == ["b3"]
    with pytest.raises(Unauthenticated):
        replace_bearer(draft, "b1", new=NewBearer(token_hash="b4", ciphertext=""))


def test_ids_are_made_from_names() -> None:
    assert to_id("  Redis  Cluster ") == "Redis-Cluster"
    assert to_dated_id("Redis", 1_477_501_156.9) == "Redis-20161026-165916"
    assert make_unique("a", {"a", "a-2"}.__contains__) == "a-3"


@pytest.mark.parametrize("wrong", ["", "-a", ".a", "a b", "a/b", "é", "a\n", "x" * 129, "\0"])
def test_an_id_has_few_characters(wrong: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_id(wrong, field="id")
    assert (refused.value.code, refused.value.field) == ("invalid_id", "id")
    assert len(refused.value.message) < 300


@pytest.mark.parametrize(
    ("check", "longest"),
    [
        (lambda draft, name: check_id(name, field="id"), 128),
        (lambda draft, name: check_tags([name], field="tags"), 64),
        (lambda draft, name: choose_name(draft, name, hostname="", own_id=HostId("h1")), 253),
    ],
)
def test_an_error_about_a_long_name_has_its_length_and_the_limit(
    draft: Draft, check: Callable[[Draft, str], object], longest: int
) -> None:
    check(draft, "x" * longest)
    with pytest.raises(Invalid) as refused:
        check(draft, "x" * (longest + 1))
    words = f"; it has {longest + 1} characters, at most {longest} are allowed"
    assert refused.value.message.endswith(words)


def test_numbers_that_were_named_stay() -> None:
    web, db, new = a_service("web"), a_service("db"), a_service("new")
    old = a_deployment(services=[web, db, a_service("gone")], quantities={"web": 3, "gone": 7})
    numbers = name_quantities([new, web, db], old=old, named={"db": 2, "gone": 8})
    assert list(numbers.items()) == [("web", 3), ("db", 2)]


def test_a_number_that_is_sent_back_as_it_was_read_names_nothing() -> None:
    web, more = a_service("web"), replace(a_service("web"), replicas=3)
    old = a_deployment(services=[web])
    assert name_quantities([web], old=old, named={"web": 1}) == {}
    assert name_quantities([more], old=old, named={"web": 1}) == {"web": 1}
    assert name_quantities([web], old=None, named={"web": 1}) == {"web": 1}


def observe(*ids: str) -> Fleet:
    """Let each of several hosts run a container."""
    world = World()
    observed = world.observed
    for number, container_id in enumerate(ids):
        container = EngineContainer(
            id=ContainerId(container_id), name="", image="", state="running"
        )
        observed.inventory[HostId(f"h{number}")] = {container.id: InventoryItem(container)}
    return world.fleet


def test_a_container_is_found_by_a_prefix_of_twelve() -> None:
    observed = observe("a" * 64, "b" * 12 + "1" * 52, "b" * 12 + "2" * 52)
    assert find_container(observed, "a" * 12) == ("h0", "a" * 64)
    assert find_container(observed, "b" * 12 + "2")[0] == "h2"
    for unclear in ("a" * 11, "b" * 12, "", "a" * 65):
        with pytest.raises(NotFound):
            find_container(observed, unclear)


def test_a_whole_id_that_begins_another_is_meant_itself() -> None:
    observed = observe("a" * 12, "a" * 64)
    assert find_container(observed, "a" * 12) == ("h0", "a" * 12)


def test_settings_take_numbers_as_text() -> None:
    merged = merge_settings(Settings(), {"host_ttl_s": "7.5", "engine_concurrency": "8"})
    assert (merged.host_ttl_s, merged.engine_concurrency) == (7.5, 8)
    assert merged.resync_s == Settings().resync_s


@pytest.mark.parametrize("pool", ["10.210.0.0/27", "10.210.0.1/16", "fd00::/64", "all", 10])
def test_a_pool_for_networks_must_have_room_for_one(pool: object) -> None:
    with pytest.raises(Invalid) as refused:
        merge_settings(Settings(), {"network_pool": pool})
    assert refused.value.field == "network_pool"
    assert merge_settings(Settings(), {"network_pool": "10.9.0.0/26"}).network_pool == "10.9.0.0/26"


def test_a_refused_setting_is_told_in_words() -> None:
    with pytest.raises(Invalid) as refused:
        merge_settings(Settings(), {"host_ttl_s": 0})
    assert refused.value.message == "setting 'host_ttl_s': expected float >= 1.0"


def test_the_join_token_is_a_private_file(tmp_path: Path) -> None:
    token = JoinToken(tmp_path, "ab" * 32).read_or_make()
    prefix, secret, pin = token.split(".")
    assert (prefix, len(secret), pin) == ("berth-join-1", 64, "ab" * 32)
    assert stat.S_IMODE((tmp_path / "join-token").stat().st_mode) == 0o600
    assert read_join_token(tmp_path) == JoinToken(tmp_path, "ab" * 32).read_or_make() == token
    assert [path.name for path in tmp_path.iterdir()] == ["join-token"]


def test_a_join_token_matches_its_secret_alone(tmp_path: Path) -> None:
    token = JoinToken(tmp_path, None)
    secret = token.read_or_make().split(".")[1]
    assert token.read_or_make().endswith(".-")
    assert token.matches(secret)
    assert not any(token.matches(wrong) for wrong in ("", secret[:-1], token.read_or_make(), "é"))


def test_a_rotated_token_ends_the_old_one_for_everybody(tmp_path: Path) -> None:
    manager, command_line = JoinToken(tmp_path, None), JoinToken(tmp_path, None)
    secret = manager.read_or_make().split(".")[1]
    new = command_line.rotate()
    assert not manager.matches(secret)
    assert manager.read_or_make() == new


def test_another_authority_keeps_the_secret(tmp_path: Path) -> None:
    plain = JoinToken(tmp_path, None).read_or_make()
    pinned = JoinToken(tmp_path, "cd" * 32).read_or_make()
    assert pinned == plain[:-1] + "cd" * 32


@pytest.mark.parametrize("content", [b"", b"nonsense\n", b"\xff", b"berth-join-1..-"])
def test_a_broken_token_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "join-token").write_bytes(content)
    assert len(JoinToken(tmp_path, None).read_or_make().split(".")[1]) == 64
