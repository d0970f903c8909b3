"""What goes on for long ends with the credential that opened it."""

import asyncio

import aiohttp
import pytest

from berth.api.endpoints.auth import SESSION_COOKIE
from integration.api_bed import Bed
from integration.browsers import cookie_of, sign_in
from integration.served import serve
from integration.streaming import open_events
from integration.test_api_containers import ID
from integration.test_api_exec import dial, header

ENDED = {"message": "the session or the token has ended", "code": "session_ended"}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/watch",
        f"/api/v2/containers/{ID}/logs?follow",
        f"/api/v2/containers/{ID}/stats?follow",
        "/api/v2/deployments/myapp/logs?follow",
    ],
)
async def test_a_stream_ends_when_its_bearer_token_is_renewed(bed: Bed, path: str) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    await bed.deploy()
    async with serve(bed) as address, open_events(address, path, bearer=bed.bearer) as events:
        await bed.post("/api/token/new")
        name, message = await events.next()
        while name != "error":
            name, message = await events.next()
        assert message == ENDED
        with pytest.raises(EOFError):
            await events.next()


async def test_a_program_ends_when_its_bearer_token_is_renewed(bed: Bed) -> None:
    async with dial(bed, "?command=sh", headers=header(bed)) as socket:
        await socket.send_bytes(b"\0ls\n")
        await bed.agents.sent.get()
        await bed.post("/api/token/new")
        assert (await socket.receive_json())["errors"][0]["code"] == "session_ended"
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 4401
    assert bed.agents.open == 0


async def test_a_program_whose_token_came_in_a_message_ends_with_it(bed: Bed) -> None:
    async with dial(bed, "") as socket:
        await socket.send_json({"token": bed.bearer, "command": ["cat"]})
        await socket.send_bytes(b"\0x")
        await bed.agents.sent.get()
        await bed.post("/api/token/new")
        assert (await socket.receive_json())["errors"][0]["code"] == "session_ended"


async def test_a_stream_ends_when_its_browser_signs_out(fresh_bed: Bed) -> None:
    async with sign_in(fresh_bed) as browser, serve(fresh_bed) as address:
        cookie = {"Cookie": f"{SESSION_COOKIE}={cookie_of(browser)}"}
        url = f"http://{address}/api/v2/watch"
        async with aiohttp.ClientSession() as http, http.get(url, headers=cookie) as answer:
            await answer.content.readline()
            assert (await browser.delete("/api/v2/session")).status_code == 200
            async with asyncio.timeout(10):
                assert b"session_ended" in await answer.content.read()
