"""Routes: each knows who may call it and how large its body may be."""

import enum
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec
from fastapi.routing import APIRoute
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Router, compile_path
from starlette.types import Lifespan, Receive, Scope, Send

from berth.api.endpoints import idempotency
from berth.api.endpoints.arguments import Arguments, Reading
from berth.api.endpoints.audit import Deed, use_deed
from berth.api.endpoints.auth import Needs, authorize, require_join_secret, services_of
from berth.api.endpoints.credential_watch import wait_for_end_of_credential
from berth.api.endpoints.delivery import deliver
from berth.api.http.compression import compress_answer
from berth.api.http.errors import render_error, render_findings
from berth.api.http.request_body import MAX_BODY_BYTES, parse_json, read_value
from berth.api.http.sse import EventStream
from berth.domain.errors import BerthError

F = TypeVar("F", bound=Callable[..., Any])

#: Routes are found by at most this many first words of their paths.
_WORDS = 3


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
    #: The endpoint checks the token itself.
    TOKEN = "token"
    JOIN = "join"
    PUBLIC = "public"


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """What the description of an endpoint cannot read from its code."""

    #: Status codes of errors beyond those that follow from access, path and body.
    errors: tuple[str, ...] = ()
    #: Type of a body in JSON that the endpoint reads by itself.
    body: type[msgspec.Struct] | None = None
    #: What the data of each event is, where the answer may be a stream of them.
    event: type[msgspec.Struct] | None = None
    #: What the answer may be besides, or instead of, JSON.
    media_types: tuple[str, ...] = ()
    #: Status code of an answer that is no error.
    success: str = "200"
    #: Errors that come with an empty body instead of the error object.
    bare_errors: tuple[str, ...] = ()


class Route(APIRoute):
    """An endpoint: the credential is checked before the body is read, the body by its content.

    FastAPI reads its signature and describes it; what happens in a call stands here.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        access: Access,
        max_body: int = MAX_BODY_BYTES,
        parse: Callable[[bytes], Any] = parse_json,
        notes: Notes | None = None,
        **options: Any,
    ) -> None:
        self.access = access
        self.notes = notes or Notes()
        #: What a token must allow: reading, unless said otherwise, for what is asked with GET.
        self.needs: Needs = options.pop("needs", Needs(reads=options["methods"] == ["GET"]))
        self.max_body = max_body
        #: Reads a body that the endpoint takes as an argument.
        self.parse = parse
        #: What its event tells; none for those that leave no trace, or tell it by themselves.
        self.deed: Deed | None = options.pop("deed", None)
        # What an endpoint answers is described by ``Json[...]``, and never converted.
        super().__init__(path, endpoint, response_model=None, **options)
        # Both spellings come without their last slash; the documentation keeps the official one.
        self.path_regex, _, _ = compile_path(strip_slash(path))
        self.arguments = Arguments(self.dependant)
        self.app = self.serve

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; an error of Berth becomes its answer."""
        request = Request(scope, receive)
        try:
            answer = await self._check_and_answer(request)
        except BerthError as error:
            answer = render_error(error)
        except ClientDisconnect:
            answer = Response(status_code=400)  # nobody is there to read it
        await answer(scope, receive, send)

    async def _check_and_answer(self, request: Request) -> Response:
        if self.access is Access.JOIN:
            require_join_secret(request)
        if self.access is not Access.USER:
            return await compress_answer(request, await self._read_and_answer(request))
        principal = authorize(request, self.needs)
        if self.deed is not None:
            use_deed(request, self.deed)
        revision = services_of(request).store.memory.revision
        if request.method == "POST" and idempotency.HEADER in request.headers:
            answered = await idempotency.answer_once(
                request, max_body=self.max_body, answer=self._read_and_answer
            )
        else:
            answered = await self._read_and_answer(request)
        if isinstance(answered, EventStream):
            answered.guard = partial(wait_for_end_of_credential, request, principal)
        return await deliver(request, answered, revision=revision)

    async def _read_and_answer(self, request: Request) -> Response:
        body = None
        if self.body_field is not None:
            body = await read_value(request, self.max_body, parse=self.parse)
        reading = Reading(request, body)
        arguments = await self.arguments.read(reading)
        if reading.findings:
            return render_findings(reading.findings)
        answer: Response = await self.endpoint(**arguments)
        return answer


class RouteTable(Router):
    """Finds a route by the first words of its path: to try all hundred takes longer than to answer."""

    def __init__(self, routes: Sequence[BaseRoute], *, lifespan: Lifespan[Any]) -> None:
        super().__init__(routes, redirect_slashes=False, lifespan=lifespan)
        self._by_words: dict[tuple[str, ...], list[Route]] = {}
        for route in routes:
            if isinstance(route, Route):
                self._by_words.setdefault(_fixed_words(route.path), []).append(route)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request by its route; without one it goes the way of the framework."""
        if scope["type"] == "http":
            words = tuple(scope["path"].split("/", _WORDS + 1)[1 : _WORDS + 1])
            for count in range(len(words), 0, -1):
                for route in self._by_words.get(words[:count], ()):
                    match, found = route.matches(scope)
                    if match is Match.FULL:
                        scope.update(found)
                        await route.handle(scope, receive, send)
                        return
        await super().app(scope, receive, send)


def _fixed_words(path: str) -> tuple[str, ...]:
    """Return the first words of a path, as far as they are not parameters."""
    fixed, parameter, _ = strip_slash(path).partition("{")
    if parameter:
        fixed = fixed.rpartition("/")[0]
    return tuple(fixed.split("/")[1 : _WORDS + 1])


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
