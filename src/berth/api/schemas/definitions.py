"""Stored services and stacks."""

from typing import Any

import msgspec
from pydantic import Field

from berth.api.http.params import Body, Line
from berth.domain.records import Definition
from berth.domain.report import ReportEntry


class EditorBody(Body):
    """The Builder form of a definition, read where there is no text."""

    #: An object with the member ``services``.
    struct: Any = None

    @property
    def has_services(self) -> bool:
        """Whether it is a form of ours, and not the state of another program's editor."""
        return isinstance(self.struct, dict) and "services" in self.struct


class DefinitionBody(Body):
    """Body of the creation or change of a service or stack."""

    service_id: Line | None = None
    service_name: Line | None = None
    content: str | None = None
    editor: EditorBody | None = Field(None, alias="editorTemp")


class DefinitionAnswer(msgspec.Struct, frozen=True):
    """A stored service or stack."""

    service_id: str
    service_name: str
    subtype: str
    content: str


class OneService(msgspec.Struct, frozen=True, omit_defaults=True):
    """Envelope of a service."""

    service: DefinitionAnswer
    #: What of a text that was sent is not taken over word by word; left out when that is nothing.
    report: tuple[ReportEntry, ...] = ()


class ManyServices(msgspec.Struct, frozen=True):
    """Envelope of services."""

    services: list[DefinitionAnswer]


class OneStack(msgspec.Struct, frozen=True, omit_defaults=True):
    """Envelope of a stack."""

    stack: DefinitionAnswer
    #: What of a text that was sent is not taken over word by word; left out when that is nothing.
    report: tuple[ReportEntry, ...] = ()


class ManyStacks(msgspec.Struct, frozen=True):
    """Envelope of stacks."""

    stacks: list[DefinitionAnswer]


def render_definition(definition: Definition) -> DefinitionAnswer:
    """Render a stored text."""
    return DefinitionAnswer(
        service_id=definition.definition_id,
        service_name=definition.name,
        subtype=definition.subtype.value,
        content=definition.content,
    )
