"""Logging in, tokens, and who may call what."""

import pytest

from berth.api.endpoints.routing import Access, Route
from integration.api_bed import PASSWORD, USER, Bed

HEX = set("0123456789abcdef")


async def test_the_three_steps_give_a_token_that_works(fresh_bed: Bed) -> None:
    session = await fresh_bed.open_session()
    await fresh_bed.log_in()
    assert len(session) == len(fresh_bed.bearer) == 64
    assert set(session + fresh_bed.bearer) <= HEX
    assert len(await fresh_bed.get("/api/pools/")) == 3


async def test_a_login_answers_the_user_with_a_session_token(fresh_bed: Bed) -> None:
    user = await fresh_bed.post("/api/auth", json={"username": USER, "password": PASSWORD})
    assert list(user) == [
        "id", "first_name", "last_name", "username", "token", "type", "role", "group",
        "last_password_reset_date",
    ]  # fmt: skip
    assert (user["id"], user["username"], user["role"]) == (100, "admin", 0)
    assert user["last_password_reset_date"] == "0001-01-01T00:00:00Z"


async def test_tokens_stand_on_lines_of_their_own_for_scripts_that_cut_them_out(bed: Bed) -> None:
    login = {"username": USER, "password": PASSWORD}
    told = await bed.http.post("/api/auth", json=login)
    assert told.text.startswith('{\n  "id": 100,\n')
    assert f'\n  "token": "{told.json()["token"]}",\n' in told.text
    assert (await bed.http.get("/api/token")).text == f'{{\n  "token": "{bed.bearer}"\n}}'
    new = await bed.http.post("/api/token/new")
    assert new.text == f'{{\n  "token": "{new.json()["token"]}"\n}}'


async def test_a_wrong_name_and_a_wrong_password_look_the_same(fresh_bed: Bed) -> None:
    wrong = [{"username": USER, "password": "x"}, {"username": "eve", "password": PASSWORD}]
    answers = [await fresh_bed.http.post("/api/auth", json=body) for body in wrong]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["WWW-Authenticate"] == "Bearer"


async def test_a_form_label_on_a_login_does_not_matter(fresh_bed: Bed) -> None:
    body = f'{{"username": "{USER}", "password": "{PASSWORD}"}}'
    label = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await fresh_bed.post("/api/auth", content=body, headers=label))["id"] == 100


async def test_the_bearer_token_stays_the_same_until_a_new_one_is_asked_for(bed: Bed) -> None:
    session = {"Authorization": f"session {await bed.open_session()}"}
    assert await bed.get("/api/token", headers=session) == {"token": bed.bearer}
    assert await bed.post("/api/token/", headers=session) == {"token": bed.bearer}
    assert await bed.get("/api/token") == {"token": bed.bearer}
    new = (await bed.post("/api/token/new"))["token"]
    assert new != bed.bearer
    assert await bed.refused("GET", "/api/pools/") == (401, "unknown_token", "")
    bed.http.headers["Authorization"] = f"bearer {new}"
    await bed.get("/api/pools/")


async def test_a_session_may_ask_for_a_new_bearer_token(bed: Bed) -> None:
    session = {"Authorization": f"Session {await bed.open_session()}"}
    new = await bed.post("/api/token/new", headers=session)
    assert await bed.get("/api/token", headers=session) == new


async def test_a_session_token_is_good_for_the_token_calls_only(bed: Bed) -> None:
    session = await bed.open_session()
    for scheme in ("Session", "Bearer"):
        headers = {"Authorization": f"{scheme} {session}"}
        refused = await bed.refused("GET", "/api/pools/", headers=headers)
        assert refused == (403, "session_token", "")


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer  ", "Basic YTpi", "Bearer ffff", "x y z"])
async def test_other_credentials_are_refused(bed: Bed, value: str) -> None:
    answer = await bed.http.get("/api/pools/", headers={"Authorization": value})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_bearer_token_under_the_scheme_of_sessions_is_refused(bed: Bed) -> None:
    headers = {"Authorization": f"Session {bed.bearer}"}
    assert await bed.refused("GET", "/api/pools/", headers=headers) == (401, "wrong_scheme", "")


