"""The description of the API in OpenAPI 3.1, made from the endpoints themselves."""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from berth.api.answers import Json
from berth.api.errors import ErrorObject
from berth.api.examples import make_example
from berth.api.routing import Access, Route

_REF = "#/components/schemas/{name}"

#: Errors by status code: what it means, for a reader of the description.
_MEANINGS = {
    "400": "The request cannot be read.",
    "401": "The credential is missing, unknown or ended.",
    "403": "The credential is not good for this call.",
    "404": "What the path names does not exist.",
    "405": "The path does not take this method.",
    "408": "The body came too slowly.",
    "409": "The object's state, or its host, forbids it.",
    "410": "What changed since then is not known any more: read everything afresh.",
    "413": "The body is too large.",
    "422": "A value is not acceptable; `field` names it, `line` and `column` the place in a text.",
    "429": "Too many failed attempts; `Retry-After` tells when to come back.",
    "503": "The manager is starting, is importing a backup, or its store failed.",
}

_SECURITY: Mapping[Access, list[dict[str, list[str]]]] = {
    Access.BEARER: [{"bearer": []}],
    Access.TOKEN: [{"session": []}, {"bearer": []}],
    Access.JOIN: [{"join": []}],
    Access.PUBLIC: [],
}

_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of `/api/token`.",
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


def describe(app: FastAPI, routes: Sequence[Route]) -> dict[str, Any]:
    """Make the whole description."""
    document: dict[str, Any] = get_openapi(
        title="Berth",
        version=app.version,
        description=(
            "Runs containers on a fleet of Docker hosts. Get a session with `/api/auth`, with it a "
            "bearer token from `/api/token`, and send that one with every other call. Each path "
            "works with and without a slash at its end. Bodies are read by their content, whatever "
            "`Content-Type` says. A POST with the header `Idempotency-Key` is carried out once: "
            "repeated within a day it gets the first answer. Every answer has an `X-Request-Id`."
        ),
        routes=app.routes,
    )
    answers = _Answers(routes)
    for route in routes:
        item = document["paths"][route.path_format]
        for method in route.methods or ():
            _complete(item[method.lower()], route, answers=answers)
    components = document.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    schemas = components.setdefault("schemas", {})
    schemas |= answers.components
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for item in document["paths"].values():
        for operation in item.values():
            _add_examples(operation, schemas)
    return document


def _add_examples(operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    """Give the body and each answer in JSON an example."""
    for part in (operation.get("requestBody", {}), *operation["responses"].values()):
        for media, content in part.get("content", {}).items():
            if media == "application/json":
                content["example"] = make_example(content["schema"], schemas)


class _Answers:
    """The schemas of all answers, each component once."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._types: list[Any] = [ErrorObject]
        self._places: dict[str, range] = {}
        for route in routes:
            answers = answers_of(route)
            self._places[route.operation_id or ""] = range(
                len(self._types), len(self._types) + len(answers)
            )
            self._types += answers
        self._schemas, self.components = msgspec.json.schema_components(
            self._types, schema_hook=_describe_other, ref_template=_REF
        )

    def error(self) -> dict[str, Any]:
        """Give the schema of the error object."""
        return self._schemas[0]

    def of(self, route: Route) -> dict[str, Any] | None:
        """Give the schema of an endpoint's answer; none when it is no JSON."""
        found = [self._schemas[place] for place in self._places[route.operation_id or ""]]
        if len(found) > 1:
            return {"anyOf": found}
        return found[0] if found else None


def answers_of(route: Route) -> tuple[Any, ...]:
    """Give what stands inside ``Json[...]`` of an endpoint, one by one; () for other answers."""
    returned = get_type_hints(route.endpoint).get("return", inspect.Signature.empty)
    if get_origin(returned) is Json:
        inside = get_args(returned)[0]
        return get_args(inside) if isinstance(inside, UnionType) else (inside,)
    if inspect.isclass(returned) and issubclass(returned, Response):
        return ()
    raise TypeError(f"{route.path}: the endpoint must say what it answers: -> Json[...]")


def _describe_other(kind: type) -> dict[str, Any]:
    """Describe what msgspec does not know by itself: ready-made JSON."""
    if kind is msgspec.Raw:
        return {"type": "object", "description": "What the engine says, passed on."}
    raise NotImplementedError  # so msgspec wants to be told of a type that nobody describes


def _complete(operation: dict[str, Any], route: Route, *, answers: _Answers) -> None:
    operation["security"] = _SECURITY[route.access]
    schema = answers.of(route)
    if schema is not None:
        success = {"description": "Done.", "content": {"application/json": {"schema": schema}}}
    else:
        media = route.notes.media_type
        success = {"description": "Done.", "content": {media: {"schema": {"type": "string"}}}}
    operation["responses"] = {"200": success} | {
        code: {
            "description": _MEANINGS[code],
            "content": {"application/json": {"schema": answers.error()}},
        }
        for code in _codes_of(operation, route)
    }


def _codes_of(operation: Mapping[str, Any], route: Route) -> list[str]:
    """Tell which errors an endpoint can answer, besides those of its own."""
    codes = set(route.notes.errors) | {"400", "405", "503"}
    if route.access is not Access.PUBLIC:
        codes |= {"401", "403"}
    if "{" in route.path:
        codes.add("404")
    if "requestBody" in operation:
        codes |= {"408", "413", "422"}
    if route.methods != {"GET"}:
        codes |= {"409"}
    return sorted(codes)
