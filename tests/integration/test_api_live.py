"""The live socket: the watch and whatever else a page follows, in numbered channels."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from berth.api.endpoints.auth import SESSION_COOKIE
from berth.api.streams.live_channel import WINDOW
from berth.domain.errors import CallFailed
from berth.domain.streams import Piece
from berth.testing.clock import settle
from integration.api_bed import Bed
from integration.browsers import cookie_of, sign_in
from integration.served import serve
from integration.test_api_containers import ID

DEADLINE_S = 15.0
LOGS = f"/api/v2/containers/{ID}/logs?follow=true"
STATS = f"/api/v2/containers/{ID}/stats?follow=true"


class Live:
    """A live socket, frame by frame."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def say(self, **frame: Any) -> None:
        """Send a frame."""
        await self.socket.send_json(frame)

    async def next(self, *, pings: bool = False) -> Any:
        """Return the next frame, or the code that the socket was closed with."""
        while True:
            message = await self.socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                return self.socket.close_code
            frame = json.loads(message.data)
            if pings or "ping" not in frame:
                return frame

    async def until(self, **members: Any) -> Any:
        """Return the next frame that has these members."""
        while True:
            frame = await self.next()
            if not isinstance(frame, dict):
                raise EOFError(f"closed with {frame}")
            if members.items() <= frame.items():
                return frame


@contextlib.asynccontextmanager
async def go_live(bed: Bed, query: str = "", **options: Any) -> AsyncIterator[Live]:
    """Open a live socket with the bearer token, beside a host with a container."""
    if not bed.store.memory.hosts:
        bed.add_container(await bed.add_host("h1"), ID)
    options = options or {"headers": {"Authorization": f"Bearer {bed.bearer}"}}
    async with serve(bed) as address, aiohttp.ClientSession() as http:
        url = f"http://{address}/api/v2/live{query}"
        async with asyncio.timeout(DEADLINE_S), http.ws_connect(url, **options) as socket:
            yield Live(socket)


async def test_channel_0_is_the_watch_and_opens_by_itself(each_bed: Bed) -> None:
    async with go_live(each_bed) as live:
        begin = await live.next()
        assert (begin["in"], begin["event"]) == (0, "begin")
        assert begin["id"] == str(begin["data"]["revision"])
        await each_bed.put("/api/kv/shop/limit", content=b"10")
        change = await live.until(**{"in": 0, "event": ""})
        assert (change["data"]["kind"], change["data"]["id"]) == ("key", "shop/limit")
        while not change["id"]:  # only the last change of a transaction has the id
            change = await live.next()
        assert int(change["id"]) > begin["data"]["revision"]


async def test_the_watch_goes_on_after_a_revision_with_the_kinds_asked_for(bed: Bed) -> None:
    revision = bed.store.memory.revision
    await bed.put("/api/kv/x", content=b"1")
    await bed.post("/api/tags/x", json={"id": "ssd"})
    async with go_live(bed, f"?kinds=tag&since={revision}") as live:
        assert (await live.next())["event"] == "begin"
        assert (await live.next())["data"]["kind"] == "tag"


async def test_a_watch_from_too_long_ago_ends_and_is_opened_again(bed: Bed) -> None:
    async with go_live(bed, "?since=999999999") as live:
        end = await live.next()
        assert (end["end"], end["code"]) == (0, "resync")
        await live.say(open=0, path="/api/v2/watch?kinds=key")
        assert (await live.next())["event"] == "begin"


async def test_output_and_measurements_come_in_channels_of_their_own(bed: Bed) -> None:
    bed.agents.say(ID, Piece("stdout", b"2026-01-01T00:00:00.5Z hello\n"))
    async with go_live(bed) as live:
        await live.say(open=3, path=LOGS)
        frame = await live.until(**{"in": 3})
        assert frame["data"]["text"] == "hello"
        bed.agents.say(ID, None)
        assert await live.until(end=3) == {
            "end": 3, "code": "ended", "message": "there is no more to come"
        }  # fmt: skip


