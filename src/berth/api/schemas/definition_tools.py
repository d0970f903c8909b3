"""Definitions that are checked or converted, and never stored."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from pydantic import Field, model_validator

from berth.api.http.params import Body
from berth.definition import Forms, ParsedDefinition
from berth.domain.errors import Problem
from berth.domain.ids import ServiceKey
from berth.domain.report import ReportEntry
from berth.domain.spec import ServiceSpec


class LanguageBody(Body):
    """A definition in any form; whatever stands here is answered with what is wrong with it."""

    content: Any = Field(None, description="the text of a definition")
    form: Any = Field("auto", description="auto, yaml or docker_run")
    editor: Any = Field(None, alias="editorTemp", description="the Builder form")

    @model_validator(mode="before")
    @classmethod
    def _take_any(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {}


class ProblemAnswer(msgspec.Struct, frozen=True):
    """One thing wrong; line and column are 0 where there is no text."""

    message: str
    line: int
    column: int
    field: str


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What a definition says, or what is wrong with it."""

    valid: bool
    errors: list[ProblemAnswer] = []
    report: tuple[ReportEntry, ...] = ()
    services: dict[ServiceKey, ServiceSpec] = {}


class Converted(Checked, frozen=True, kw_only=True):
    """What a definition says, in every form."""

    yaml: str
    #: Absent where there is more than one service.
    docker_run: str | msgspec.UnsetType = msgspec.UNSET
    editor: Mapping[str, Any] = msgspec.field(name="editorTemp")


def render_checked(parsed: ParsedDefinition) -> Checked:
    """Render a valid definition."""
    return Checked(valid=True, report=parsed.whole_report, services=_by_key(parsed))


def render_converted(forms: Forms) -> Converted:
    """Render a definition in all its forms."""
    return Converted(
        valid=True,
        report=forms.parsed.whole_report,
        services=_by_key(forms.parsed),
        yaml=forms.yaml,
        docker_run=forms.docker_run or msgspec.UNSET,
        editor={"struct": forms.struct},
    )


def render_problems(problems: Sequence[Problem], report: tuple[ReportEntry, ...] = ()) -> Checked:
    """Render what is wrong with a definition, and what of it has no effect."""
    errors = [ProblemAnswer(each.message, each.line, each.column, each.field) for each in problems]
    return Checked(valid=False, errors=errors, report=report)


def _by_key(parsed: ParsedDefinition) -> dict[ServiceKey, ServiceSpec]:
    return {spec.key: spec for spec in parsed.services}
