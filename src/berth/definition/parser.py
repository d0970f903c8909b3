"""Reads a whole text: finds its services, whichever form of compose it has."""

import enum
import itertools
import re
from collections.abc import Iterable

import msgspec

from berth.definition.docker_run.reader import is_docker_run, read_docker_run
from berth.definition.service.cross_checks import Member, agree
from berth.definition.service.default_network import drop_lost_links, join_default_network
from berth.definition.service.reader import parse_service
from berth.definition.service.stack import Stack, find_stack, report_networks, report_volumes
from berth.definition.templates.language import check_templates, find_uses
from berth.definition.text.findings import Findings, problem_in
from berth.definition.text.inheritance import inherit
from berth.definition.text.interpolation import interpolate, speaks
from berth.definition.text.nodes import KIND_NAMES, Dictionary, Node, Scalar
from berth.definition.text.position import Position
from berth.definition.text.scalars import is_null
from berth.definition.text.values import shown
from berth.definition.text.yaml_reader import compose
from berth.domain.errors import Problem
from berth.domain.report import ReportEntry
from berth.domain.spec import MAX_SPEC_BYTES, ServiceSpec
from berth.domain.states import Subtype

#: No person writes a stack with more services, and each may hold hundreds of ports.
MAX_SERVICES = 1000

#: More would take too long to look through.
MAX_DOLLARS = 30_000
MAX_TEMPLATES = 5_000

#: Keys beside ``services`` and what is reported of them; "" for nothing.
_TOP_KEYS = {
    "version": "",
    "services": "",
    "name": "the name of the deployment is used",
    "networks": "",
    "volumes": "",
    "secrets": "secrets are not mounted",
    "configs": "configs are not mounted",
    "include": "other files are not read",
}


#: Most services that a report names.
_MOST_NAMED = 5


class ParsedDefinition(msgspec.Struct, frozen=True):
    """What a text says: its services in the order of the text, and what of it has no effect."""

    services: tuple[ServiceSpec, ...]
    report: tuple[ReportEntry, ...] = ()
    #: What Compose gives without a word being written, and a fleet does not.
    missing: tuple[ReportEntry, ...] = ()

    @property
    def whole_report(self) -> tuple[ReportEntry, ...]:
        """All that its author should know, in the order of the text."""
        return tuple(sorted((*self.report, *self.missing), key=lambda entry: entry.line))


class FoundService(msgspec.Struct, frozen=True):
    """A service in the text, not read yet."""

    path: str
    key: Scalar
    body: Node
    #: What all services of the text share.
    stack: Stack


class DefinitionForm(enum.Enum):
    """How a text is written."""

    #: Recognised by how it begins.
    AUTO = "auto"
    YAML = "yaml"
    DOCKER_RUN = "docker_run"


def parse_definition(
    text: str,
    *,
    subtype: Subtype | None = None,
    field: str = "content",
    form: DefinitionForm = DefinitionForm.AUTO,
) -> ParsedDefinition:
    """Read a definition.

    A ``subtype`` of service wants exactly one service; otherwise one or more will do. ``field``
    names the member of the request that holds the text. Raises ``DefinitionInvalid`` with every
    problem of the text, in the order of its lines.
    """
    findings = Findings(field)
    return _finish(find_services(text, findings, form=form), findings, subtype=subtype)


def parse_root(
    root: Dictionary, findings: Findings, *, subtype: Subtype | None = None
) -> ParsedDefinition:
    """Read a definition whose nodes were not made from a text."""
    return _finish(find_below(root, findings), findings, subtype=subtype)


def _finish(
    found: list[FoundService], findings: Findings, *, subtype: Subtype | None
) -> ParsedDefinition:
    services = read_services(found, findings)
    if subtype is Subtype.SERVICE and len(found) > 1:
        Position(findings, found[1].path).problem(
            found[1].key,
            f"the text has {len(found)} services, but a service must have exactly one: save it as a stack",
        )
    findings.raise_problems()
    return ParsedDefinition(services, findings.report(), _find_missing(services, found))


def _find_missing(
    services: tuple[ServiceSpec, ...], found: list[FoundService]
) -> tuple[ReportEntry, ...]:
    """Report that services without networks do not find each other by name, as with Compose.

    A text that is written for Berth expects no names.
    """
    bodies = {one.key.value: one for one in found}
    apart = [
        bodies[spec.key]
        for spec in services
        if spec.quantity and not (spec.container.networks or spec.container.network_mode)
    ]
    if len(apart) < 2 or any(speaks(one.body) for one in found):
        return ()
    names = ", ".join(one.key.value for one in apart[:_MOST_NAMED])
    more = f" and {len(apart) - _MOST_NAMED} more" if len(apart) > _MOST_NAMED else ""
    reason = (
        f"{names}{more} name no networks, so they do not find each other by name: give them a network, "
        "which reaches as far as a host, or look others up in service discovery"
    )
    return (ReportEntry(apart[0].key.line, "services", "ignored", reason),)


def read_services(found: Iterable[FoundService], findings: Findings) -> tuple[ServiceSpec, ...]:
    """Read each service, then hold them together; those with problems are missing in the answer."""
    read = []
    for one in found:
        place = Position(findings, one.path)
        spec = parse_service(one.key, one.body, at=place, stack=one.stack)
        check_templates(one.body, place, services=one.stack.services)
        # A text with problems is refused: nobody asks what its functions need.
        if spec is not None and not findings.has_problems:
            spec = msgspec.structs.replace(spec, uses=find_uses(spec.container))
            _check_size(spec, one.key, at=place)
        if spec is not None:
            read.append(Member(spec, one.body, place))
    joined = join_default_network(agree(read))
    _report_bridges(read, joined)
    linked = tuple(drop_lost_links(spec) for spec in joined)
    _report_lost_links(read, linked)
    return linked


