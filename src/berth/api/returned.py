"""What an endpoint answers with, as its annotation says it."""

import inspect
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from starlette.responses import Response

from berth.api.endpoints.routing import Route
from berth.api.http.responses import Json


def answers_of(route: Route) -> tuple[Any, ...]:
    """Give what stands inside ``Json[...]`` of an endpoint, one by one; () for other answers."""
    returned = get_type_hints(route.endpoint).get("return", inspect.Signature.empty)
    if get_origin(returned) is Json:
        inside = get_args(returned)[0]
        return get_args(inside) if isinstance(inside, UnionType) else (inside,)
    if inspect.isclass(returned) and issubclass(returned, Response):
        return ()
    raise TypeError(f"{route.path}: the endpoint must say what it answers: -> Json[...]")
