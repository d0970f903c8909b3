"""The description of the API in OpenAPI 3.1, made from the endpoints themselves."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from fastapi.openapi.utils import get_openapi

from berth.api.endpoints.auth import SESSION_COOKIE
from berth.api.endpoints.origin import CONSOLE_HEADER
from berth.api.endpoints.routing import Access, Route
from berth.api.http.errors import ErrorObject
from berth.api.http.sse import EventStream, LastEvent
from berth.api.openapi.examples import make_example
from berth.api.openapi.responses import (
    HEADERS,
    REFUSALS,
    answers_of,
    headers_of,
    is_tagged,
    parameters_of,
    takes_key,
)

_REF = "#/components/schemas/{name}"

_SECURITY: Mapping[Access, list[dict[str, list[str]]]] = {
    Access.USER: [{"bearer": []}, {"console": []}],
    Access.TOKEN: [{"session": []}, {"bearer": []}, {"console": []}],
    Access.JOIN: [{"join": []}],
    Access.PUBLIC: [],
}

_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of `/api/token`.",
    },
    "console": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": (
            "The cookie of `POST /api/v2/session`, from pages of this address alone; calls that "
            f"change something need the header `{CONSOLE_HEADER}: 1` as well."
        ),
    },
    "session": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Session <token>`, with the token of `/api/auth`.",
    },
    "join": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Join <secret>`, with the secret inside the token of `berth join-token`.",
    },
}


def describe(routes: Sequence[Route], *, version: str) -> dict[str, Any]:
    """Make the whole description."""
    document: dict[str, Any] = get_openapi(
        title="Berth",
        version=version,
        description=(
            "Runs containers on a fleet of Docker hosts. Get a session with `/api/auth`, with it a "
            "bearer token from `/api/token`, and send that one with every other call. Each path "
            "works with and without a slash at its end. Bodies are read by their content, whatever "
            "`Content-Type` says. A POST with the header `Idempotency-Key` is carried out once: "
            "repeated within a day it gets the first answer. Every answer has an `X-Request-Id`."
        ),
        routes=routes,
    )
    answers = _Answers(routes)
    for route in routes:
        item = document["paths"][route.path_format]
        for method in route.methods or ():
            _complete(item[method.lower()], route, answers=answers)
    components = document.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    components["headers"] = dict(HEADERS)
    schemas = components.setdefault("schemas", {})
    schemas |= answers.components
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for item in document["paths"].values():
        for operation in item.values():
            _add_examples(operation, schemas)
    return document


def _add_examples(operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    """Add an example to the body and to each answer in JSON."""
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        for media, content in part.get("content", {}).items():
            if media == "application/json" and "example" not in content:
                content["example"] = make_example(content["schema"], schemas)


class _Answers:
    """The schemas of all answers, and of bodies that are read as records; each component once."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._types: list[Any] = [ErrorObject, LastEvent]
        self._places: dict[str, range] = {}
        self._bodies: dict[str, int] = {}
        self._events: dict[str, int] = {}
        for route in routes:
            self._places[route.operation_id or ""] = self._add(answers_of(route))
            if route.notes.body is not None:
                self._bodies[route.operation_id or ""] = self._add((route.notes.body,)).start
            if route.notes.event is not None:
                self._events[route.operation_id or ""] = self._add((route.notes.event,)).start
        self._schemas, self.components = msgspec.json.schema_components(
            self._types, schema_hook=_describe_other, ref_template=_REF
        )

    def _add(self, types: Sequence[Any]) -> range:
        self._types += types
        return range(len(self._types) - len(types), len(self._types))

    def error(self) -> dict[str, Any]:
        """Return the schema of the error object."""
        return self._schemas[0]

    def body_of(self, route: Route) -> dict[str, Any] | None:
        """Return the schema of the body that an endpoint reads as a record; none for others."""
        place = self._bodies.get(route.operation_id or "")
        return None if place is None else self._schemas[place]

    def event_of(self, route: Route) -> dict[str, Any]:
        """Return the schema of what an event of a stream holds."""
        return self._schemas[self._events[route.operation_id or ""]]

    def of(self, route: Route) -> dict[str, Any] | None:
        """Return the schema of an endpoint's answer; none when it is no JSON."""
        found = [self._schemas[place] for place in self._places[route.operation_id or ""]]
        if len(found) > 1:
            return {"anyOf": found}
        return found[0] if found else None


def _describe_other(kind: type) -> dict[str, Any]:
    """Describe what msgspec does not know by itself: ready-made JSON."""
    if kind is msgspec.Raw:
        return {"type": "object", "description": "What the engine says, passed on."}
    raise NotImplementedError  # what a hook of msgspec raises for a type that it does not know


def _complete(operation: dict[str, Any], route: Route, *, answers: _Answers) -> None:
    """Add what FastAPI cannot know: credential, shared headers, answers."""
    operation["security"] = _SECURITY[route.access]
    if parameters := parameters_of(route):
        operation.setdefault("parameters", []).extend(parameters)
    if (body := answers.body_of(route)) is not None:
        content = {"application/json": {"schema": body}}
        operation["requestBody"] = {"required": True, "content": content}
    responses = {route.notes.success: _describe_success(route, answers=answers)}
    if is_tagged(route):
        responses["304"] = {"description": "The caller has this answer already."}
    for code in _codes_of(operation, route):
        responses[code] = _describe_refusal(route, code, schema=answers.error())
    for code, response in responses.items():
        response["headers"] = headers_of(route, code)
    operation["responses"] = dict(sorted(responses.items()))


def _describe_success(route: Route, *, answers: _Answers) -> dict[str, Any]:
    if route.notes.success == "101":
        return {"description": "The connection goes on as a WebSocket."}
    content: dict[str, Any] = {}
    schema = answers.of(route)
    if schema is not None:
        content["application/json"] = {"schema": schema}
    for media in route.notes.media_types:
        if media == EventStream.media_type:
            content[media] = {"itemSchema": _describe_event(answers.event_of(route))}
        else:
            kind = "object" if media == "application/json" else "string"
            content[media] = {"schema": {"type": kind}}
    return {"description": "Done.", "content": content}


def _describe_event(data: dict[str, Any]) -> dict[str, Any]:
    """Describe one server-sent event, in the way of OpenAPI 3.2, which older readers pass over."""
    error = {"$ref": _REF.format(name=LastEvent.__name__)}
    return {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "event": {
                "type": "string",
                "description": "None for what is followed; `error`, `resync` and `end` are the last.",
            },
            "data": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": {"anyOf": [data, error]},
            },
        },
        "required": ["data"],
    }


def _describe_refusal(route: Route, code: str, *, schema: dict[str, Any]) -> dict[str, Any]:
    refusal = REFUSALS[code]
    if code in route.notes.bare_errors:
        return {"description": refusal.meaning}
    example = msgspec.to_builtins(refusal.example)
    content = {"application/json": {"schema": schema, "example": example}}
    return {"description": refusal.meaning, "content": content}


def _codes_of(operation: Mapping[str, Any], route: Route) -> list[str]:
    """Return which errors an endpoint can answer, besides those of its own."""
    codes = set(route.notes.errors) | {"400", "405", "503"}
    if route.access is not Access.PUBLIC:
        codes |= {"401", "403"}
    if "{" in route.path:
        codes.add("404")
    if "requestBody" in operation:
        codes |= {"408", "413", "422"}
    if takes_key(route):
        codes |= {"408", "413", "422"}  # a key is kept with a hash of the body, whatever it is
    if route.methods != {"GET"}:
        codes |= {"409"}
    return sorted(codes)
