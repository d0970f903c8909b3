"""Reads a whole text: finds its services, whichever form of compose it has."""

from collections.abc import Iterable

import msgspec

from berth.definition.compose import compose
from berth.definition.findings import Findings, ReportEntry
from berth.definition.nodes import KIND_NAMES, Dictionary, Node, Scalar
from berth.definition.place import Place
from berth.definition.scalars import is_null
from berth.definition.service import parse_service
from berth.definition.values import shown
from berth.domain.errors import Problem
from berth.domain.spec import ServiceSpec
from berth.domain.states import Subtype

#: More services are no stack that a person wrote, and each may hold hundreds of ports.
MAX_SERVICES = 1000

#: Keys beside ``services`` and what is said of them; "" says nothing.
_TOP_KEYS = {
    "version": "",
    "services": "",
    "name": "the name of the deployment is used",
    "networks": "containers are not put into networks of their own",
    "volumes": "volumes are made on each host with the engine's own driver",
    "secrets": "secrets are not mounted",
    "configs": "configs are not mounted",
    "include": "other files are not read",
}


class ParsedDefinition(msgspec.Struct, frozen=True):
    """What a text says: its services in the order of the text, and what of it has no effect."""

    services: tuple[ServiceSpec, ...]
    report: tuple[ReportEntry, ...] = ()


def parse_definition(
    text: str, *, subtype: Subtype | None = None, field: str = "content"
) -> ParsedDefinition:
    """Read a definition.

    A ``subtype`` of service wants exactly one service; otherwise one or more will do. ``field``
    names the member of the request that holds the text. Raises ``DefinitionInvalid`` with every
    problem of the text, in the order of its lines.
    """
    findings = Findings(field)
    found = find_services(text, findings)
    services = read_services(found, findings)
    if subtype is Subtype.SERVICE and len(found) > 1:
        Place(findings, found[1].path).problem(
            found[1].key,
            f"the text has {len(found)} services, a service has exactly one: save it as a stack",
        )
    findings.raise_problems()
    return ParsedDefinition(services, findings.report())


class FoundService(msgspec.Struct, frozen=True):
    """A service in the text, not read yet."""

    path: str
    key: Scalar
    body: Node


def read_services(found: Iterable[FoundService], findings: Findings) -> tuple[ServiceSpec, ...]:
    """Read each service; those with problems are missing in the answer."""
    places = ((one, Place(findings, one.path)) for one in found)
    specs = (parse_service(one.key, one.body, at=place) for one, place in places)
    return tuple(spec for spec in specs if spec is not None)


def find_services(text: str, findings: Findings) -> list[FoundService]:
    """Find the services of a text and their places.

    Raises ``DefinitionInvalid`` when the text is no YAML or has no services.
    """
    root = compose(text, findings)
    if root is None or is_null(root):
        findings.refuse(
            Problem("the text is empty: write services with at least one service", 1, 1)
        )
    if not isinstance(root, Dictionary):
        findings.refuse(
            Problem(
                f"the text is {KIND_NAMES[type(root)]}, not a mapping: begin with services and "
                "write each service below it",
                root.line,
                root.column,
            )
        )
    place = Place(findings)
    if "services" in root.entries or not _is_first_version(root):
        found = _below_services(root, place)
    else:
        found = [
            FoundService(name, key, body)
            for name, (key, body) in root.entries.items()
            if name != "version" and not name.startswith("x-")
        ]
    if not found:
        findings.raise_problems()
        place.problem(root, "the text has no services: add at least one below services")
        findings.raise_problems()
    if len(found) > MAX_SERVICES:
        message = f"the text has {len(found)} services: use at most {MAX_SERVICES}"
        findings.refuse(Problem(message, found[0].key.line))
    return found


def _is_first_version(root: Dictionary) -> bool:
    """Tell whether the services stand at the top: no ``version``, or one that begins with 1."""
    version = root.get("version")
    if isinstance(version, Scalar):
        return version.value.split(".")[0] == "1"
    return not root.entries.keys() <= _TOP_KEYS.keys()


def _below_services(root: Dictionary, place: Place) -> list[FoundService]:
    for name, (key, value) in root.entries.items():
        reason = _TOP_KEYS.get(name, f"{shown(name)} is not known at the top of a text")
        if reason and not name.startswith("x-") and not _says_nothing(value):
            place.inside(name).ignored(key, reason)
    services = root.get("services")
    if services is None or is_null(services):
        return []
    if isinstance(services, Dictionary):
        return [
            FoundService(f"services.{name}", key, body)
            for name, (key, body) in services.entries.items()
        ]
    place.inside("services").problem(
        services, f"services must be a mapping of names, not {KIND_NAMES[type(services)]}"
    )
    return []


def _says_nothing(value: Node) -> bool:
    """Tell whether a section only names its members, as ``volumes: {data: }`` does."""
    if not isinstance(value, Dictionary):
        return is_null(value)
    return all(
        is_null(item) or (isinstance(item, Dictionary) and not item.entries)
        for _, item in value.entries.values()
    )