async def test_a_stream_that_fails_says_why(bed: Bed) -> None:
    async with go_live(bed) as live:
        bed.agents.failure = CallFailed("no such container", code="not_found")
        await live.say(open=3, path=LOGS)
        end = await live.until(end=3)
        assert (end["code"], end["message"]) == ("not_found", "no such container")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"open": 3, "path": "/api/v2/containers/nothing/logs?follow=true"}, "unknown_container"),
        ({"open": 3, "path": LOGS.partition("?")[0]}, "not_a_stream"),
        ({"open": 3, "path": f"{LOGS}&tail=x"}, "invalid_value"),
        ({"open": 3, "path": "/api/pools/"}, "not_a_stream"),
        ({"open": 3, "path": "/api/v2/live"}, "not_a_stream"),
        ({"open": 3, "path": "/api/token"}, "not_a_stream"),
        ({"open": 3, "path": "https://evil.test/api/v2/watch"}, "not_a_stream"),
        ({"open": 3, "path": "/api/v2/watch?kinds=nothing"}, "invalid_query"),
        ({"open": 3, "path": "/api/v2/watch?kinds=\u00e9"}, "invalid_path"),
        ({"open": 3, "path": "/api/v2/watch?" + "x" * 9000}, "invalid_path"),
        ({"open": 3, "path": "/api/v2/watch", "last_id": "1\r\nX: y"}, "invalid_query"),
        ({"open": 3}, "not_a_stream"),
    ],
)
async def test_a_channel_that_cannot_open_ends_with_the_reason(
    bed: Bed, frame: dict[str, Any], code: str
) -> None:
    async with go_live(bed) as live:
        await live.say(**frame)
        assert (await live.until(end=3))["code"] == code
        await live.say(open=3, path="/api/v2/watch")
        assert (await live.until(**{"in": 3}))["event"] == "begin"


async def test_channel_0_carries_nothing_but_the_watch(bed: Bed) -> None:
    async with go_live(bed) as live:
        await live.say(close=0)
        assert (await live.until(end=0))["code"] == "closed"
        await live.say(open=0, path=LOGS)
        assert (await live.until(end=0))["code"] == "invalid_path"


async def test_a_flood_waits_until_the_reader_has_taken_some(bed: Bed) -> None:
    line = b"2026-01-01T00:00:00.5Z " + b"x" * 4000 + b"\n"
    async with go_live(bed) as live:
        await live.say(open=3, path=LOGS)
        bed.agents.say(ID, *[Piece("stdout", line)] * 100)
        await bed.put("/api/kv/x", content=b"1")
        seen = 0
        while seen < WINDOW:
            seen += len(json.dumps(await live.until(**{"in": 3}), separators=(",", ":")))
        await settle()
        waiting = bed.agents.pieces[ID].qsize()
        assert waiting > 100 - WINDOW // 4000 - 5
        await bed.put("/api/kv/y", content=b"1")
        assert (await live.next())["in"] == 0  # nothing of channel 3 comes, the watch goes on
        await live.say(more=3, bytes=2**40)
        assert (await live.until(**{"in": 3}))["data"]["text"] == "x" * 4000
        await settle()
        assert bed.agents.pieces[ID].qsize() > waiting - WINDOW // 4000 - 5


async def test_a_closed_channel_lets_the_host_go_and_its_number_is_free(bed: Bed) -> None:
    async with go_live(bed) as live:
        await live.say(open=3, path=STATS)
        async with asyncio.timeout(DEADLINE_S):
            while not bed.agents.open:
                await settle()
        await live.say(close=3)
        assert (await live.until(end=3))["code"] == "closed"
        assert bed.agents.open == 0
        await live.say(close=3)
        await live.say(more=3, bytes=1)
        await live.say(open=3, path="/api/v2/watch")
        assert (await live.until(**{"in": 3}))["event"] == "begin"


async def test_a_socket_has_a_bounded_number_of_channels(bed: Bed) -> None:
    async with go_live(bed) as live:
        for number in range(1, 33):
            await live.say(open=number, path="/api/v2/watch?kinds=tag")
        assert (await live.until(end=32))["code"] == "too_many_channels"


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", "{}", '{"open": "3"}', '{"open": -1}', '{"open": 3, "close": 4}',
        '{"open": 99999999999}', '{"open": 0}', "[" * 15_000, '"' + "x" * 20_000 + '"',
    ],
)  # fmt: skip
async def test_a_frame_that_is_not_understood_closes_the_socket(bed: Bed, text: str) -> None:
    async with go_live(bed) as live:
        await live.next()
        await live.socket.send_str(text)
        assert (await live.next())["errors"][0]["code"] in ("invalid_frame", "channel_in_use")
        assert await live.next() in (4400, 4409)


