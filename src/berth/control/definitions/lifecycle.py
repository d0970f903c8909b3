"""Stored services and stacks: texts that deployments copy."""

import msgspec

from berth.control.naming import check_id, check_name, to_id
from berth.definition import parse_definition, render_stored
from berth.domain.errors import Conflict, DefinitionInvalid, Invalid, NotFound, Problem
from berth.domain.records import Definition, definition_key
from berth.domain.report import ReportEntry
from berth.domain.states import Subtype
from berth.domain.table import TableView
from berth.store.draft import Draft


class CheckedContent(msgspec.Struct, frozen=True, kw_only=True):
    """A text that was parsed outside the writer without a problem."""

    content: str
    #: Key of its first service, from which missing names are made.
    first_key: str
    #: What of it is not taken over word by word.
    report: tuple[ReportEntry, ...] = ()


class DefinitionValues(msgspec.Struct, frozen=True, kw_only=True):
    """Values of a definition; "" and None are missing members."""

    definition_id: str = ""
    name: str = ""
    text: CheckedContent | None = None

    @property
    def report(self) -> tuple[ReportEntry, ...]:
        """What of the text is not taken over word by word."""
        return self.text.report if self.text else ()


def check_content(content: str, subtype: Subtype, *, field: str = "content") -> CheckedContent:
    """Parse a text; what is stored is YAML. A long text takes a while.

    Raises DefinitionInvalid with every problem.
    """
    parsed = parse_definition(content, subtype=subtype, field=field)
    stored = render_stored(content, parsed)
    return CheckedContent(
        content=stored, first_key=parsed.services[0].key, report=parsed.whole_report
    )


def create_definition(draft: Draft, subtype: Subtype, *, values: DefinitionValues) -> Definition:
    """Store a text under the id of the request, or one made from its name or first service."""
    if values.text is None:
        problem = Problem("the definition's text is missing: write content", 1, 1)
        raise DefinitionInvalid([problem], code="required")
    name = values.name or values.definition_id
    if not name and subtype is Subtype.STACK:
        raise Invalid(
            "a stack needs service_name or service_id", code="required", field="service_name"
        )
    name = name or values.text.first_key
    field = "service_id" if values.definition_id else "service_name"
    definition_id = check_id(values.definition_id or to_id(name), field=field)
    if definition_key(subtype, definition_id) in draft.definitions:
        raise Conflict(
            f"{subtype.value} {definition_id!r} exists already",
            code="id_in_use",
            field="service_id",
        )
    definition = Definition(
        definition_id=definition_id,
        name=check_name(name, field="service_name"),
        subtype=subtype,
        content=values.text.content,
        created_at=draft.now,
        updated_at=draft.now,
    )
    draft.definitions.put(definition)
    return definition


def update_definition(
    draft: Draft, subtype: Subtype, *, definition_id: str, values: DefinitionValues
) -> Definition:
    """Change name or text; the id stays, and deployments keep their own copies."""
    old = get_definition(draft.definitions, subtype, definition_id=definition_id)
    new = msgspec.structs.replace(
        old,
        name=check_name(values.name or old.name, field="service_name"),
        content=values.text.content if values.text else old.content,
        updated_at=draft.now,
    )
    draft.definitions.put(new)
    return new


def delete_definition(draft: Draft, subtype: Subtype, *, definition_id: str) -> None:
    """Drop a text; deployments keep their own copies."""
    draft.definitions.drop(
        get_definition(draft.definitions, subtype, definition_id=definition_id).id
    )


def get_definition(
    definitions: TableView[Definition], subtype: Subtype, *, definition_id: str
) -> Definition:
    """Return the definition named in a path; raises NotFound."""
    found = definitions.get(definition_key(subtype, definition_id))
    if found is None:
        raise NotFound(
            f"{subtype.value} {definition_id!r} does not exist", code=f"unknown_{subtype.value}"
        )
    return found


def find_definition(
    definitions: TableView[Definition], definition_id: str, *, subtype: Subtype | None
) -> Definition | None:
    """Return the definition of that id; without a subtype a service comes before a stack."""
    kinds = (subtype,) if subtype else (Subtype.SERVICE, Subtype.STACK)
    for kind in kinds:
        found = definitions.get(definition_key(kind, definition_id))
        if found is not None:
            return found
    return None
