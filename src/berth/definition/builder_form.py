"""The Builder form: services as the structured JSON that a form for people is made of."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from berth.definition.parser import MAX_TEMPLATES, ParsedDefinition, parse_root
from berth.definition.service.keys.environment import HEALTH_PREFIX
from berth.definition.text.findings import Findings
from berth.definition.text.node_factory import find_declarations, make_mapping, make_node
from berth.definition.text.nodes import Dictionary, Node
from berth.definition.text.position import Position
from berth.definition.text.shell_words import TextMark
from berth.definition.writing.key_values import Body, Value
from berth.definition.writing.service_keys import render_body, render_constraints
from berth.domain.errors import Problem
from berth.domain.spec import PortSpec, ServiceSpec
from berth.domain.states import Subtype

#: Most values in one form.
MAX_VALUES = 100_000
MAX_DEPTH = 40

#: Members that become ``occs:`` entries of the environment.
_SETTINGS = ("description", "availability", "availability_context", "scheduler")
_COMMANDS = ("command", "entrypoint")
#: Removes the command of the image; nothing at all leaves it as it is.
_NO_WORDS: list[Value] = [""]
#: The form has no lines.
_NOWHERE = TextMark(0, -1, -1)
_NODE = make_node(None, _NOWHERE)

Members: TypeAlias = Mapping[str, object]
#: Turns an item of a list into what the key of a service takes.
Item: TypeAlias = Callable[[Members, Position], object]


def render_builder(services: Iterable[ServiceSpec]) -> Body:
    """Write services as the member ``struct`` of the form; reading it returns the same services."""
    return {"services": [_render_service(spec) for spec in services]}


def _render_service(spec: ServiceSpec) -> Body:
    container, rules = spec.container, spec.placement
    body = render_body(spec)
    body.pop("environment", None)
    for name in _COMMANDS:
        words = getattr(container, name)
        body |= {name: _NO_WORDS} if words == () else {name: "''"} if words == ("",) else {}
    checks, variables = list[Value](), list[Value]()
    for name, value in container.environment:
        if name.startswith(HEALTH_PREFIX):
            checks.append({"label": name.removeprefix(HEALTH_PREFIX), "url": value})
        else:
            variables.append({"name": name, "value": value})
    lists: Body = {
        "environment": variables,
        "health_checks": checks,
        "constraints": list(render_constraints(rules)),
        "ports": [_render_port(port) for port in container.ports],
        "links": [{"service": each.service, "alias": each.alias} for each in container.links],
        "labels": [{"name": name, "value": value} for name, value in container.labels],
    }
    return {
        "name": spec.key,
        "description": spec.description,
        "scheduler": rules.policy.value,
        "availability": rules.availability.value,
        "availability_context": rules.tag,
        **body,
        **{name: items for name, items in lists.items() if items},
    }


def _render_port(port: PortSpec) -> Body:
    found: Body = {"container": port.container, "protocol": port.protocol}
    if port.host is not None:
        found["host"] = port.host
    return {**found, "ip": port.ip} if port.ip else found


def parse_builder(
    struct: object, *, subtype: Subtype | None = None, field: str = "editorTemp"
) -> ParsedDefinition:
    """Read the member ``struct`` of the form, as JSON has it.

    Raises ``DefinitionInvalid`` as the parser of texts does; no problem has a line.
    """
    findings = Findings(field)
    _check_size(struct, findings)
    services: dict[str, Node] = {}
    for index, item in enumerate(_list_of_services(struct, findings)):
        path = f"services.{index}"
        name = item.get("name") if isinstance(item, Mapping) else None
        if not isinstance(item, Mapping) or not isinstance(name, str) or not name:
            findings.add_problem(Problem("a service needs a name: add name", field=path))
        elif name in services:
            problem = Problem(f'two services are called "{name[:60]}": rename one', field=path)
            findings.add_problem(problem)
        else:
            body = _read_service(item, Position(findings, f"services.{name}"))
            services[name] = make_node(body, _NOWHERE)
    if not services:
        findings.raise_problems()
    bodies = [body for body in services.values() if isinstance(body, Dictionary)]
    sections = {"services": make_mapping(services, _NOWHERE), **find_declarations(bodies)}
    return parse_root(make_mapping(sections, _NOWHERE), findings, subtype=subtype)


def _list_of_services(struct: object, findings: Findings) -> list[object]:
    found = struct.get("services") if isinstance(struct, Mapping) else None
    if not isinstance(found, list) or not found:
        message = (
            "the form has no services: struct.services must be a list with at least one service"
        )
        findings.refuse(Problem(message, field="struct.services"))
    return found


def _check_size(struct: object, findings: Findings) -> None:
    """Refuse what is too large or too deep for a form, before anything is made of it."""
    waiting, count, functions = [(struct, 1)], 0, 0
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, str):
            functions += value.count("{{")
        members = list(value.values()) if isinstance(value, dict) else value
        if isinstance(members, list):
            count += len(members)
            waiting.extend((each, depth + 1) for each in members)
        if count > MAX_VALUES or depth > MAX_DEPTH or functions > MAX_TEMPLATES:
            findings.refuse(Problem("the form is too large, or nested too deeply"))


def _read_service(form: Members, at: Position) -> dict[str, object]:
    """Turn the members of a form into the keys of a service; what is empty counts as absent."""
    given = {
        name: value
        for name, value in form.items()
        if value not in (None, "", [], {}) and name != "name"
    }
    for name in _COMMANDS:
        if given.get(name) == _NO_WORDS:
            given[name] = []
    entries = [
        f"occs:{name}={value}" for name in _SETTINGS if (value := _take_text(given, name, at=at))
    ]
    for name, form_of in _ENTRIES.items():
        items = _take_list(given, name, at=at)
        entries += [_write_item(item, form_of, at=at.inside(name).inside(i)) for i, item in items]
    if entries:
        given["environment"] = entries
    for name, read in _ITEMS.items():
        if isinstance(items_of := given.get(name), list):
            given[name] = [
                read(item, at.inside(name).inside(i)) if isinstance(item, Mapping) else item
                for i, item in enumerate(items_of)
            ]
    labels = given.get("labels")
    if isinstance(labels, list) and all(isinstance(each, tuple) for each in labels):
        given["labels"] = dict(labels)
    return given


def _take_text(given: dict[str, object], name: str, *, at: Position) -> str:
    value = given.pop(name, "")
    if isinstance(value, str):
        return value
    at.inside(name).problem(_NODE, "text is expected here")
    return ""


def _take_list(given: dict[str, object], name: str, *, at: Position) -> list[tuple[int, object]]:
    value = given.pop(name, [])
    if isinstance(value, Mapping):
        value = [{"name": key, "value": each} for key, each in value.items()]
    if isinstance(value, list):
        return list(enumerate(value))
    at.inside(name).problem(_NODE, "a list is expected here")
    return []


def _write_item(item: object, form: tuple[str, str, str, str], *, at: Position) -> str:
    """Write an entry of the environment; a text stands for itself."""
    prefix, name, join, value = form
    if isinstance(item, str):
        return prefix + item
    if isinstance(item, Mapping):
        return prefix + _member(item, name, at=at) + join + _member(item, value, at=at)
    at.problem(_NODE, f"a mapping with {name} and {value} is expected here")
    return ""


def _member(item: Members, name: str, *, at: Position) -> str:
    value = item.get(name, "")
    if isinstance(value, str | int | float) and not (isinstance(value, bool)):
        return str(value)
    at.inside(name).problem(_NODE, "text is expected here")
    return ""


def _read_port(item: Members, at: Position) -> object:
    return {_PORT.get(name, name): value for name, value in item.items() if value is not None}


def _read_link(item: Members, at: Position) -> object:
    service, alias = (_member(item, name, at=at) for name in ("service", "alias"))
    return f"{service}:{alias or service}"


def _read_label(item: Members, at: Position) -> object:
    return _member(item, "name", at=at), _member(item, "value", at=at)


_PORT = {"container": "target", "host": "published", "ip": "host_ip"}
_ITEMS: Mapping[str, Item] = {"ports": _read_port, "links": _read_link, "labels": _read_label}
#: Lists that become entries of the environment: what stands before, between and after.
_ENTRIES = {
    "constraints": ("constraint:", "name", "==", "value"),
    "health_checks": (HEALTH_PREFIX, "label", "=", "url"),
    "environment": ("", "name", "=", "value"),
}
