"""The administrator's account over HTTP."""

import pytest

from integration.api_bed import PASSWORD, Bed


async def test_users_are_listed_without_their_tokens(bed: Bed) -> None:
    users = await bed.get("/api/users/")
    assert [user["username"] for user in users] == ["admin"]
    assert "token" not in users[0]


async def test_names_change_without_the_password(bed: Bed) -> None:
    body = {"first_name": "Ada", "username": "eve"}
    changed = await bed.put("/api/users/admin", json=body)
    assert (changed["first_name"], changed["last_name"], changed["username"]) == (
        "Ada",
        "",
        "admin",
    )
    assert (await bed.get("/api/users/"))[0]["first_name"] == "Ada"


async def test_a_new_password_ends_sessions_and_keeps_the_bearer_token(bed: Bed) -> None:
    session = {"Authorization": f"Session {await bed.open_session()}"}
    body = {"password": "another one", "old_password": PASSWORD}
    changed = await bed.put("/api/users/admin", json=body)
    assert changed["last_password_reset_date"] == "2023-11-14T22:13:20Z"
    assert (await bed.refused("GET", "/api/token", headers=session))[0] == 401
    await bed.get("/api/pools/")
    await bed.open_session("another one")


@pytest.mark.parametrize("body", [{"old_password": "wrong one"}, {}, {"old_password": ""}])
async def test_a_new_password_needs_the_old_one(bed: Bed, body: dict[str, str]) -> None:
    refused = await bed.refused("PUT", "/api/users/admin", json={"password": "another one", **body})
    assert refused == (403, "wrong_password", "old_password")
    await bed.open_session()


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1025])
async def test_a_new_password_has_a_fitting_length(bed: Bed, password: str) -> None:
    body = {"password": password, "old_password": PASSWORD}
    assert await bed.refused("PUT", "/api/users/admin", json=body) == (
        422, "invalid_password", "password",
    )  # fmt: skip


async def test_a_name_has_a_longest_length(bed: Bed) -> None:
    refused = await bed.refused("PUT", "/api/users/admin", json={"first_name": "x" * 257})
    assert refused == (422, "too_long", "first_name")
