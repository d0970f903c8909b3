"""The trace of what users do: who, from where, in which request, and never a secret."""

from typing import Any

import pytest

from berth.domain.audit import AUDIT_KEYS
from berth.domain.records import Event
from berth.domain.states import Severity
from berth.reconcilers import retention
from integration.api_bed import ONE, PASSWORD, USER, Bed
from integration.browsers import sign_in
from integration.test_api_exec import dial, header

ID = {"X-Request-Id": "request-7"}
REGISTRY = {"url": "registry.example.com", "username": "u", "password": "hidden-1"}
SERVICE = {"service_id": "web", "service_name": "web", "content": ONE}


def trail(bed: Bed) -> list[Event]:
    return [event for event in bed.store.memory.events.values() if event.key in AUDIT_KEYS]


def keys(bed: Bed) -> list[str]:
    return [event.key for event in trail(bed)]


CALLS = [
    ("PUT /api/kv/a/b", b"hidden-2", "key_written", "wrote the key 'a/b'"),
    ("PUT /v1/kv/a", b"hidden-2", "key_written", "wrote the key 'a'"),
    ("DELETE /api/kv/there", None, "key_deleted", "deleted the key 'there'"),
    ("POST /api/v2/registries/", REGISTRY, "registry_made", "made a registry"),
    ("POST /api/v2/services/", SERVICE, "definition_made", "stored a service"),
    ("POST /api/v2/tokens/", {"name": "c{i}"}, "token_made", "made the token 'c{i}'"),
    ("POST /api/token/new", None, "token_renewed", "renewed the bearer token"),
    ("POST /api/v2/hosts/join_token/rotate", None, "join_token_rotated", "made a new join token"),
    ("GET /api/v2/export", None, "export_made", "exported the configuration"),
]


@pytest.mark.parametrize(("call", "body", "key", "text"), CALLS, ids=[each[0] for each in CALLS])
async def test_a_change_is_told_with_user_address_and_request(
    bed: Bed, call: str, body: Any, key: str, text: str
) -> None:
    await bed.put("/api/kv/there", content=b"x")
    await bed.clock.advance(61)
    before = len(trail(bed))
    method, _, path = call.partition(" ")
    sent = {"content": body} if isinstance(body, bytes) else {"json": body}
    answer = await bed.http.request(method, path, headers=ID, **sent)
    assert answer.status_code == 200, answer.text
    (event,) = trail(bed)[before:]
    assert (event.key, event.summary) == (key, f"admin {text}")
    assert event.details["caller"] == "admin"
    assert event.details["request_id"] == "request-7"
    assert event.details["address"] == "127.0.0.1"
    assert event.details["credential"] == "bearer token"
    assert "hidden" not in repr(event)


async def test_a_change_that_is_refused_or_changes_nothing_leaves_no_trace(bed: Bed) -> None:
    await bed.refused("DELETE", "/api/v2/registries/none")
    await bed.refused("PUT", "/api/v2/services/none", json=SERVICE)
    await bed.delete("/api/kv/none")
    assert trail(bed) == []


async def test_a_login_is_told_and_so_is_a_browsers(fresh_bed: Bed) -> None:
    await fresh_bed.open_session()
    async with sign_in(fresh_bed) as browser:
        assert (await browser.delete("/api/v2/session")).status_code == 200
    told = [(event.key, event.summary) for event in trail(fresh_bed)]
    assert told == [
        ("login", "admin logged in"),
        ("login", "admin signed in with a browser"),
        ("session_ended", "admin signed out"),
    ]


async def test_refused_logins_are_told_once_a_minute_and_counted(bed: Bed) -> None:
    wrong = {"username": USER, "password": "hidden-3"}
    for _ in range(3):
        await bed.refused("POST", "/api/auth", json=wrong)
    await bed.clock.advance(61)
    await bed.refused("POST", "/api/auth", json=wrong)
    told = [(event.severity, event.summary) for event in trail(bed)]
    assert told == [
        (Severity.WARNING, "a login as admin from 127.0.0.1 was refused"),
        (Severity.WARNING, "a login as admin from 127.0.0.1 was refused (3 times)"),
    ]


async def test_a_name_that_nobody_has_is_not_told(bed: Bed) -> None:
    await bed.refused("POST", "/api/auth", json={"username": PASSWORD, "password": "x"})
    (event,) = trail(bed)
    assert event.summary == "a login as an unknown name from 127.0.0.1 was refused"
    assert PASSWORD not in repr(event)


async def test_a_change_of_the_password_is_told_and_so_is_a_refused_one(bed: Bed) -> None:
    body = {"password": "hidden enough", "old_password": "wrong"}
    await bed.refused("PUT", "/api/users/admin", json=body)
    await bed.put("/api/users/admin", json=body | {"old_password": PASSWORD})
    assert keys(bed) == ["login_refused", "password_changed"]
    assert "hidden" not in repr(trail(bed))


async def test_a_program_in_a_container_is_told_without_its_arguments(bed: Bed) -> None:
    async with dial(bed, "?command=hidden-4", headers=header(bed)) as socket:
        await socket.send_bytes(b"\0x")
        await bed.agents.sent.get()
    (event,) = trail(bed)
    assert (event.key, event.summary) == (
        "exec_started",
        f"admin runs a program in the container {bed.agents.opened[0].container_id[:12]}",
    )
    assert "hidden" not in repr(event)


async def test_a_key_that_is_written_over_and_over_is_told_once_a_minute(bed: Bed) -> None:
    for _ in range(3):
        await bed.put("/api/kv/a", content=b"x")
        await bed.put("/api/kv/b", content=b"x")
    assert len(trail(bed)) == 2
    await bed.clock.advance(61)
    await bed.put("/api/kv/a", content=b"y")
    assert len(trail(bed)) == 3


async def test_what_users_do_and_what_happens_do_not_push_each_other_out(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "KEEP_EVENTS", 2)
    await bed.add_host("h1")
    for verb in ("pause", "activate", "pause"):
        await bed.post(f"/api/v2/hosts/h1/{verb}")
    for name in ("a", "b", "c"):
        await bed.put(f"/api/kv/{name}", content=b"x")
    await retention.Retention(bed.store).drop_old()
    assert len(trail(bed)) == 2
    assert len(bed.store.memory.events) == 4


def test_every_deed_of_a_route_counts_as_one_of_a_user(bed: Bed) -> None:
    deeds = [route.deed for route in bed.app.routes if getattr(route, "deed", None)]
    assert len(deeds) >= 15
    assert {deed.key for deed in deeds} <= AUDIT_KEYS
