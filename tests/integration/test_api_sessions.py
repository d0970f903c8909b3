"""Sessions of browsers: signing in and out, what a cookie is good for, and from where."""

from typing import Any

import httpx
import pytest

from berth.api.endpoints.auth import SESSION_COOKIE
from berth.control.accounts.sessions import Visitor, open_session
from berth.store.draft import Draft
from integration.api_bed import PASSWORD, USER, Bed
from integration.browsers import LOGIN, ORIGIN, PATH, cookie_of, open_browser, sign_in

POOLS = "/api/pools/"
POOL = {"name": "blue"}


async def code_of(browser: httpx.AsyncClient, call: str, **options: Any) -> Any:
    """Send a request such as ``GET /path``; return status and the code of its first error."""
    method, path = call.split()
    answer = await browser.request(method, path, **options)
    errors = answer.json().get("errors") if answer.status_code >= 400 else None
    return answer.status_code, errors[0]["code"] if errors else ""


def without(browser: httpx.AsyncClient, *names: str) -> httpx.AsyncClient:
    for name in names:
        del browser.headers[name]
    return browser


async def test_a_browser_signs_in_reads_writes_and_signs_out(fresh_bed: Bed) -> None:
    async with sign_in(fresh_bed) as browser:
        assert len((await browser.get(POOLS)).json()) == 3
        assert (await browser.post(POOLS, json=POOL)).status_code == 200
        kept = cookie_of(browser)
        session_id = (await browser.get(PATH)).json()["session"]["session_id"]
        assert (await browser.delete(PATH)).json() == {"deleted": session_id}
        assert SESSION_COOKIE not in browser.cookies
        browser.cookies.set(SESSION_COOKIE, kept)
        assert await code_of(browser, f"GET {POOLS}") == (401, "session_ended")


async def test_scripts_and_other_sites_never_get_the_cookie(fresh_bed: Bed) -> None:
    async with open_browser(fresh_bed) as browser:
        answer = await browser.post(PATH, json=LOGIN)
        name, *attributes = answer.headers["Set-Cookie"].split("; ")
        assert name.startswith("__Host-berth-session=")
        assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} == set(attributes)
        assert cookie_of(browser) not in answer.text


async def test_signing_in_answers_the_user_and_the_session(fresh_bed: Bed) -> None:
    async with open_browser(fresh_bed, name="F" * 1000) as browser:
        answer = (await browser.post(PATH, json=LOGIN)).json()
    assert answer["user"]["username"] == "admin"
    assert "token" not in answer["user"]
    session = answer["session"]
    assert (session["address"], session["kind"]) == ("192.0.2.7", "browser")
    assert session["user_agent"] == "F" * 200
    assert session["current"] is True


async def test_a_wrong_password_sets_no_cookie_and_guessing_is_slowed_down(fresh_bed: Bed) -> None:
    async with open_browser(fresh_bed) as browser:
        guess = LOGIN | {"password": "guess"}
        codes = [(await browser.post(PATH, json=guess)).status_code for _ in range(6)]
        assert codes == [401] * 5 + [429]
        assert not browser.cookies


#: What browsers say of a page that is not the console's.
HOSTILE = (
    {"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://berth.test:9999", "Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.test"},
    {"Origin": "https://berth.test:9999"},
    {"Origin": "http://berth.test"},
    {"Origin": "https://berth.test.evil.test"},
    {"Origin": "https://[bad"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "none"},
    {},
)


@pytest.mark.parametrize("headers", HOSTILE)
async def test_a_page_of_another_origin_changes_nothing(bed: Bed, headers: dict[str, str]) -> None:
    async with sign_in(bed) as browser:
        without(browser, "Origin", "Sec-Fetch-Site")
        for method, path in (("POST", POOLS), ("PUT", "/api/kv/x"), ("DELETE", PATH)):
            refused = await code_of(browser, f"{method} {path}", json=POOL, headers=headers)
            assert refused == (403, "other_origin")
        assert "x" not in bed.store.memory.keys
        assert len(bed.store.memory.pools) == 3


