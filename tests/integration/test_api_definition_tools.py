"""Definitions over HTTP in every form: checked, converted, and taken where a text is taken."""

import json
import time
from typing import Any

import pytest

from integration.api_bed import ONE, TWO, Bed

VALIDATE, CONVERT = "/api/v2/definitions/validate", "/api/v2/definitions/convert"
COMMAND = 'docker run \\\n  --name=web \\\n  -d \\\n  "nginx"\n'
FORM = {"struct": {"services": [{"name": "web", "image": "nginx"}]}}


async def test_a_valid_text_is_answered_with_its_services_and_report(bed: Bed) -> None:
    answer = await bed.post(VALIDATE, json={"content": ONE + "    build: .\n"})
    entry = {
        "line": 5,
        "field": "services.web.build",
        "outcome": "ignored",
        "reason": "images are not built: the image is pulled",
    }
    assert (answer["valid"], answer["errors"], answer["report"]) == (True, [], [entry])
    assert answer["services"]["web"]["container"] == {"image": "nginx"}


@pytest.mark.parametrize("path", [VALIDATE, CONVERT])
async def test_what_is_wrong_is_answered_with_its_place(bed: Bed, path: str) -> None:
    answer = await bed.post(path, json={"content": ONE + "    ports: ['70000:80']\n"})
    error = {
        "message": "port 70000 is out of range: use 1 to 65535",
        "line": 5,
        "column": 13,
        "field": "services.web.ports.0",
    }
    assert answer == {"valid": False, "errors": [error], "report": [], "services": {}}


async def test_a_command_is_converted_into_every_form(bed: Bed) -> None:
    answer = await bed.post(CONVERT, json={"content": COMMAND})
    assert answer["yaml"] == (
        "version: 2\nservices:\n  web:\n    image: 'nginx'\n    container_name: 'web'\n"
    )
    assert answer["docker_run"] == COMMAND.replace("  -d \\\n", "")
    assert [entry["field"] for entry in answer["report"]] == ["--detach"]
    again = await bed.post(CONVERT, json={"editorTemp": answer["editorTemp"]})
    assert (again["yaml"], again["docker_run"]) == (answer["yaml"], answer["docker_run"])
    assert again["services"] == answer["services"]


async def test_yaml_is_converted_with_its_comments_and_a_stack_has_no_command(bed: Bed) -> None:
    text = "# mine\n" + TWO
    answer = await bed.post(CONVERT, json={"content": text, "form": "yaml"})
    assert answer["yaml"] == text
    assert "docker_run" not in answer
    assert [each["name"] for each in answer["editorTemp"]["struct"]["services"]] == ["web", "db"]


async def test_a_form_is_written_into_a_text_that_keeps_its_comments(bed: Bed) -> None:
    text = "# mine\nservices:\n  web:\n    image: nginx  # why\n    user: a\n"
    form = {"struct": {"services": [{"name": "web", "image": "redis", "user": "a"}]}}
    answer = await bed.post(CONVERT, json={"content": text, "editorTemp": form})
    assert answer["yaml"] == text.replace("nginx", "redis")
    assert answer["services"]["web"]["container"]["image"] == "redis"
    other = {"struct": {"not": "ours"}}
    kept = await bed.post(CONVERT, json={"content": text, "editorTemp": other})
    assert kept["yaml"] == text


_DEEP: Any = "x"
for _ in range(50):
    _DEEP = [_DEEP]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "content"),
        ([], "content"),
        ({"content": 7}, "content"),
        ({"content": ONE, "form": "toml"}, "form"),
        ({"content": ONE, "form": ["yaml"]}, "form"),
        ({"content": ONE, "form": "docker_run"}, ""),
        ({"editorTemp": 3}, "editorTemp"),
        ({"editorTemp": {"struct": []}}, "struct.services"),
        ({"editorTemp": {"struct": {"services": [{"name": "a\ud800", "image": "b"}]}}},
         "struct.services.name"),
        ({"editorTemp": {"struct": {"services": [{"name": "a", "image": "b", "ports": [
            {"container": 70000}]}]}}}, "services.a.ports.0"),
        ({"editorTemp": {"struct": {"services": [{"name": "a", "image": _DEEP}]}}}, ""),
        ({"content": "web: {image: a\0}"}, ""),
        ({"content": "web: {image: \ud800}"}, ""),
        ({"content": "a: &a [x]\nb: &b [*a, *a, *a]\n" + "".join(
            f"{n}: &{n} [{', '.join([f'*{p}'] * 9)}]\n" for p, n in zip("bcdefgh", "cdefghi", strict=True)
        )}, None),
        ({"content": "#" * 5_000_000}, ""),
        ({"content": "docker run " + "a " * 2_000_000}, ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [VALIDATE, CONVERT])
async def test_bad_input_is_answered_soon_and_never_fails(
    bed: Bed, path: str, body: Any, field: str | None
) -> None:
    content = json.dumps(body)
    start = time.perf_counter()
    answer = await bed.post(path, content=content)
    assert time.perf_counter() - start < 2
    assert answer["valid"] is False
    assert answer["errors"][0]["message"]
    assert field in (None, answer["errors"][0]["field"])


async def test_a_body_over_ten_megabytes_is_refused(bed: Bed) -> None:
    code, word, _ = await bed.refused("POST", VALIDATE, content=b'"' + b"a" * 11_000_000 + b'"')
    assert (code, word) == (413, "too_large")


async def test_a_command_is_stored_as_yaml(bed: Bed) -> None:
    stored = (await bed.post("/api/v2/services/", json={"content": COMMAND}))["service"]
    assert stored["service_id"] == "web"
    assert stored["content"].startswith("version: 2\nservices:\n  web:\n    image: 'nginx'\n")


@pytest.mark.parametrize("path", ["/api/v2/services/", "/api/v2/stacks/"])
async def test_a_form_counts_where_no_text_is_given(bed: Bed, path: str) -> None:
    body = {"service_name": "web", "editorTemp": FORM}
    (stored,) = (await bed.post(path, json=body)).values()
    assert stored["content"] == "version: 2\nservices:\n  web:\n    image: 'nginx'\n"
    other = {"struct": {"services": [{"name": "a", "image": "b"}]}}
    (kept,) = (await bed.put(path + "web", json={"content": ONE, "editorTemp": other})).values()
    assert kept["content"] == ONE
    bad = {"struct": {"services": [{"name": "web"}]}}
    refused = await bed.refused("PUT", path + "web", json={"editorTemp": bad})
    assert refused == (422, "invalid_definition", "editorTemp")


@pytest.mark.parametrize("stack", [{"content": COMMAND}, {"editorTemp": FORM}])
async def test_a_deployment_is_made_of_any_form(bed: Bed, stack: dict[str, Any]) -> None:
    made = (await bed.post("/api/v2/deployments/", json={"stack": stack}))["deployment"]
    assert made["quantities"] == {"web": 1}
    assert made["stack"]["content"].startswith("version: 2\n")
    assert "occs:availability=per-pool" in made["stack"]["content"]
    body = {"stack": {"editorTemp": {"struct": {"services": [{"name": "web", "image": "b"}]}}}}
    changed = await bed.put(f"/api/v2/deployments/{made['deployment_id']}", json=body)
    assert "image: 'b'" in changed["deployment"]["stack"]["content"]
