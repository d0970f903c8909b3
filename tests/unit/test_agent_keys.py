"""The agent's copy of the key/value store, and what the endpoint answers from it."""

import base64
from http import HTTPStatus
from pathlib import Path

import msgspec
import pytest

from berth.agent.data_directory import DataDirectory
from berth.agent.gateway.endpoint import answer_request
from berth.agent.gateway.exchange import Request, Response
from berth.agent.gateway.key_copy import FILE, KeyCopy, SavedKeys, load
from berth.agent.gateway.server import PIECE_BYTES
from berth.domain.discovery_records import Key
from berth.protocol.messages import KeyChange, KeySet


def a_key(name: str, value: bytes = b"v") -> Key:
    return Key(id=name, value=value, create_index=1, modify_index=2)


def a_copy(*names: str) -> KeyCopy:
    """Build a copy that has taken a full set of keys, numbered 7."""
    copy = KeyCopy()
    keys = tuple(a_key(name, name.encode()) for name in names)
    copy.take_set(KeySet(sequence=7, first=True, last=True, keys=keys))
    return copy


def names(copy: KeyCopy) -> list[str]:
    assert copy.keys is not None
    return [key.id for key in copy.keys.below("")]


def ask(copy: KeyCopy, target: str, *, method: str = "GET") -> Response:
    return answer_request(copy, Request(method, target))


def test_a_set_in_parts_is_in_force_with_its_last_part() -> None:
    copy = a_copy("old")
    copy.take_set(KeySet(sequence=8, first=True, last=False, keys=(a_key("b"),)))
    assert names(copy) == ["old"]
    copy.take_set(KeySet(sequence=8, first=False, last=True, keys=(a_key("a"),)))
    assert names(copy) == ["a", "b"]


def test_a_change_that_follows_is_applied() -> None:
    copy = a_copy("a", "b")
    assert copy.take_change(KeyChange(sequence=8, put=(a_key("c"),), drop=("a", "never")))
    assert copy.take_change(KeyChange(sequence=9, put=(a_key("b", b"new"),)))
    assert names(copy) == ["b", "c"]
    assert ask(copy, "/api/kv/b?raw").body == b"new"


@pytest.mark.parametrize("sequence", [7, 9])
def test_a_change_that_does_not_follow_needs_a_full_set(sequence: int) -> None:
    copy = a_copy("a")
    assert not copy.take_change(KeyChange(sequence=sequence, drop=("a",)))
    assert not copy.take_change(KeyChange(sequence=8, drop=("a",)))
    assert names(copy) == ["a"]


def test_a_new_session_needs_a_full_set_and_keeps_what_there_is() -> None:
    copy = a_copy("a")
    copy.begin_session()
    assert not copy.take_change(KeyChange(sequence=8, drop=("a",)))
    assert names(copy) == ["a"]


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    assert load(directory) is None
    (tmp_path / FILE).write_bytes(msgspec.msgpack.encode(a_copy("a", "b").content()))
    assert names(KeyCopy(load(directory))) == ["a", "b"]
    (tmp_path / FILE).write_bytes(b"damaged")
    assert load(directory) is None
    assert KeyCopy().content() is None


PAIR = b'[{"Key":"p/2","CreateIndex":1,"ModifyIndex":2,"LockIndex":0,"Flags":0,"Value":"cC8y"}]'


@pytest.mark.parametrize("family", ["/api/kv", "/v1/kv"])
@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("p/?keys=true", b'["p/1","p/2"]'),
        ("p/1?raw=true", b"p/1"),
        ("p/2", PAIR),
        ("p/2?recurse", PAIR),
        ("none/?recurse", b"[]"),
        ("none/?keys", b"[]"),
        ("p%2F1?raw", b"p/1"),
    ],
)
def test_both_families_answer_as_the_manager_does(family: str, query: str, body: bytes) -> None:
    answer = ask(a_copy("p/1", "p/2", "q"), f"{family}/{query}")
    assert (answer.status, answer.body) == (HTTPStatus.OK, body)


def test_long_lists_and_values_are_made_in_short_pieces() -> None:
    keys = [a_key("long", b"a" * 400_001)] + [a_key(f"p{n}", b"b" * 10_000) for n in range(20)]
    copy = KeyCopy(SavedKeys(tuple(keys)))
    answer = ask(copy, "/v1/kv/?recurse")
    pieces = [answer.body, *(answer.rest or ())]
    assert max(map(len, pieces)) <= PIECE_BYTES
    pairs = msgspec.json.decode(b"".join(pieces))
    assert {pair["Key"]: base64.b64decode(pair["Value"]) for pair in pairs} == {
        key.id: key.value for key in keys
    }


def test_a_missing_key_has_an_empty_list_of_pairs() -> None:
    answer = ask(a_copy("a"), "/api/kv/no")
    assert (answer.status, answer.body) == (HTTPStatus.OK, b"[]")


@pytest.mark.parametrize("target", ["/v1/kv/no", "/v1/kv/no?raw=true", "/api/kv/no?raw=true"])
def test_a_missing_bare_value_or_key_of_consul_is_404_with_an_empty_body(target: str) -> None:
    answer = ask(a_copy("a"), target)
    assert (answer.status, answer.body) == (HTTPStatus.NOT_FOUND, b"")


@pytest.mark.parametrize("query", ["", "a", "?keys", "a?recurse", "a?raw"])
def test_without_any_copy_nothing_is_answered_but_503(query: str) -> None:
    answer = ask(KeyCopy(), f"/api/kv/{query}")
    assert (answer.status, answer.body) == (HTTPStatus.SERVICE_UNAVAILABLE, b"")


def test_an_empty_store_is_an_empty_list() -> None:
    assert ask(a_copy(), "/api/kv/?keys").body == b"[]"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_writing_is_405(method: str) -> None:
    answer = ask(a_copy("a"), "/api/kv/a", method=method)
    assert (answer.status, answer.allow) == (HTTPStatus.METHOD_NOT_ALLOWED, "GET, HEAD")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/api/kv/", HTTPStatus.BAD_REQUEST),
        ("/api/kv/%ff", HTTPStatus.BAD_REQUEST),
        ("/api/kv/a?raw=maybe", HTTPStatus.BAD_REQUEST),
        ("/api/kv/" + "x" * 513, HTTPStatus.BAD_REQUEST),
        ("/api/kv", HTTPStatus.NOT_FOUND),
        ("/", HTTPStatus.NOT_FOUND),
        ("/api/v2/hosts", HTTPStatus.NOT_FOUND),
    ],
)
def test_what_cannot_be_asked_is_refused(target: str, status: HTTPStatus) -> None:
    answer = ask(a_copy("a"), target)
    assert answer.status == status
    assert b'"errors"' in answer.body