async def test_the_manager_says_every_15_seconds_that_it_is_there(bed: Bed) -> None:
    async with go_live(bed, "?kinds=tag") as live:
        pings = [frame for _ in range(2) if "ping" in (frame := await live.next(pings=True))]
        assert pings == [{"ping": bed.clock.now()}]
        await bed.clock.advance(15.0)
        assert await live.next(pings=True) == {"ping": bed.clock.now()}


async def test_the_console_goes_live_with_its_cookie(bed: Bed) -> None:
    async with sign_in(bed) as browser, serve(bed) as address, aiohttp.ClientSession() as http:
        headers = {
            "Cookie": f"{SESSION_COOKIE}={cookie_of(browser)}",
            "Origin": f"http://{address}",
        }
        options: Any = {"headers": headers, "protocols": ["berth.live"]}
        async with http.ws_connect(f"http://{address}/api/v2/live", **options) as socket:
            assert socket.protocol == "berth.live"
            assert (await Live(socket).next())["event"] == "begin"


@pytest.mark.parametrize("origin", ["https://evil.test", "http://127.0.0.1:1", "null"])
async def test_the_cookie_opens_no_socket_from_another_origin(bed: Bed, origin: str) -> None:
    async with sign_in(bed) as browser:
        headers = {"Cookie": f"{SESSION_COOKIE}={cookie_of(browser)}", "Origin": origin}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with go_live(bed, headers=headers):
            pass
    assert refused.value.status == 403


async def test_a_subprotocol_may_bring_the_bearer_token(bed: Bed) -> None:
    protocols = ("berth.live", f"berth.bearer.{bed.bearer}")
    async with go_live(bed, protocols=protocols) as live:
        assert live.socket.protocol == "berth.live"
        assert (await live.next())["event"] == "begin"


async def test_nobody_goes_live_without_a_credential(bed: Bed) -> None:
    for options in ({"headers": {"X": "y"}}, {"protocols": ("berth.bearer.nothing",)}):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with go_live(bed, **options):
                pass
        assert refused.value.status == 401


async def test_a_socket_ends_with_the_session_that_opened_it(fresh_bed: Bed) -> None:
    async with sign_in(fresh_bed) as browser, serve(fresh_bed) as address:
        headers = {
            "Cookie": f"{SESSION_COOKIE}={cookie_of(browser)}",
            "Origin": f"http://{address}",
        }
        url = f"http://{address}/api/v2/live"
        async with aiohttp.ClientSession() as http, http.ws_connect(url, headers=headers) as socket:
            live = Live(socket)
            await live.next()
            assert (await browser.delete("/api/v2/session")).status_code == 200
            while isinstance(frame := await live.next(), dict) and "errors" not in frame:
                pass
            assert frame["errors"][0]["code"] == "session_ended"
            assert await live.next() == 4401


async def test_a_socket_ends_when_its_bearer_token_is_replaced(bed: Bed) -> None:
    async with go_live(bed) as live:
        await live.next()
        await bed.post("/api/token/new")
        while "errors" not in (frame := await live.next()):
            pass
        assert frame["errors"][0]["code"] == "session_ended"
        assert await live.next() == 4401


async def test_an_open_page_keeps_its_session(bed: Bed) -> None:
    async with sign_in(bed) as browser, serve(bed) as address, aiohttp.ClientSession() as http:
        headers = {
            "Cookie": f"{SESSION_COOKIE}={cookie_of(browser)}",
            "Origin": f"http://{address}",
        }
        async with http.ws_connect(f"http://{address}/api/v2/live", headers=headers) as socket:
            live = Live(socket)
            for _ in range(130):
                await bed.clock.advance(15.0)
                while "ping" not in await live.next(pings=True):
                    pass
        assert (await browser.get("/api/pools/")).status_code == 200


async def test_the_end_of_the_manager_closes_the_socket(bed: Bed) -> None:
    async with go_live(bed) as live:
        await live.next()
        bed.services.stopping.set()
        while isinstance(code := await live.next(), dict):
            pass
        assert code == 1001


async def test_a_reader_that_goes_leaves_nothing_behind(bed: Bed) -> None:
    async with go_live(bed) as live:
        await live.say(open=3, path=STATS)
        await live.say(open=4, path=LOGS)
        async with asyncio.timeout(DEADLINE_S):
            while bed.agents.open < 2:
                await settle()
    assert bed.agents.open == 0


async def test_a_plain_request_is_told_to_connect_with_a_websocket(bed: Bed) -> None:
    assert await bed.refused("GET", "/api/v2/live") == (426, "websocket_needed", "")
