"""Replaces the template functions of a spec by their results."""

from collections.abc import Callable, Mapping
from graphlib import CycleError
from typing import TypeVar

import msgspec

from berth.definition.templates.language import (
    TemplateCall,
    TemplateProblem,
    parse_template,
    sort_variables,
    split_target,
    texts_with_braces,
)
from berth.definition.text.template_names import has_template
from berth.domain.discovery_records import containers_path
from berth.domain.spec import MAX_SPEC_BYTES, ContainerSpec, LogSpec

T = TypeVar("T")


class Unrenderable(Exception):
    """A template function has no result for now; the message says what is missing."""


class RenderContext(msgspec.Struct, frozen=True, kw_only=True):
    """What the template functions of one container read."""

    #: By name with the period, for example ``.HostIP``.
    platform: Mapping[str, str]
    #: Interface of the host to its address.
    interfaces: Mapping[str, str]
    #: Variables that the container gets beside its own.
    injected: Mapping[str, str]
    #: Returns the value of a key, none when there is no such key.
    find_key: Callable[[str], bytes | None]
    #: Returns ``host:port`` for a service's port; raises Unrenderable.
    find_proxy: Callable[[str, int], str]
    #: Returns the bearer token of the deployment's user; raises Unrenderable.
    find_token: Callable[[], str]


def has_templates(spec: ContainerSpec) -> bool:
    """Whether some text of the spec holds a template function."""
    return any(map(has_template, texts_with_braces(spec)))


def render_spec(spec: ContainerSpec, context: RenderContext) -> ContainerSpec:
    """Evaluate every template function once; a result is not evaluated again.

    Raises Unrenderable with what is missing, or with what earlier readers of the text let pass.
    """
    try:
        return _render(spec, context)
    except TemplateProblem as problem:
        raise Unrenderable(str(problem)) from None
    except CycleError:
        raise Unrenderable("its variables refer to each other") from None


def _render(spec: ContainerSpec, context: RenderContext) -> ContainerSpec:
    given = dict(spec.environment)
    variables: dict[str, str] = {}
    rendering = _Rendering(context, variables)
    for name in sort_variables(given):
        variables[name] = rendering.render(given[name])
    changes: dict[str, object] = {"environment": tuple((n, variables[n]) for n in given)}
    for member in spec.__struct_fields__:
        if member != "environment":
            changes[member] = rendering.render_all(getattr(spec, member))
    return msgspec.structs.replace(spec, **changes)


class _Rendering:
    """Evaluates calls with the variables known so far."""

    def __init__(self, context: RenderContext, variables: Mapping[str, str]) -> None:
        self._context = context
        self._variables = variables
        #: Size of the results of all calls so far.
        self._given_bytes = 0

    def render_all(self, value: T, *, lenient: bool = False) -> T:
        """Render every text inside a value; numbers and the like stay as they are."""
        rendered: object = value
        if isinstance(value, str):
            rendered = self.render(value, lenient=lenient) if "{{" in value else value
        elif isinstance(value, tuple):
            rendered = tuple(self.render_all(item, lenient=lenient) for item in value)
        elif isinstance(value, msgspec.Struct):
            # The engine has functions of its own in the options of its log drivers.
            lenient = lenient or isinstance(value, LogSpec)
            rendered = msgspec.structs.replace(
                value,
                **{
                    member: self.render_all(getattr(value, member), lenient=lenient)
                    for member in value.__struct_fields__
                },
            )
        return rendered  # type: ignore[return-value]  # the same shape with other texts

    def render(self, text: str, *, lenient: bool = False) -> str:
        """Render one text."""
        parts = parse_template(text, lenient=lenient)
        return "".join(part if isinstance(part, str) else self._evaluate(part) for part in parts)

    def _evaluate(self, call: TemplateCall) -> str:
        if call.name.startswith("."):
            result = self._context.platform[call.name]
        else:
            result = _FUNCTIONS[call.name](self, *call.arguments)
        # Counted while it grows: variables that read each other twice double with each step.
        self._given_bytes += len(result.encode("utf-8", "replace"))
        if self._given_bytes > MAX_SPEC_BYTES:
            raise Unrenderable(
                f"the results of its template functions exceed {MAX_SPEC_BYTES // 2**20} MiB together"
            )
        return result

    def api_token(self) -> str:
        return self._context.find_token()

    def proxy(self, target: str) -> str:
        return self._context.find_proxy(*split_target(target))

    def containers_path(self, service: str, port: int) -> str:
        deployment_id = self._context.platform[".DeploymentID"]
        return containers_path(service, deployment_id, port=port)

    def kv_get(self, key: str, default: str | None = None) -> str:
        value = self._context.find_key(key)
        if value is not None:
            return value.decode("utf-8", "replace").replace("\0", "")
        if default is None:
            raise Unrenderable(f"the key {key!r} does not exist")
        return default

    def hostip_for_interface(self, _: str, interface: str) -> str:
        return self._context.interfaces.get(interface, "")

    def env(self, name: str) -> str:
        known = self._variables.get(name)
        return known if known is not None else self._context.injected.get(name, "")


_FUNCTIONS: Mapping[str, Callable[..., str]] = {
    "api_token": _Rendering.api_token,
    "proxy": _Rendering.proxy,
    "sd_deployment_containers_path": _Rendering.containers_path,
    "kv_get": _Rendering.kv_get,
    "hostip_for_interface": _Rendering.hostip_for_interface,
    "env": _Rendering.env,
}
