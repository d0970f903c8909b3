"""The text of a deployment or definition: found and parsed before the writer sees it."""

import msgspec

from berth.control.definitions.lifecycle import find_definition
from berth.control.naming import check_id, check_name
from berth.definition import parse_definition, render_stored, render_with_defaults
from berth.domain.errors import DefinitionInvalid, Invalid, Problem
from berth.domain.records import Definition
from berth.domain.report import ReportEntry, list_ignored
from berth.domain.spec import ServiceSpec
from berth.domain.states import Subtype
from berth.domain.table import TableView


class GivenText(msgspec.Struct, frozen=True, kw_only=True):
    """A definition as a request names it; "" and None are missing members."""

    content: str = ""
    service_id: str = ""
    service_name: str = ""
    subtype: Subtype | None = None


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A definition, ready to be a deployment's own copy."""

    content: str
    services: tuple[ServiceSpec, ...]
    #: What the request named; None leaves it to the number of services.
    subtype: Subtype | None
    service_id: str
    service_name: str
    #: What of it is not taken over word by word; lines count in the text as it was sent.
    report: tuple[ReportEntry, ...] = ()
    #: What of that has no effect, as it is kept with a deployment.
    ignored: tuple[str, ...] = ()


def find_text(definitions: TableView[Definition], given: GivenText) -> GivenText:
    """Fill in the stored text that a request names by its id; a text of its own stays.

    Raises DefinitionInvalid when the request has neither.
    """
    if given.content:
        return given
    if not given.service_id:
        message = "the text is missing: send stack.content, or the id of a stored service or stack"
        raise DefinitionInvalid([Problem(message, 1, 1)], code="required", field="stack.content")
    stored = find_definition(definitions, given.service_id, subtype=given.subtype)
    if stored is None:
        raise Invalid(
            f"no service or stack {given.service_id!r} is stored",
            code="unknown_service",
            field="stack.service_id",
        )
    return GivenText(
        content=stored.content,
        service_id=stored.definition_id,
        service_name=given.service_name or stored.name,
        subtype=stored.subtype,
    )


def read_text(given: GivenText, *, field: str = "stack.content") -> Text:
    """Parse a text and write the default placement entries into it; a long one takes a while.

    Raises DefinitionInvalid with every problem of the text.
    """
    parsed = parse_definition(given.content, subtype=given.subtype, field=field)
    first = parsed.services[0].key
    service_id = given.service_id or first
    return Text(
        content=render_with_defaults(render_stored(given.content, parsed)),
        services=parsed.services,
        subtype=given.subtype,
        service_id=check_id(service_id, field="stack.service_id"),
        service_name=check_name(given.service_name or first, field="stack.service_name"),
        report=parsed.whole_report,
        ignored=list_ignored(parsed.whole_report),
    )
