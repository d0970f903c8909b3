"""What an endpoint takes of a request, read as its signature says."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request


class Reading:
    """One request, while what it holds becomes arguments."""

    def __init__(self, request: Request, body: Any) -> None:
        self.request = request
        self.body = body
        #: Everything wrong with it, in the words of pydantic.
        self.findings: list[Mapping[str, Any]] = []
        #: What endpoint and dependencies share is made once.
        self.made: dict[Any, Any] = {}

    def check(self, fields: Sequence[Any], source: QueryParams | Headers) -> dict[str, Any]:
        """Return what is right of a query or of headers, and keep what is wrong."""
        if not fields:
            return {}
        values, findings = request_params_to_args(fields, source)
        self.findings += findings
        return values


class Arguments:
    """Reads the arguments of an endpoint, or of something that it depends on.

    FastAPI says what they are, and pydantic checks each. They are put together here, since doing so
    in FastAPI takes longer than most answers.
    """

    def __init__(self, dependant: Dependant) -> None:
        _refuse_others(dependant)
        self._make: Any = dependant.call
        self._request = [name for name in (dependant.request_param_name,) if name]
        self._parts = [field.name for field in dependant.path_params]
        self._query = dependant.query_params
        self._without_query, self._needs_query = request_params_to_args(self._query, {})
        self._headers = dependant.header_params
        self._body = dependant.body_params
        self._needs = [(each.name or "", Arguments(each)) for each in dependant.dependencies]

    async def read(self, reading: Reading) -> dict[str, Any]:
        """Return the arguments; incomplete when there are findings. Raises what dependencies raise."""
        request = reading.request
        values: dict[str, Any] = {}
        for name, need in self._needs:
            values[name] = await need.provide(reading)
        for name in self._request:
            values[name] = request
        for name in self._parts:
            values[name] = request.path_params[name]
        if self._needs_query or request.scope["query_string"]:
            values |= reading.check(self._query, request.query_params)
        else:
            values |= self._without_query
        values |= reading.check(self._headers, request.headers)
        for field in self._body:
            values[field.name], wrong = field.validate(reading.body, loc=("body",))
            reading.findings += wrong
        return values

    async def provide(self, reading: Reading) -> Any:
        """Return what is depended on; none when its arguments are wrong."""
        if self._make not in reading.made:
            known = len(reading.findings)
            values = await self.read(reading)
            if len(reading.findings) > known:
                return None
            reading.made[self._make] = await self._make(**values)
        return reading.made[self._make]


def _refuse_others(dependant: Dependant) -> None:
    """Raise TypeError for what nobody here reads: that is a defect of ours."""
    others = (
        dependant.cookie_params,
        dependant.background_tasks_param_name,
        dependant.http_connection_param_name,
        dependant.response_param_name,
        dependant.security_scopes_param_name,
        dependant.websocket_param_name,
        dependant.body_params[1:],
        [part for part in dependant.path_params if part.field_info.annotation is not str],
    )
    if any(others) or not inspect.iscoroutinefunction(dependant.call):
        raise TypeError(f"{dependant.call}: nobody reads what it takes")
