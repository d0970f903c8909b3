"""Texts that cannot run are refused on saving and on deploying, with their place; nothing is kept."""

import time
from typing import Any

import pytest

from integration.api_bed import Bed

BOMB = "a: &a [x]\n" + "".join(
    f"{n}: &{n} [{', '.join([f'*{p}'] * 9)}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
)
#: What is wrong, and the line of the first error.
TEXTS = {
    "an alias bomb": (BOMB, 6),
    "a key twice": ("services:\n  a: {image: x}\n  a: {image: y}\n", 3),
    "a tab": ("services:\n\ta: {image: x}\n", 2),
    "a ring": (
        "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n",
        3,
    ),
    "an unknown service": ("services:\n  a: {image: x, links: [db]}\n", 2),
    "a port too high": ("services:\n  a:\n    image: x\n    ports: ['70000:80']\n", 4),
    "a negative limit": ("services:\n  a: {image: x, cpus: -1}\n", 2),
    "negative replicas": ("services:\n  a: {image: x, deploy: {replicas: -2}}\n", 2),
    "one port twice": (
        "services:\n  a: {image: x, ports: ['80:80']}\n  b: {image: x, ports: ['80:81']}\n",
        3,
    ),
    "a NUL byte": ("services:\n  a: {image: x\0y}\n", 2),
    "an unknown function": ("services:\n  a:\n    image: x\n    command: '{{kv_gett}}'\n", 4),
    "a loop of templates": (
        "services:\n  a:\n    image: x\n    environment: ['A={{env \"B\"}}', 'B={{env \"A\"}}']\n",
        4,
    ),
    "nothing to run": ("services:\n  a: {build: .}\n", 2),
}
#: Slower than the reader alone, since the machine that tests may be busy.
SOON_S = 2.0


async def refusal_of(bed: Bed, path: str, *, body: Any) -> list[dict[str, Any]]:
    """Send a body that is refused soon, and give the errors."""
    start = time.perf_counter()
    answer = await bed.ask("POST", path, code=422, json=body)
    assert time.perf_counter() - start < SOON_S
    errors: list[dict[str, Any]] = answer["errors"]
    return errors


@pytest.mark.parametrize(("text", "line"), TEXTS.values(), ids=TEXTS)
async def test_a_bad_text_is_not_saved(bed: Bed, text: str, line: int) -> None:
    stored = await bed.get("/api/v2/stacks/")
    errors = await refusal_of(bed, "/api/v2/stacks/", body={"content": text})
    assert errors[0]["message"]
    assert (errors[0]["line"], errors[0]["column"] > 0) == (line, True)
    assert await bed.get("/api/v2/stacks/") == stored


@pytest.mark.parametrize(("text", "line"), TEXTS.values(), ids=TEXTS)
async def test_a_bad_text_is_not_deployed(bed: Bed, text: str, line: int) -> None:
    deployments = await bed.get("/api/v2/deployments/")
    body = {"deployment_id": "bad", "stack": {"content": text}, "placement": {"pool_id": "default"}}
    errors = await refusal_of(bed, "/api/v2/deployments/", body=body)
    assert errors[0]["line"] == line
    assert await bed.get("/api/v2/deployments/") == deployments


@pytest.mark.parametrize(("text", "line"), [("", 1), ("a: {image: x}\n" * 350_000, 74_899)])
@pytest.mark.parametrize("form", ["services", "stacks", "deployments"])
async def test_no_text_and_five_megabytes_of_it_are_refused_with_a_place(
    bed: Bed, text: str, line: int, form: str
) -> None:
    body: dict[str, Any] = {"content": text}
    if form == "deployments":
        body = {"deployment_id": "bad", "stack": body, "placement": {"pool_id": "default"}}
    (error,) = await refusal_of(bed, f"/api/v2/{form}/", body=body)
    assert error["field"].endswith("content")
    assert (error["line"], error["column"] > 0) == (line, True)
