"""What of a text has no effect is told where the text is taken: in the answer, and by a status."""

import pytest

from integration.api_bed import ONE, TWO, Bed

#: A text of which one line has no effect, and another means something a bit different.
PARTLY = ONE + "    env_file: .env\n"
ENTRY = ("services.web.env_file", 5, "ignored")
KINDS = {"services": "service", "stacks": "stack"}


def entries(answer: dict[str, list[dict[str, object]]]) -> list[tuple[object, ...]]:
    return [(each["field"], each["line"], each["outcome"]) for each in answer["report"]]


async def told(bed: Bed) -> list[tuple[str, str]]:
    """Return the severities and words of the statuses about the text."""
    found = (await bed.get("/api/v2/status/"))["statuses"]
    return [
        (each["severity_description"], each["message"])
        for each in found
        if each["event_key"] == "text_ignored"
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_saving_a_text_tells_what_of_it_has_no_effect(bed: Bed, kind: str) -> None:
    body = {"service_name": "app", "content": PARTLY}
    made = await bed.post(f"/api/v2/{kind}/", json=body)
    assert list(made) == [KINDS[kind], "report"]
    assert entries(made) == [ENTRY]
    assert entries(await bed.put(f"/api/v2/{kind}/app", json=body)) == [ENTRY]
    assert "report" not in await bed.put(f"/api/v2/{kind}/app", json=body | {"content": ONE})


async def test_deploying_a_text_tells_what_of_it_has_no_effect(bed: Bed) -> None:
    body = {"deployment_id": "app", "stack": {"content": PARTLY}}
    assert entries(await bed.post("/api/v2/deployments/?dry_run", json=body)) == [ENTRY]
    assert entries(await bed.post("/api/v2/deployments/", json=body)) == [ENTRY]
    path = "/api/v2/deployments/app"
    assert "report" not in await bed.put(path, json={"stack": {"content": ONE}})
    assert entries(await bed.put(path, json={"stack": {"content": PARTLY}})) == [ENTRY]
    assert "report" not in await bed.post(f"{path}/stop")
    assert entries(
        await bed.post(f"{path}/start", json=body | {"stack": {"content": PARTLY + "\n"}})
    ) == [ENTRY]


async def test_services_that_do_not_find_each_other_are_told_where_the_text_is_taken(
    bed: Bed,
) -> None:
    apart = ("services", 3, "ignored")
    checked = await bed.post("/api/v2/definitions/validate", json={"content": TWO})
    saved = await bed.post("/api/v2/stacks/", json={"service_id": "two", "content": TWO})
    made = await bed.post(
        "/api/v2/deployments/", json={"deployment_id": "app", "stack": {"content": TWO}}
    )
    assert entries(checked) == entries(saved) == entries(made) == [apart]
    ((_, message),) = await told(bed)
    assert "web, db name no networks, so they do not find each other by name" in message


async def test_a_stored_service_is_deployed_with_its_report(bed: Bed) -> None:
    await bed.post("/api/v2/services/", json={"service_name": "app", "content": PARTLY})
    assert entries(await bed.post("/api/v2/services/app/deploy", json={})) == [ENTRY]


async def test_a_status_lists_what_has_no_effect_until_the_text_is_mended(bed: Bed) -> None:
    await bed.deploy("app", stack={"content": PARTLY})
    ((severity, message),) = await told(bed)
    assert severity == "Info"
    assert "services.web.env_file: " in message
    whole = ONE.replace("nginx", "redis")
    await bed.put("/api/v2/deployments/app", json={"stack": {"content": whole}})
    assert [each[0] for each in await told(bed)] == ["Cleared"]
    await bed.post("/api/v2/deployments/app/rollback")
    assert [each[0] for each in await told(bed)] == ["Info"]
    await bed.deploy("whole")
    assert len(await told(bed)) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v2/services/"),
        ("POST", "/api/v2/stacks/"),
        ("PUT", "/api/v2/services/app"),
        ("PUT", "/api/v2/stacks/app"),
        ("POST", "/api/v2/deployments/"),
        ("PUT", "/api/v2/deployments/app"),
        ("POST", "/api/v2/deployments/app/start"),
    ],
)
async def test_a_strict_request_is_refused_when_something_has_no_effect(
    bed: Bed, method: str, path: str
) -> None:
    for kind in KINDS:
        await bed.post(f"/api/v2/{kind}/", json={"service_name": "app", "content": ONE})
    await bed.deploy("app", desired_state=0)
    body = {"service_name": "new", "content": PARTLY, "stack": {"content": PARTLY}}
    refused = await bed.refused(method, f"{path}?strict=true", json=body)
    assert refused == (422, "without_effect", "services.web.env_file")
    whole = {"service_name": "new", "content": ONE, "stack": {"content": ONE}}
    await bed.ask(method, f"{path}?strict=true", code=200, json=whole)


async def test_a_quantity_of_no_service_is_ignored_and_told(bed: Bed) -> None:
    body = {"deployment_id": "app", "stack": {"content": ONE}, "quantities": {"Shop": 3}}
    made = await bed.post("/api/v2/deployments/", json=body)
    assert made["deployment"]["quantities"] == {"web": 1}
    assert made["report"] == [
        {
            "line": 0,
            "field": "quantities.Shop",
            "outcome": "ignored",
            "reason": "the definition has no service 'Shop'; it has web",
        }
    ]
    changed = await bed.put("/api/v2/deployments/app", json={"quantities": {"Shop": 2, "web": 4}})
    assert changed["deployment"]["quantities"] == {"web": 4}
    assert [each["field"] for each in changed["report"]] == ["quantities.Shop"]
    refused = await bed.refused("PUT", "/api/v2/deployments/app?strict", json=body)
    assert refused == (422, "without_effect", "quantities.Shop")


async def test_the_report_comes_beside_errors_too(bed: Bed) -> None:
    body = {"content": PARTLY + "    ports: [abc]\n"}
    checked = await bed.post("/api/v2/definitions/validate", json=body)
    assert [error["field"] for error in checked["errors"]] == ["services.web.ports.0"]
    assert entries(checked) == [ENTRY]
