"""Stored services and stacks over HTTP."""

import pytest

from integration.api_bed import ONE, TWO, Bed

SERVICES, STACKS = "/api/v2/services/", "/api/v2/stacks/"


async def test_a_text_alone_makes_a_service(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    made = await fresh_bed.post(SERVICES, json={"content": ONE})
    expected = {
        "service_id": "web", "service_name": "web", "subtype": "service", "content": ONE,
    }  # fmt: skip
    assert made == {"service": expected}
    assert list(made["service"]) == list(expected)
    assert await fresh_bed.get(SERVICES + "web") == made
    assert await fresh_bed.get(SERVICES) == {"services": [expected]}


async def test_an_id_is_made_from_the_name(bed: Bed) -> None:
    body = {"service_name": "Alpine Linux", "content": ONE, "subtype": "stack", "editorTemp": {}}
    made = (await bed.post(SERVICES, json=body))["service"]
    assert (made["service_id"], made["service_name"]) == ("Alpine-Linux", "Alpine Linux")
    assert made["subtype"] == "service"


async def test_services_and_stacks_have_separate_ids(bed: Bed) -> None:
    await bed.post(SERVICES, json={"service_id": "x", "content": ONE})
    stack = (await bed.post(STACKS, json={"service_id": "x", "content": TWO}))["stack"]
    assert stack == {
        "service_id": "x", "service_name": "x", "subtype": "stack", "content": TWO,
    }  # fmt: skip
    assert await bed.get(STACKS) == {"stacks": [stack]}


@pytest.mark.parametrize(("path", "noun"), [(SERVICES, "service"), (STACKS, "stack")])
async def test_a_definition_changes_in_parts_and_goes(bed: Bed, path: str, noun: str) -> None:
    await bed.post(path, json={"service_id": "x", "content": ONE})
    renamed = await bed.put(path + "x", json={"service_name": "X 2", "service_id": "y"})
    assert renamed[noun]["service_id"] == "x"
    assert (renamed[noun]["service_name"], renamed[noun]["content"]) == ("X 2", ONE)
    text = ONE.replace("nginx", "redis")
    assert (await bed.put(path + "x", json={"content": text}))[noun]["content"] == text
    assert (await bed.get(path + "x"))[noun]["service_name"] == "X 2"
    assert await bed.delete(path + "x") == {"deleted": "x"}
    for method in ("GET", "PUT", "DELETE"):
        assert await bed.refused(method, path + "x") == (404, f"unknown_{noun}", "")


@pytest.mark.parametrize(
    ("path", "body", "refused"),
    [
        (SERVICES, {}, (422, "required", "content")),
        (SERVICES, {"content": ""}, (422, "required", "content")),
        (SERVICES, {"content": TWO}, (422, "invalid_definition", "content")),
        (SERVICES, {"content": "services: ["}, (422, "invalid_definition", "content")),
        (SERVICES, {"content": 7}, (422, "invalid_value", "content")),
        (SERVICES, {"content": "#" * 1_048_577}, (422, "invalid_definition", "content")),
        (SERVICES, {"content": ONE, "service_id": "a/b"}, (422, "invalid_id", "service_id")),
        (STACKS, {"content": TWO}, (422, "required", "service_name")),
        (STACKS, {"service_id": "x"}, (422, "required", "content")),
    ],
)
async def test_a_definition_that_cannot_be_is_refused(
    bed: Bed, path: str, body: dict[str, object], refused: tuple[int, str, str]
) -> None:
    assert await bed.refused("POST", path, json=body) == refused


async def test_an_id_in_use_is_refused(bed: Bed) -> None:
    await bed.post(SERVICES, json={"content": ONE})
    refused = await bed.refused("POST", SERVICES, json={"content": ONE})
    assert refused == (409, "id_in_use", "service_id")


async def test_every_problem_of_a_text_is_told_with_its_place(bed: Bed) -> None:
    text = "services:\n  a:\n    image: x\n    privileged: 7\n  b:\n    command: y\n"
    answer = await bed.http.post(STACKS, json={"service_id": "x", "content": text})
    problems = answer.json()["errors"]
    assert answer.status_code == 422
    assert [problem["line"] for problem in problems] == [4, 5]
    assert all(problem["field"] == "content" and problem["column"] for problem in problems)
    assert problems[0]["path"] == "services.a.privileged"


async def test_a_stored_service_is_deployed(bed: Bed) -> None:
    await bed.post(SERVICES, json={"service_name": "My Web", "content": ONE})
    body = {"quantities": {"web": "3"}, "placement": {"pool_id": "production"}}
    made = (await bed.post(SERVICES + "My-Web/deploy", json=body))["deployment"]
    assert made["deployment_id"] == "My-Web-20231114-221320"
    assert made["deployment_name"] == "My Web"
    assert (made["quantities"], made["placement"]) == ({"web": 3}, {"pool_id": "production"})
    assert (made["stack"]["service_id"], made["stack"]["service_name"]) == ("My-Web", "My Web")
    assert (await bed.refused("POST", SERVICES + "nope/deploy"))[0] == 404


async def test_a_later_edit_does_not_touch_a_deployment(bed: Bed) -> None:
    await bed.post(SERVICES, json={"content": ONE})
    before = (await bed.post(SERVICES + "web/deploy"))["deployment"]
    await bed.put(SERVICES + "web", json={"content": ONE.replace("nginx", "redis")})
    await bed.delete(SERVICES + "web")
    after = (await bed.get(f"/api/v2/deployments/{before['deployment_id']}"))["deployment"]
    assert after["stack"] == before["stack"]


async def test_a_long_text_is_read_too(bed: Bed) -> None:
    text = ONE + "#" * 100_000 + "\n"
    assert (await bed.post(SERVICES, json={"content": text}))["service"]["content"] == text