@pytest.mark.parametrize("path", ["/api/token", "/api/kv/x", POOLS])
@pytest.mark.parametrize("headers", HOSTILE[:4])
async def test_a_page_of_another_origin_reads_nothing(
    bed: Bed, headers: dict[str, str], path: str
) -> None:
    async with sign_in(bed) as browser:
        without(browser, "Origin", "Sec-Fetch-Site")
        assert await code_of(browser, f"GET {path}", headers=headers) == (403, "other_origin")


@pytest.mark.parametrize("headers", HOSTILE)
async def test_a_page_of_another_origin_signs_nobody_in(bed: Bed, headers: dict[str, str]) -> None:
    async with open_browser(bed) as browser:
        without(browser, "Origin", "Sec-Fetch-Site")
        refused = await code_of(browser, f"POST {PATH}", json=LOGIN, headers=headers)
        assert refused == (403, "other_origin")
        assert not browser.cookies


async def test_a_write_without_the_header_of_the_console_is_refused(bed: Bed) -> None:
    async with sign_in(bed) as browser:
        without(browser, "X-Berth-Console")
        refused = (403, "console_header_missing")
        for method, path in (
            ("POST", POOLS), ("PUT", "/api/kv/x"), ("DELETE", PATH), ("POST", "/api/token/new"),
        ):  # fmt: skip
            assert await code_of(browser, f"{method} {path}", json=POOL) == refused
        assert (await browser.get(POOLS)).status_code == 200


async def test_a_download_by_link_and_a_typed_address_are_reads_of_the_own_page(bed: Bed) -> None:
    async with sign_in(bed) as browser:
        without(browser, "X-Berth-Console", "Origin")
        for site in ("same-origin", "none"):
            answer = await browser.get("/api/v2/export", headers={"Sec-Fetch-Site": site})
            assert answer.status_code == 200


async def test_a_browser_that_says_only_its_origin_is_believed_on_this_port(bed: Bed) -> None:
    async with sign_in(bed) as browser:
        without(browser, "Sec-Fetch-Site", "Origin")
        for origin in (ORIGIN, f"{ORIGIN}:443"):
            answer = await browser.put("/api/kv/x", content=b"1", headers={"Origin": origin})
            assert answer.status_code == 200


async def test_a_cookie_is_no_bearer_token_and_a_bearer_token_no_cookie(bed: Bed) -> None:
    async with sign_in(bed) as browser:
        for scheme in ("Bearer", "Session"):
            headers = {"Authorization": f"{scheme} {cookie_of(browser)}"}
            refused = await code_of(browser, "GET /api/token", headers=headers)
            assert refused == (401, "unknown_token")
        for text in (bed.bearer, await bed.open_session(), "", "x" * 64):
            browser.cookies.set(SESSION_COOKIE, text)
            assert await code_of(browser, f"GET {POOLS}") == (401, "session_ended")


async def test_a_bearer_token_needs_no_header_of_the_console_from_anywhere(bed: Bed) -> None:
    headers = {"Origin": "https://ci.test", "Sec-Fetch-Site": "cross-site"}
    async with sign_in(bed) as browser:
        without(browser, "X-Berth-Console")
        headers |= {"Authorization": f"Bearer {bed.bearer}"}
        assert (await browser.post(POOLS, json=POOL, headers=headers)).status_code == 200


async def test_a_session_shows_and_replaces_the_bearer_token(bed: Bed) -> None:
    async with sign_in(bed) as browser:
        assert (await browser.get("/api/token")).json() == {"token": bed.bearer}
        new = (await browser.post("/api/token/new")).json()
        assert new["token"] != bed.bearer
        assert (await browser.get("/api/token")).json() == new


async def test_a_session_ends_half_an_hour_after_its_last_call(fresh_bed: Bed) -> None:
    async with sign_in(fresh_bed) as browser:
        for _ in range(3):
            await fresh_bed.clock.advance(1799)
            assert (await browser.get(POOLS)).status_code == 200
        await fresh_bed.clock.advance(1800)
        assert await code_of(browser, f"GET {POOLS}") == (401, "session_ended")


