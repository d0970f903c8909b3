"""Whatever is sent, the API answers: never with a defect, and always with JSON."""

import json
import random
from typing import Any

import pytest

from berth.api.endpoints.routing import Route
from integration.api_bed import ONE, Bed

WORDS = (
    "", "x", "0", "-1", "1e9", "true", "default", "web", "myapp", "null", "a/b", "é" * 70,
    "\x01", "\u2028", "x" * 300, ONE, "version: 2", "{{api_token}}", "2016-10-26T21:59:03Z",
)  # fmt: skip
NUMBERS = (0, 1, -1, 2, 10**6, 2**53, 2**63 - 1, -(2**63), 10**19, 0.5, -0.0, 1e300)
MEMBERS = (
    "deployment_id", "deployment_name", "desired_state", "placement", "pool_id", "quantities",
    "web", "stack", "content", "service_id", "service_name", "subtype", "id", "name", "tags",
    "description", "username", "password", "old_password", "first_name", "settings", "host_ttl_s",
    "facts", "hostname", "engine_id", "editorTemp",
)  # fmt: skip
PARAMETERS = ("myapp", "default", "h1", "a" * 64, "web", "%00", "%ff", "..", "x" * 200, "cancel")
QUERIES = ("", "?dry_run", "?dry_run=true", "?dry_run=%ff", "?start=-1&limit=x", "?tail=5&since=1",
           "?limit=99999999999999999999", "?start=1&start=2")  # fmt: skip

CODES = (200, 400, 401, 403, 404, 405, 409, 413, 422, 426, 429)


def anything(chance: random.Random, depth: int = 0) -> Any:
    """Draw a JSON value of the kind that callers send, or nearly so."""
    kind = chance.randrange(8 if depth < 4 else 5)
    if kind < 2:
        return chance.choice(WORDS)
    if kind < 4:
        return chance.choice(NUMBERS)
    if kind == 4:
        return chance.choice((None, True, False))
    if kind == 5:
        return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
    keys = (chance.choice(MEMBERS) for _ in range(chance.randrange(7)))
    return {key: anything(chance, depth + 1) for key in keys}


def fill(path: str, chance: random.Random) -> str:
    """Put something in the place of each parameter of a path."""
    parts = (chance.choice(PARAMETERS) if part[:1] == "{" else part for part in path.split("/"))
    return "/".join(parts) + chance.choice(QUERIES)


@pytest.mark.parametrize("seed", range(8))
async def test_no_request_is_answered_with_a_defect(bed: Bed, seed: int) -> None:
    chance = random.Random(seed)
    bed.add_container(await bed.add_host("h1"), "a" * 64, inspect=b"{}")
    await bed.deploy()
    routes = [route for route in bed.app.routes if isinstance(route, Route)]
    routes = [route for route in routes if route.path not in ("/api/token/new", "/api/v2/watch")]
    for _ in range(250):
        route = chance.choice(routes)
        method, body = next(iter(route.methods or ())), json.dumps(anything(chance))
        answer = await bed.http.request(method, fill(route.path, chance), content=body)
        told = (seed, method, str(answer.url), body)
        assert answer.status_code in CODES, told
        if answer.headers["Content-Type"] == "application/json":
            found = answer.json() if isinstance(answer.json(), dict) else {}
            wrong = answer.status_code != 200 or found.get("valid") is False
            assert bool(found.get("errors")) is wrong, told
