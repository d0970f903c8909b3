"""The description of the API, and the page that shows it."""

import re
from typing import Any

import jsonschema_rs
import pytest

from berth.api.app import CATEGORIES
from berth.api.endpoints.routing import Access, Route
from berth.api.openapi.responses import answers_of
from integration.api_bed import Bed

ROUTES = [route for category in CATEGORIES for route in category.routes]
PUBLIC = {
    ("POST", "/api/auth"), ("POST", "/api/v2/session"), ("GET", "/api/version"),
    ("GET", "/version"), ("GET", "/api/capabilities"),
    ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/api/docs"), ("GET", "/api/openapi.json"),
    ("GET", "/api/v2/hosts/join"), ("POST", "/api/v2/deployments/{deployment_id}/webhook/restart"),
}  # fmt: skip


def calls_of(route: Route) -> list[tuple[str, str]]:
    return [(method, route.path_format) for method in route.methods or ()]


async def read(bed: Bed) -> Any:
    return await bed.get("/api/openapi.json")


async def test_the_description_is_openapi_31_and_needs_no_token(bed: Bed) -> None:
    answer = await bed.http.get("/api/openapi.json", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")


async def test_every_schema_of_the_description_is_a_valid_schema(bed: Bed) -> None:
    components = (await read(bed))["components"]["schemas"]
    for name, schema in components.items():
        assert jsonschema_rs.meta.is_valid(schema), name


async def test_every_reference_of_the_description_leads_somewhere(bed: Bed) -> None:
    document = await read(bed)
    parts = document["components"]
    names = {f"#/components/{part}/{name}" for part in parts for name in parts[part]}
    assert set(references(document)) <= names


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [ref for item in value for ref in references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [ref for item in value.values() for ref in references(item)]


async def test_bounds_of_numbers_are_told_in_the_words_of_json_schema(bed: Bed) -> None:
    document = await read(bed)
    bodies = document["components"]["schemas"]
    desired = bodies["DeploymentBody"]["properties"]["desired_state"]["anyOf"][0]
    stats = document["paths"]["/api/v2/hosts/{host_id}/stats"]["get"]["parameters"]
    interval = next(each["schema"] for each in stats if each["name"] == "interval")
    bounds = [(each["minimum"], each["maximum"]) for each in (desired, interval)]
    assert bounds == [(0, 1), (1, 60)]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation_id)
def test_every_endpoint_says_what_it_answers(route: Route) -> None:
    answers_of(route)
    assert route.description


async def test_every_endpoint_is_described_with_its_errors_and_its_credential(bed: Bed) -> None:
    document = await read(bed)
    for route in ROUTES:
        method, path = calls_of(route)[0]
        operation = document["paths"][path][method.lower()]
        assert {route.notes.success, "400", "405"} <= set(operation["responses"]), path
        signs_in = (method, path) in {("POST", "/api/auth"), ("POST", "/api/v2/session")}
        asks = bool(operation["security"]) or signs_in
        assert ("401" in operation["responses"]) is asks, path


async def test_every_endpoint_but_the_public_ones_refuses_who_has_no_token(bed: Bed) -> None:
    for method, path in (call for route in ROUTES for call in calls_of(route)):
        if (method, path) not in PUBLIC:
            answer = await bed.http.request(method, path, headers={"Authorization": ""})
            assert (path, answer.status_code) == (path, 401)
            assert answer.json()["errors"][0]["code"] == "no_credential"


def test_no_other_endpoint_is_public() -> None:
    public = {call for route in ROUTES if route.access is Access.PUBLIC for call in calls_of(route)}
    assert public <= PUBLIC


async def test_every_body_and_answer_in_json_has_an_example_of_its_schema(bed: Bed) -> None:
    document = await read(bed)
    for method, path in (call for route in ROUTES for call in calls_of(route)):
        operation = document["paths"][path][method.lower()]
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            content = part.get("content", {}).get("application/json")
            if content is not None:
                schema = content["schema"] | {"components": document["components"]}
                jsonschema_rs.validate(schema, content["example"])


async def test_the_page_needs_nothing_from_outside(bed: Bed) -> None:
    answer = await bed.http.get("/api/docs")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "http://" not in answer.text
    assert "https://" not in answer.text


async def test_no_example_of_a_body_is_refused_when_it_is_sent_as_it_is(bed: Bed) -> None:
    host, image = await bed.add_host("h1"), "registry.example.com/web:1"
    bed.add_image(host, "sha256:" + "c" * 64, names=(image,))
    names = {"host_id": host.id, "image": image, "deployment_id": "shop", "service_id": "web"}
    names |= {"pool_id": "blue", "registry_id": "0" * 16, "notused": "x"}
    sent = 0
    for path, item in (await read(bed))["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is not None:
                token = f"Join {'ab' * 32}" if path.endswith("/join") else f"Bearer {bed.bearer}"
                options = {"json": content["example"], "headers": {"Authorization": token}}
                answer = await bed.http.request(method, path.format(**names), **options)
                assert answer.status_code not in (400, 422, 500), (path, answer.text)
                sent += 1
    assert sent > 25


async def test_each_kind_of_refusal_has_an_example_of_its_own(bed: Bed) -> None:
    responses = (await read(bed))["paths"]["/api/auth"]["post"]["responses"]
    examples = {
        code: responses[code]["content"]["application/json"]["example"]["errors"][0]["code"]
        for code in ("401", "413", "422", "429")
    }
    assert examples == {
        "401": "unknown_token", "413": "too_large", "422": "unknown_pool", "429": "throttled"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("post", "/api/auth", "429"),
        ("post", "/api/v2/images/{image}/hosts/{host_id}/pull", "422"),
        ("get", "/api/v2/export", "422"),
        ("get", "/api/v2/containers/{container_id}/exec", "101"),
        ("get", "/api/pools/", "304"),
    ],
)
async def test_codes_that_only_some_endpoints_answer_are_told(
    bed: Bed, method: str, path: str, code: str
) -> None:
    assert code in (await read(bed))["paths"][path][method]["responses"]


async def test_streams_and_bare_values_are_told_beside_json(bed: Bed) -> None:
    paths = (await read(bed))["paths"]
    both = {
        path: set(paths[path]["get"]["responses"]["200"]["content"])
        for path in ("/api/v2/containers/{container_id}/logs", "/api/kv/{key}")
    }
    assert both["/api/v2/containers/{container_id}/logs"] == {
        "application/json", "text/event-stream"
    }  # fmt: skip
    assert both["/api/kv/{key}"] == {"application/json", "text/plain"}


async def test_each_stream_tells_what_its_events_hold(bed: Bed) -> None:
    document = await read(bed)
    held = {}
    for path, item in document["paths"].items():
        content = item.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if "text/event-stream" in content:
            data = content["text/event-stream"]["itemSchema"]["properties"]["data"]
            held[path] = [each["$ref"].split("/")[-1] for each in data["contentSchema"]["anyOf"]]
    assert held == {
        "/api/v2/containers/{container_id}/logs": ["LogLine", "LastEvent"],
        "/api/v2/deployments/{deployment_id}/logs": ["LogLine", "LastEvent"],
        "/api/v2/containers/{container_id}/stats": ["UsageAnswer", "LastEvent"],
        "/api/v2/hosts/{host_id}/stats": ["UsageAnswer", "LastEvent"],
        "/api/v2/watch": ["WatchMessage", "LastEvent"],
    }


async def test_a_method_that_a_path_does_not_take_names_those_that_it_does(bed: Bed) -> None:
    methods: dict[str, set[str]] = {}
    for path, item in (await read(bed))["paths"].items():
        sample = re.sub(r"{\w+}", "x", path)
        methods.setdefault(sample, set()).update(each.upper() for each in item)
    for sample, taken in methods.items():
        answer = await bed.http.request("OPTIONS", sample)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == ", ".join(sorted(taken)), sample


async def test_headers_of_requests_and_answers_are_told(bed: Bed) -> None:
    paths = (await read(bed))["paths"]
    listing, making = paths["/api/pools/"]["get"], paths["/api/pools/"]["post"]
    told = {"ETag", "Link", "X-Berth-Revision", "X-Request-Id"}
    assert told == set(listing["responses"]["200"]["headers"])
    assert "Retry-After" in listing["responses"]["503"]["headers"]
    assert "If-None-Match" in {each["name"] for each in listing["parameters"]}
    assert "Idempotency-Key" in {each["name"] for each in making["parameters"]}
    assert "Last-Event-ID" in {each["name"] for each in paths["/api/v2/watch"]["get"]["parameters"]}