async def test_a_use_is_written_so_that_a_restart_of_the_manager_keeps_it(fresh_bed: Bed) -> None:
    uses = fresh_bed.app.state.session_uses
    async with sign_in(fresh_bed) as browser:
        await fresh_bed.clock.advance(1000)
        await browser.get(POOLS)
        before = fresh_bed.store.transactions
        await uses.write()
        await uses.write()
        assert fresh_bed.store.transactions == before + 1
        token = next(t for t in fresh_bed.store.memory.tokens.values() if t.address)
        now = fresh_bed.clock.now()
        assert (token.last_used_at, token.expires_at) == (now, now + 1800)


async def test_a_session_ends_after_thirty_days_of_use(bed: Bed) -> None:
    week = 604_800.0
    await bed.put("/api/v2/settings", json={"session_lifetime_s": week})
    async with sign_in(bed) as browser:
        for _ in range(4):
            await bed.clock.advance(week - 1)
            assert (await browser.get(POOLS)).status_code == 200
        await bed.clock.advance(2 * 86_400 + 4)
        assert await code_of(browser, f"GET {POOLS}") == (401, "session_ended")


async def test_a_change_of_the_password_ends_all_other_sessions(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    change = {"old_password": PASSWORD, "password": "another password"}
    async with sign_in(fresh_bed) as here, sign_in(fresh_bed) as there:
        assert (await here.put("/api/users/admin", json=change)).status_code == 200
        assert (await here.get(POOLS)).status_code == 200
        assert await code_of(there, f"GET {POOLS}") == (401, "session_ended")
        assert len((await here.get("/api/v2/sessions/")).json()["sessions"]) == 1


async def test_sessions_are_listed_without_anything_to_sign_in_with(fresh_bed: Bed) -> None:
    async with sign_in(fresh_bed, name="Firefox") as one:
        await fresh_bed.clock.advance(60)
        async with sign_in(fresh_bed, name="Chrome") as two:
            answer = await one.get("/api/v2/sessions/")
            sessions = answer.json()["sessions"]
            shown = [(each["user_agent"], each["current"]) for each in sessions]
            assert shown == [("Chrome", False), ("Firefox", True)]
            assert sessions[1]["last_used_on"] > sessions[1]["created_on"]
            assert cookie_of(one) not in answer.text + repr(fresh_bed.store.memory.tokens)
            assert cookie_of(two) not in answer.text


async def test_a_session_left_behind_is_ended_from_another(fresh_bed: Bed) -> None:
    async with sign_in(fresh_bed) as here, sign_in(fresh_bed) as there:
        left = (await there.get(PATH)).json()["session"]["session_id"]
        path = f"/api/v2/sessions/{left}"
        assert (await here.delete(path)).json() == {"deleted": left}
        assert await code_of(here, f"DELETE {path}") == (404, "unknown_session")
        assert await code_of(there, f"GET {POOLS}") == (401, "session_ended")


async def test_all_other_sessions_are_ended_at_once(fresh_bed: Bed) -> None:
    async with sign_in(fresh_bed) as here, sign_in(fresh_bed) as there:
        left = (await there.get(PATH)).json()["session"]["session_id"]
        assert (await here.delete("/api/v2/sessions/")).json() == {"deleted": [left]}
        assert (await here.get(POOLS)).status_code == 200


async def test_with_a_bearer_token_there_is_nothing_to_sign_out_of(bed: Bed) -> None:
    assert (await bed.get(PATH))["session"] is None
    assert await bed.refused("DELETE", PATH) == (409, "no_session", "")


async def test_a_user_has_at_most_a_hundred_sessions_in_browsers(bed: Bed) -> None:
    def open_many(draft: Draft) -> None:
        kept = next(iter(draft.users.values())).password_hash
        for number in range(102):
            visitor = Visitor(address=f"192.0.2.{number}")
            open_session(draft, USER, proven_hash=kept, token_hash=f"{number:064}", visitor=visitor)

    await bed.store.run(open_many)
    sessions = (await bed.get("/api/v2/sessions/"))["sessions"]
    assert len(sessions) == 100
