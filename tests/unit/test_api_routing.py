"""How a route is found, and how an endpoint gets what it takes."""

from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Cookie, Depends, Query
from starlette.applications import Starlette
from starlette.requests import Request

from berth.api.endpoints.routing import Access, Endpoints, RouteTable
from berth.api.http.params import Body, QueryFlag
from berth.api.http.responses import Json


class Named(Body):
    name: str


class Counter:
    """Depended on twice; counts how often it is made."""

    made = 0

    async def make(self, limit: Annotated[int, Query()] = 10) -> int:
        self.made += 1
        return limit


@asynccontextmanager
async def nothing_beside(_: Any) -> Any:
    yield


async def ask(endpoints: Endpoints, path: str, *, method: str = "GET", **options: Any) -> Any:
    """Send a request to an application of these endpoints; return status and JSON."""
    app = Starlette()
    app.router = RouteTable(endpoints.routes, lifespan=nothing_beside)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        answer = await http.request(method, path, **options)
    return answer.status_code, answer.json() if answer.status_code != 404 else None


@pytest.fixture
def endpoints() -> Endpoints:
    found = Endpoints("Things", access=Access.PUBLIC)

    @found.post("/things/special")
    async def make_special() -> Json[str]:
        return Json("special")

    @found.get("/things/{thing}")
    async def get_thing(thing: str) -> Json[str]:
        return Json(thing)

    @found.get("/things/{thing}/of/{kind:text}")
    async def get_kind(
        kind: str, thing: str, request: Request, raw: QueryFlag = False
    ) -> Json[Any]:
        return Json([thing, kind, raw, request.method])

    return found


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/things/a", "a"),
        ("/things/special", "special"),
        ("/things/a/of/x/y?raw", ["a", "x/y", True, "GET"]),
        ("/things/a/of/b", ["a", "b", False, "GET"]),
    ],
)
async def test_an_endpoint_gets_the_parts_of_its_path(
    endpoints: Endpoints, path: str, answer: Any
) -> None:
    assert await ask(endpoints, path) == (200, answer)


@pytest.mark.parametrize(
    "path", ["/", "/thing", "/things", "/things/a/of", "//things/a", "/things/a/b"]
)
async def test_a_path_that_only_begins_like_another_is_unknown(
    endpoints: Endpoints, path: str
) -> None:
    assert await ask(endpoints, path) == (404, None)


async def test_what_several_need_is_made_once() -> None:
    counter, endpoints = Counter(), Endpoints("Things", access=Access.PUBLIC)

    async def doubled(limit: Annotated[int, Depends(counter.make)]) -> int:
        return 2 * limit

    @endpoints.get("/things")
    async def list_things(
        limit: Annotated[int, Depends(counter.make)], twice: Annotated[int, Depends(doubled)]
    ) -> Json[list[int]]:
        return Json([limit, twice])

    assert await ask(endpoints, "/things?limit=3") == (200, [3, 6])
    assert counter.made == 1


async def test_everything_wrong_with_a_request_is_told_at_once() -> None:
    counter, endpoints = Counter(), Endpoints("Things", access=Access.PUBLIC)

    @endpoints.put("/things")
    async def put_thing(
        body: Named, limit: Annotated[int, Depends(counter.make)], raw: QueryFlag = False
    ) -> Json[str]:
        return Json("never")

    status, answer = await ask(endpoints, "/things?limit=x&raw=y", method="PUT", json={})
    told = [(each["field"], each["code"]) for each in answer["errors"]]
    assert (status, counter.made) == (400, 0)
    assert told == [("limit", "invalid_value"), ("raw", "invalid_value"), ("name", "required")]


def test_an_endpoint_that_takes_what_nobody_reads_is_refused() -> None:
    endpoints = Endpoints("Things")

    async def read_cookie(cookie: Annotated[str, Cookie()]) -> Json[str]:
        return Json(cookie)

    async def read_number(number: int) -> Json[int]:
        return Json(number)

    def read_aside() -> Json[str]:
        return Json("in a thread")

    for endpoint, path in ((read_cookie, "/"), (read_number, "/{number}"), (read_aside, "/")):
        with pytest.raises(TypeError, match="nobody reads"):
            endpoints.get(path)(endpoint)
