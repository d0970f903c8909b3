"""The description of the API, and the page that shows it."""

from typing import Any

import jsonschema_rs
import pytest

from berth.api.app import CATEGORIES
from berth.api.description import answers_of
from berth.api.routing import Access, Route
from integration.api_bed import Bed

ROUTES = [route for category in CATEGORIES for route in category.routes]
PUBLIC = {
    ("POST", "/api/auth"), ("GET", "/api/version"), ("GET", "/version"), ("GET", "/api/capabilities"),
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
    names = set(document["components"]["schemas"])
    wanted = {ref.rpartition("/")[2] for ref in references(document)}
    assert wanted <= names


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [ref for item in value for ref in references(item)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [ref for item in value.values() for ref in references(item)]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation_id)
def test_every_endpoint_says_what_it_answers(route: Route) -> None:
    answers_of(route)
    assert route.description


async def test_every_endpoint_is_described_with_its_errors_and_its_credential(bed: Bed) -> None:
    document = await read(bed)
    for method, path in (call for route in ROUTES for call in calls_of(route)):
        operation = document["paths"][path][method.lower()]
        assert {"200", "400", "405"} <= set(operation["responses"]), path
        assert ("401" in operation["responses"]) is bool(operation["security"]), path


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