async def test_a_session_ends_half_an_hour_after_its_last_use(fresh_bed: Bed) -> None:
    headers = {"Authorization": f"Session {await fresh_bed.open_session()}"}
    for _ in range(3):
        await fresh_bed.clock.advance(1799)
        await fresh_bed.get("/api/token", headers=headers)
    await fresh_bed.clock.advance(1800)
    assert (await fresh_bed.refused("GET", "/api/token", headers=headers))[0] == 401


async def test_the_bearer_token_does_not_end_by_itself(bed: Bed) -> None:
    await bed.clock.advance(10 * 365 * 86_400)
    await bed.get("/api/pools/")


async def test_a_bearer_token_of_a_lost_key_is_replaced(bed: Bed) -> None:
    token = next(t for t in bed.store.memory.tokens.values() if t.ciphertext)
    broken = type(token)(
        **{f: getattr(token, f) for f in token.__struct_fields__} | {"ciphertext": "x"}
    )
    await bed.store.run(lambda draft: draft.tokens.put(broken))
    headers = {"Authorization": f"Session {await bed.open_session()}"}
    new = await bed.get("/api/token", headers=headers)
    assert new["token"] != bed.bearer
    assert await bed.get("/api/token", headers=headers) == new


async def test_guessing_passwords_is_slowed_down_for_that_name_and_source(fresh_bed: Bed) -> None:
    guess = {"username": USER, "password": "guess"}
    codes = [(await fresh_bed.http.post("/api/auth", json=guess)).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    right = {"username": USER, "password": PASSWORD}
    refused = await fresh_bed.http.post("/api/auth", json=right)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    await fresh_bed.clock.advance(1.1)
    await fresh_bed.post("/api/auth", json=right)
    assert (await fresh_bed.http.post("/api/auth", json=guess)).status_code == 401


async def test_guessing_the_old_password_is_slowed_down_too(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    guess = {"old_password": "guess", "password": "a new password"}
    path = "/api/users/admin"
    codes = [(await fresh_bed.http.put(path, json=guess)).status_code for _ in range(6)]
    assert codes == [403] * 5 + [429]
    await fresh_bed.clock.advance(1.1)
    await fresh_bed.put(path, json=guess | {"old_password": PASSWORD})


async def test_tokens_are_not_kept_in_clear(bed: Bed) -> None:
    kept = repr([*bed.store.memory.tokens.values(), *bed.store.memory.events.values()])
    assert bed.bearer not in kept
    assert PASSWORD not in repr([*bed.store.memory.users.values()])


#: What needs no bearer token; everything else is closed.
OPEN_ENDPOINTS = {
    "POST /api/auth", "POST /api/v2/session", "GET /api/token", "POST /api/token", "POST /api/token/new",
    "GET /api/version", "GET /version", "GET /api/capabilities", "GET /healthz", "GET /readyz",
    "GET /api/v2/hosts/join", "POST /api/v2/hosts/join", "GET /api/openapi.json", "GET /api/docs",
    "POST /api/v2/deployments/{deployment_id}/webhook/restart",
}  # fmt: skip


async def test_every_other_endpoint_needs_the_bearer_token(fresh_bed: Bed) -> None:
    routes = [route for route in fresh_bed.app.routes if isinstance(route, Route)]
    closed = [route for route in routes if route.access is Access.USER]
    opened = [route for route in routes if route.access is not Access.USER]
    assert {f"{m} {route.path}" for route in opened for m in route.methods or ()} == OPEN_ENDPOINTS
    for route in closed:
        for method in route.methods or ():
            answer = await fresh_bed.http.request(method, route.path, content=b"{not json")
            assert answer.status_code == 401, (method, route.path)
    assert len(closed) > 40