def _report_bridges(read: Iterable[Member], joined: Iterable[ServiceSpec]) -> None:
    """Report services that named the engine's bridge, but are on the default network for links."""
    for member, spec in zip(read, joined, strict=True):
        if member.spec.container.network_mode != spec.container.network_mode:
            node, place = member.entry("network_mode", "net")
            place.translated(node, "the service has links: it joins the network default instead")


def _report_lost_links(read: Iterable[Member], linked: Iterable[ServiceSpec]) -> None:
    """Report links to other containers that a network of the deployment does not allow."""
    for member, spec in zip(read, linked, strict=True):
        if member.spec.container.external_links != spec.container.external_links:
            node, place = member.entry("external_links")
            place.ignored(
                node,
                "other containers can only be linked on the engine's own bridge: leave out networks, "
                "links and network_mode of the service",
            )


def _check_size(spec: ServiceSpec, key: Scalar, *, at: Position) -> None:
    """Refuse what could not be sent to a host."""
    if len(msgspec.msgpack.encode(spec.container)) > MAX_SPEC_BYTES:
        at.problem(
            key,
            f"the service is larger than {MAX_SPEC_BYTES // 2**20} MiB once its aliases are written "
            "out: use fewer of them",
        )


def find_services(
    text: str, findings: Findings, *, form: DefinitionForm = DefinitionForm.AUTO
) -> list[FoundService]:
    """Find the services of a text and their places.

    Raises ``DefinitionInvalid`` when the text is not of its form, or has no services.
    """
    is_command = form is DefinitionForm.DOCKER_RUN or (
        form is DefinitionForm.AUTO and is_docker_run(text)
    )
    root = read_docker_run(text, findings) if is_command else compose(text, findings)
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
    _refuse_many(text, "{{", findings=findings, most=MAX_TEMPLATES, what="template functions")
    variables = not is_command and "$" in text
    if variables:
        _refuse_many(text, "$", findings=findings, most=MAX_DOLLARS, what="dollar signs")
    return find_below(root, findings, variables=variables)


def _refuse_many(text: str, mark: str, *, findings: Findings, most: int, what: str) -> None:
    """Refuse a text that would take too long to look through; names the first place too many."""
    count = text.count(mark)
    if count > most:
        place = next(itertools.islice(re.finditer(re.escape(mark), text), most, None)).start()
        message = f"the text has {count} {what}: use at most {most}"
        findings.refuse(problem_in(text, place, message=message))


def find_below(
    root: Dictionary, findings: Findings, *, variables: bool = False
) -> list[FoundService]:
    """Find the services below the top of a text; raises ``DefinitionInvalid`` for none.

    ``variables`` means that a dollar sign in it stands for a variable.
    """
    place = Position(findings)
    first_version = "services" not in root.entries and _is_first_version(root)
    named = _at_the_top(root) if first_version else _below_services(root, place)
    if not named:
        findings.raise_problems()
        place.problem(root, "the text has no services: add at least one below services")
        findings.raise_problems()
    if len(named) > MAX_SERVICES:
        message = f"the text has {len(named)} services: use at most {MAX_SERVICES}"
        findings.refuse(Problem(message, named[0][1].line))
    sections = [] if first_version else _sections(root)
    if variables:
        interpolate([(path, body) for path, _, body in named], sections, at=place)
    bodies = inherit(
        {key.value: body for _, key, body in named},
        {key.value: place.inside(path) for path, key, _ in named},
    )
    for name, section in sections:
        _SECTIONS[name](section, place.inside(name))
    stack = find_stack(root, bodies, first_version=first_version)
    return [FoundService(path, key, bodies[key.value], stack) for path, key, _ in named]


def _sections(root: Dictionary) -> list[tuple[str, Node]]:
    return [(name, root.entries[name][1]) for name in _SECTIONS if name in root.entries]


_SECTIONS = {"volumes": report_volumes, "networks": report_networks}


def _is_first_version(root: Dictionary) -> bool:
    """Return whether the services stand at the top: no ``version``, or one that begins with 1."""
    version = root.get("version")
    if isinstance(version, Scalar):
        return version.value.split(".")[0] == "1"
    return not root.entries.keys() <= _TOP_KEYS.keys()


def _at_the_top(root: Dictionary) -> list[tuple[str, Scalar, Node]]:
    return [
        (name, key, body)
        for name, (key, body) in root.entries.items()
        if name != "version" and not name.startswith("x-")
    ]


def _below_services(root: Dictionary, place: Position) -> list[tuple[str, Scalar, Node]]:
    """Return path, key and body of each service, and report what stands beside them."""
    for name, (key, value) in root.entries.items():
        reason = _TOP_KEYS.get(name, f"{shown(name)} is not known at the top level of a text")
        if reason and not name.startswith("x-") and not _says_nothing(value):
            place.inside(name).ignored(key, reason)
    services = root.get("services")
    if services is None or is_null(services):
        return []
    if isinstance(services, Dictionary):
        return [(f"services.{name}", key, body) for name, (key, body) in services.entries.items()]
    place.inside("services").problem(
        services, f"services must be a mapping of names, not {KIND_NAMES[type(services)]}"
    )
    return []


def _says_nothing(value: Node) -> bool:
    return is_null(value) or (isinstance(value, Dictionary) and not value.entries)
