"""Routes: each knows who may call it and how large its body may be."""

import enum
import inspect
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import msgspec
from fastapi.routing import APIRoute
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from berth.api.endpoints import idempotency
from berth.api.endpoints.auth import Needs, authorize, require_join_secret, services_of
from berth.api.endpoints.credential_watch import wait_for_end_of_credential
from berth.api.endpoints.delivery import deliver
from berth.api.http.compression import compress_answer
from berth.api.http.request_body import MAX_BODY_BYTES, JsonRequest, read_json
from berth.api.http.sse import EventStream

F = TypeVar("F", bound=Callable[..., Any])
Answering = Callable[[Request], Coroutine[Any, Any, Response]]


class _TextConvertor(Convertor[str]):
    """Takes any characters of a path: the one of Starlette takes no line feed."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("text", _TextConvertor())


class Access(enum.Enum):
    """Who may call an endpoint."""

    #: A user, by bearer token or by the console's cookie.
    USER = "user"
    #: The endpoint looks at the token itself.
    TOKEN = "token"
    JOIN = "join"
    PUBLIC = "public"


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """What the description of an endpoint cannot be told from its code."""

    #: Status codes of errors beyond those that follow from access, path and body.
    errors: tuple[str, ...] = ()
    #: Type of a body in JSON that the endpoint reads by itself.
    body: type[msgspec.Struct] | None = None
    #: What the answer may be besides, or instead of, JSON.
    media_types: tuple[str, ...] = ()
    #: Status code of an answer that is no error.
    success: str = "200"
    #: Errors that come with an empty body instead of the error object.
    bare_errors: tuple[str, ...] = ()


class Route(APIRoute):
    """An endpoint: the credential is checked before the body is read, the body by its content."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        access: Access,
        max_body: int = MAX_BODY_BYTES,
        direct: bool = False,
        notes: Notes | None = None,
        **options: Any,
    ) -> None:
        self.access = access
        self.notes = notes or Notes()
        #: What a token must allow: reading, unless said otherwise, for what is asked with GET.
        self.needs: Needs = options.pop("needs", Needs(reads=options["methods"] == ["GET"]))
        #: Whether it is one of ``DirectCalls``.
        self.direct = direct
        self.max_body = max_body
        #: Names of what the endpoint takes.
        self.parameters = frozenset(inspect.signature(endpoint).parameters)
        #: Whether its texts may hold characters that cannot be stored.
        self.any_text = bool(options.pop("any_text", False))
        # What an endpoint answers is described by ``Json[...]``, and never converted.
        super().__init__(path, endpoint, response_model=None, **options)
        # Both spellings come without their last slash; the documentation keeps the official one.
        self.path_regex, _, _ = compile_path(strip_slash(path))

    def get_route_handler(self) -> Answering:
        """Put the checks before what FastAPI makes of the endpoint."""
        answer = super().get_route_handler()

        async def read_and_answer(request: Request) -> Response:
            if self.body_field is not None:
                value = await read_json(request, self.max_body, any_text=self.any_text)
                request = JsonRequest(request, value)
            return await answer(request)

        async def check_and_answer(request: Request) -> Response:
            if self.access is Access.JOIN:
                require_join_secret(request)
            if self.access is not Access.USER:
                return await compress_answer(request, await read_and_answer(request))
            principal = authorize(request, self.needs)
            revision = services_of(request).store.memory.revision
            if request.method == "POST" and idempotency.HEADER in request.headers:
                answered = await idempotency.answer_once(
                    request, max_body=self.max_body, answer=read_and_answer
                )
            else:
                answered = await read_and_answer(request)
            if isinstance(answered, EventStream):
                answered.guard = partial(wait_for_end_of_credential, request, principal)
            return await deliver(request, answered, revision=revision)

        return check_and_answer


class Endpoints:
    """Collects the endpoints of one category."""

    def __init__(self, category: str, *, access: Access = Access.USER) -> None:
        self.category = category
        self.access = access
        self.routes: list[Route] = []

    def get(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register a reading endpoint."""
        return self._add("GET", path, options=options)

    def post(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register an endpoint that makes or does something."""
        return self._add("POST", path, options=options)

    def put(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register an endpoint that changes something."""
        return self._add("PUT", path, options=options)

    def delete(self, path: str, **options: Any) -> Callable[[F], F]:
        """Register an endpoint that removes something."""
        return self._add("DELETE", path, options=options)

    def _add(self, method: str, path: str, *, options: dict[str, Any]) -> Callable[[F], F]:
        def register(endpoint: F) -> F:
            route = Route(
                path,
                endpoint,
                methods=[method],
                tags=[self.category],
                **{
                    "access": self.access,
                    "operation_id": f"{endpoint.__name__}_{method.lower()}",
                    **options,
                },
            )
            self.routes.append(route)
            return endpoint

        return register


def strip_slash(path: str) -> str:
    """Return a path in the spelling that routes are matched with: without a slash at the end."""
    return path[:-1] if len(path) > 1 and path.endswith("/") else path
