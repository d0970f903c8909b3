"""Registries over HTTP."""

import pytest

from integration.api_bed import Bed
from integration.fake_registry import FakeRegistry, serve_registry

PATH = "/api/v2/registries/"
PASSWORD = "h1dden-word"
FULL = {
    "url": "https://Registry.example.com:5000/team/",
    "email": "ops@example.com",
    "username": "captain",
    "password": PASSWORD,
    "description": "ours",
}


async def make(bed: Bed, **members: str) -> dict[str, str]:
    """Define a registry and give it."""
    registry: dict[str, str] = (await bed.post(PATH, json=FULL | members))["registry"]
    return registry


async def test_a_fresh_instance_has_docker_hub(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    answer = await fresh_bed.get(PATH)
    assert answer["total_results"] == 1
    assert isinstance(answer["elapsed_time"], float)
    assert answer["registries"][0]["url"] == "index.docker.io"


async def test_a_registry_is_made_with_the_singular_envelope(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    answer = await fresh_bed.post(PATH, json=FULL)
    assert list(answer) == ["elapsed_time", "registry", "total_results"]
    made = answer["registry"]
    assert len(made.pop("registry_id")) == 16
    assert made == FULL | {"url": "registry.example.com:5000/team", "password": ""}


async def test_one_registry_is_read_in_the_shape_of_a_list(bed: Bed) -> None:
    made = await make(bed)
    answer = await bed.get(PATH + made["registry_id"])
    assert (answer["registries"], answer["total_results"]) == ([made], 1)


async def test_a_password_is_stored_encrypted_and_never_shown(bed: Bed) -> None:
    made = await make(bed)
    stored = bed.store.memory.registries.get(made["registry_id"])
    assert stored is not None
    assert PASSWORD not in stored.password
    assert bed.services.secrets.decrypt(stored.password) == PASSWORD
    assert PASSWORD not in (await bed.http.get(PATH)).text


async def test_a_change_without_a_password_keeps_the_old_one(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    made = await make(fresh_bed)
    body = made | {"registry_id": "x", "description": "new", "password": ""}
    answer = await fresh_bed.put(PATH + made["registry_id"], json=body)
    assert (answer["registries"][0], answer["total_results"]) == (made | {"description": "new"}, 1)
    stored = fresh_bed.store.memory.registries.get(made["registry_id"])
    assert stored is not None
    assert fresh_bed.services.secrets.decrypt(stored.password) == PASSWORD


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://registry.example.com:5000/other", True),
        ("registry.example.com:5001/team", False),
        ("registry.example.com.evil.example/team", False),
    ],
)
async def test_a_password_stays_with_the_host_that_it_was_given_for(
    bed: Bed, url: str, kept: bool
) -> None:
    made = await make(bed)
    await bed.put(PATH + made["registry_id"], json={"url": url, "password": ""})
    stored = bed.store.memory.registries.get(made["registry_id"])
    assert stored is not None
    assert bool(stored.password) is kept
    await bed.put(PATH + made["registry_id"], json={"url": "other.example", "password": PASSWORD})
    changed = bed.store.memory.registries.get(made["registry_id"])
    assert changed is not None
    assert bed.services.secrets.decrypt(changed.password) == PASSWORD


async def test_an_empty_user_name_removes_the_login(bed: Bed) -> None:
    made = await make(bed)
    await bed.put(PATH + made["registry_id"], json={"username": ""})
    stored = bed.store.memory.registries.get(made["registry_id"])
    assert stored is not None
    assert (stored.username, stored.password, stored.email) == ("", "", "ops@example.com")


async def test_a_registry_is_removed(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    made = await make(fresh_bed)
    path = PATH + made["registry_id"]
    assert await fresh_bed.delete(path) == {"deleted": made["registry_id"]}
    assert await fresh_bed.refused("GET", path) == (404, "unknown_registry", "")
    assert await fresh_bed.refused("PUT", path, json={}) == (404, "unknown_registry", "")
    assert await fresh_bed.refused("DELETE", path) == (404, "unknown_registry", "")


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({}, (422, "required", "url")),
        ({"url": "user:pw@host"}, (422, "invalid_url", "url")),
        ({"url": "host/a b"}, (422, "invalid_url", "url")),
        ({"url": "ftp://host"}, (422, "invalid_url", "url")),
        ({"url": "HTTP://index.docker.io/"}, (409, "id_in_use", "url")),
        ({"url": "host", "username": "u" * 257}, (422, "too_long", "username")),
        ({"url": "host", "password": "p" * 5000}, (422, "too_long", "password")),
        ({"url": 7}, (422, "invalid_value", "url")),
    ],
)
async def test_a_bad_registry_is_refused(
    bed: Bed, body: dict[str, object], refused: tuple[int, str, str]
) -> None:
    assert await bed.refused("POST", PATH, json=body) == refused
    assert (await bed.get(PATH))["total_results"] == 1


async def test_validation_logs_in_really(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    async with serve_registry(FakeRegistry(login=("captain", PASSWORD))) as registry:
        body = {"url": f"http://{registry.address}", "username": "captain", "password": PASSWORD}
        good = await fresh_bed.post(PATH + "validate", json=body)
        bad = await fresh_bed.post(PATH + "validate", json=body | {"password": "wrong"})
    assert good == {"valid": True, "message": "Validated successfully."}
    assert bad["valid"] is False
    assert "refuses this user name or password" in bad["message"]


async def test_validation_takes_the_stored_password_of_a_registry(bed: Bed) -> None:
    async with serve_registry(FakeRegistry(login=("captain", PASSWORD))) as registry:
        made = await make(bed, url=registry.address)
        body = {"registry_id": made["registry_id"], "password": ""}
        assert (await bed.post(PATH + "validate", json=body))["valid"] is True


async def test_a_stored_password_goes_to_no_other_registry(bed: Bed) -> None:
    made = await make(bed)
    async with serve_registry(FakeRegistry(login=("captain", PASSWORD))) as registry:
        body = {"registry_id": made["registry_id"], "url": registry.address}
        assert (await bed.post(PATH + "validate", json=body))["valid"] is False
        assert registry.authorizations == []


async def test_a_validation_without_a_registry_is_refused(bed: Bed) -> None:
    path = PATH + "validate"
    assert await bed.refused("POST", path, json={}) == (422, "required", "url")
    unknown = {"registry_id": "nope"}
    assert await bed.refused("POST", path, json=unknown) == (404, "unknown_registry", "")
