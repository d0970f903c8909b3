"""Programs in containers over a WebSocket."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from berth.api.endpoints.auth import SESSION_COOKIE
from berth.domain.errors import CallFailed
from berth.domain.streams import Exec, Piece
from berth.testing.clock import settle
from integration.api_bed import Bed
from integration.browsers import cookie_of, sign_in
from integration.served import serve
from integration.test_api_containers import ID

Socket = aiohttp.ClientWebSocketResponse
DEADLINE_S = 10.0


@asynccontextmanager
async def dial(bed: Bed, query: str, **options: Any) -> AsyncIterator[Socket]:
    """Open a socket to the program's path."""
    if not bed.store.memory.hosts:
        bed.add_container(await bed.add_host("h1"), ID)
    async with serve(bed) as address, aiohttp.ClientSession() as http:
        url = f"http://{address}/api/v2/containers/{ID[:12]}/exec{query}"
        async with asyncio.timeout(DEADLINE_S), http.ws_connect(url, **options) as socket:
            yield socket


def header(bed: Bed) -> dict[str, str]:
    """Return the header with the token."""
    return {"Authorization": f"Bearer {bed.bearer}"}


async def test_a_program_runs_both_ways_and_tells_its_exit_code(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    query = "?command=sh&command=-c&command=x&tty&user=app&workdir=/srv&env=A=b=c"
    async with dial(fresh_bed, query, headers=header(fresh_bed)) as socket:
        await socket.send_bytes(b"\0ls\n")
        await socket.send_json({"resize": {"rows": 24, "cols": 80}})
        await socket.send_json({"eof": True})
        sent = [await fresh_bed.agents.sent.get() for _ in range(3)]
        assert sent == [Piece("stdin", b"ls\n"), Piece("resize", b"24 80"), Piece("eof")]
        fresh_bed.agents.say(ID, Piece("stdout", b"out"), Piece("stderr", b"err"))
        fresh_bed.agents.say(ID, Piece("exit", b"3"), None)
        assert [await socket.receive_bytes() for _ in range(2)] == [b"\1out", b"\2err"]
        assert await socket.receive_json() == {"exit_code": 3}
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 1000
    assert fresh_bed.agents.opened == [
        Exec(
            container_id=ID, command=("sh", "-c", "x"), tty=True, user="app", workdir="/srv",
            env=("A=b=c",),
        )
    ]  # type: ignore[arg-type]  # fmt: skip


async def test_the_first_message_may_bring_token_and_command(bed: Bed) -> None:
    async with dial(bed, "") as socket:
        await socket.send_json({"token": bed.bearer, "command": ["cat"], "env": ["A=1"]})
        bed.agents.say(ID, None)
        assert await socket.receive_json() == {"exit_code": None}
    assert bed.agents.opened[0] == Exec(container_id=ID, command=("cat",), env=("A=1",))  # type: ignore[arg-type]


async def test_a_subprotocol_may_bring_the_token(bed: Bed) -> None:
    protocols = ("berth.exec", f"berth.bearer.{bed.bearer}")
    async with dial(bed, "?command=cat", protocols=protocols) as socket:
        assert socket.protocol == "berth.exec"
        bed.agents.say(ID, None)
        assert await socket.receive_json() == {"exit_code": None}


@pytest.mark.parametrize("origin", ["https://evil.test", "http://127.0.0.1:1", "null", ""])
async def test_the_cookie_opens_no_program_from_another_origin(bed: Bed, origin: str) -> None:
    async with sign_in(bed) as browser:
        headers = {"Cookie": f"{SESSION_COOKIE}={cookie_of(browser)}", "Origin": origin}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with dial(bed, "?command=cat", headers=headers):
            pass
    assert refused.value.status == 403
    assert bed.agents.opened == []


async def test_the_console_opens_a_program_with_its_cookie(bed: Bed) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    async with sign_in(bed) as browser, serve(bed) as address, aiohttp.ClientSession() as http:
        headers = {
            "Cookie": f"{SESSION_COOKIE}={cookie_of(browser)}",
            "Origin": f"http://{address}",
        }
        url = f"http://{address}/api/v2/containers/{ID}/exec?command=cat"
        async with http.ws_connect(url, headers=headers) as socket:
            bed.agents.say(ID, None)
            assert await socket.receive_json() == {"exit_code": None}


async def test_large_input_travels_in_pieces(bed: Bed) -> None:
    async with dial(bed, "?command=cat", headers=header(bed)) as socket:
        await socket.send_bytes(b"\0" + b"x" * 100_000)
        sizes = [len((await bed.agents.sent.get()).data) for _ in range(4)]
        assert sum(sizes) == 100_000


@pytest.mark.parametrize(
    ("query", "sent", "status"),
    [
        ("", {"token": "x", "command": ["cat"]}, 401),
        ("?command=cat", {"command": ["cat"]}, 401),
        ("", {"token": "TOKEN"}, 422),
        ("", {"token": "TOKEN", "command": [""]}, 422),
        ("", {"token": "TOKEN", "command": ["a\0"]}, 422),
        ("", {"token": "TOKEN", "command": ["a"] * 1_001}, 422),
        ("", {"token": "TOKEN", "command": ["a"], "env": ["x"]}, 422),
        ("", {"token": "TOKEN", "command": "cat"}, 400),
        ("", [], 400),
    ],
)
async def test_what_cannot_begin_is_refused_with_its_reason(
    bed: Bed, query: str, sent: Any, status: int
) -> None:
    async with dial(bed, query) as socket:
        await socket.send_str(json.dumps(sent).replace("TOKEN", bed.bearer))
        assert (await socket.receive_json())["errors"][0]["message"]
        await socket.receive()
        assert socket.close_code == 4000 + status
    assert bed.agents.opened == []


async def test_a_command_that_is_too_long_is_refused(bed: Bed) -> None:
    async with dial(bed, "", headers=header(bed)) as socket:
        await socket.send_json({"command": ["a" * 1024 * 1025]})
        assert (await socket.receive_json())["errors"][0]["code"] == "too_long"
        await socket.receive()
        assert socket.close_code == 4422


async def test_a_first_message_that_brings_the_token_is_small(bed: Bed) -> None:
    async with dial(bed, "") as socket:
        await socket.send_json({"token": bed.bearer, "command": ["a" * 64 * 1024]})
        await socket.receive()
        assert socket.close_code == 1009
    assert bed.agents.opened == []


async def test_after_the_token_came_in_a_message_larger_ones_are_taken(bed: Bed) -> None:
    async with dial(bed, "") as socket:
        await socket.send_json({"token": bed.bearer, "command": ["cat"]})
        await socket.send_bytes(b"\0" + b"x" * 50_000)
        assert len((await bed.agents.sent.get()).data) == 32 * 1024
        await socket.send_bytes(b"\0" + b"x" * 5_000_000)
        sizes = [len((await bed.agents.sent.get()).data) for _ in range(154)]
        assert sum(sizes) == 17_232 + 5_000_000


@pytest.mark.parametrize(
    "frame", [b"\1x", "{", '{"resize": {"rows": 0, "cols": 1}}', "[1]", '{"resize": {"rows": 1}}']
)
async def test_a_frame_that_means_nothing_ends_the_program(bed: Bed, frame: Any) -> None:
    async with dial(bed, "?command=cat", headers=header(bed)) as socket:
        await (socket.send_bytes if isinstance(frame, bytes) else socket.send_str)(frame)
        assert (await socket.receive_json())["errors"][0]["code"] == "invalid_frame"
        await socket.receive()
        assert socket.close_code == 4400
    assert bed.agents.open == 0


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"headers": {"Authorization": "Bearer x"}}, 401),
        ({"protocols": ("berth.bearer.x",)}, 401),
    ],
)
async def test_a_wrong_token_is_refused_before_the_socket_opens(
    bed: Bed, options: Any, status: int
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with dial(bed, "?command=cat", **options):
            pass
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v2/nothing", 404, "unknown_path"),
        ("/api/v2/watch", 404, "unknown_path"),
        (f"/api/v2/containers/{ID}/exec", 401, "unknown_token"),
        ("/api/v2/hosts/session", 401, "unknown_host_credential"),
    ],
)
async def test_a_socket_that_does_not_open_is_answered_as_every_request(
    bed: Bed, path: str, status: int, code: str
) -> None:
    headers = {"Authorization": "Bearer x", "X-Request-Id": "mine", "Upgrade": "websocket"}
    headers |= {"Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    headers |= {"Sec-WebSocket-Key": base64.b64encode(b"x" * 16).decode()}
    async with serve(bed) as address, aiohttp.ClientSession() as http:
        answer = await http.get(f"http://{address}{path}", headers=headers)
        assert (answer.status, answer.headers["X-Request-Id"]) == (status, "mine")
        assert (await answer.json())["errors"][0]["code"] == code


async def test_an_opened_socket_bears_the_id_of_its_request(bed: Bed) -> None:
    async with dial(bed, "?command=cat", headers=header(bed) | {"X-Request-Id": "mine"}) as socket:
        assert socket._response.headers["X-Request-Id"] == "mine"


async def test_a_plain_request_is_told_to_connect_with_a_socket(bed: Bed) -> None:
    answer = await bed.http.get(f"/api/v2/containers/{ID}/exec?command=cat")
    assert (answer.status_code, answer.headers["Upgrade"]) == (426, "websocket")
    assert "connect with a WebSocket" in answer.json()["errors"][0]["message"]


async def test_unknown_containers_and_hosts_that_are_away_are_refused(bed: Bed) -> None:
    await bed.add_host("h1")
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with dial(bed, "?command=cat", headers=header(bed)):
            pass
    assert caught.value.status == 404
    bed.add_container(next(iter(bed.store.memory.hosts.values())), ID)
    bed.store.memory.observed.hosts.clear()
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with dial(bed, "?command=cat", headers=header(bed)):
            pass
    assert caught.value.status == 409


async def test_a_refusal_of_the_host_is_told(bed: Bed) -> None:
    bed.agents.failure = CallFailed("the engine said no", code="conflict")
    async with dial(bed, "?command=cat", headers=header(bed)) as socket:
        assert (await socket.receive_json())["errors"][0]["code"] == "conflict"
        await socket.receive()
        assert socket.close_code == 4409


async def test_a_caller_who_hangs_up_ends_the_program(bed: Bed) -> None:
    async with dial(bed, "?command=cat", headers=header(bed)) as socket:
        await socket.send_bytes(b"\0x")
        await bed.agents.sent.get()
        await socket.close()
        while bed.agents.open:
            await settle()


async def test_programs_end_with_the_manager(bed: Bed) -> None:
    async with dial(bed, "?command=cat", headers=header(bed)) as socket:
        await socket.send_bytes(b"\0x")
        await bed.agents.sent.get()
        bed.services.stopping.set()
        await socket.receive()
        assert socket.close_code == 1001


async def test_a_silent_program_is_ended(bed: Bed) -> None:
    async with dial(bed, "?command=cat", headers=header(bed)) as socket:
        await socket.send_bytes(b"\0x")
        await bed.agents.sent.get()
        await bed.clock.advance(3601)
        assert (await socket.receive_json())["errors"][0]["code"] == "idle"
