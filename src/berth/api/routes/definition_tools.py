"""The definition language: texts and forms are checked and converted, and never stored."""

from collections.abc import Callable
from functools import partial
from typing import Any

from berth.api.endpoints.auth import Needs
from berth.api.endpoints.routing import Endpoints
from berth.api.http.request_body import check_values, parse_json
from berth.api.http.responses import Json
from berth.api.http.worker_thread import run_aside
from berth.api.schemas.definition_tools import (
    Checked,
    Converted,
    LanguageBody,
    render_checked,
    render_converted,
    render_problems,
)
from berth.api.schemas.definitions import EditorBody
from berth.definition import (
    DefinitionForm,
    convert_both,
    convert_struct,
    convert_text,
    parse_builder,
    parse_definition,
)
from berth.domain.errors import DefinitionInvalid, Invalid, Problem

endpoints = Endpoints("Definition")

#: A strange character is one of the things that can be wrong with a definition.
_parse = partial(parse_json, any_text=True)


@endpoints.post("/api/v2/definitions/validate", needs=Needs(reads=True), parse=_parse)
async def validate_definition(body: LanguageBody) -> Json[Checked]:
    """Return what a definition says, or what is wrong with it."""
    return Json(await run_aside(lambda: _answer(body, _check)))


@endpoints.post("/api/v2/definitions/convert", needs=Needs(reads=True), parse=_parse)
async def convert_definition(body: LanguageBody) -> Json[Checked | Converted]:
    """Write a definition in every form.

    A text together with a form of the Builder becomes that text with the services of the form.
    """
    return Json(await run_aside(lambda: _answer(body, _convert)))


def _answer(body: LanguageBody, answer: Callable[[LanguageBody], Checked]) -> Checked:
    """Answer with what is wrong, whatever that is."""
    try:
        _check_members(body)
        return answer(body)
    except DefinitionInvalid as error:
        return render_problems(error.problems, error.report)
    except Invalid as error:
        return render_problems([Problem(error.message, field=error.field)])


def _check(body: LanguageBody) -> Checked:
    if body.content:
        return render_checked(parse_definition(body.content, form=DefinitionForm(body.form)))
    return render_checked(parse_builder(_struct(body)))


def _convert(body: LanguageBody) -> Checked:
    if _has_both(body):
        return render_converted(
            convert_both(body.content, _struct(body), form=DefinitionForm(body.form))
        )
    if body.content:
        return render_converted(convert_text(body.content, DefinitionForm(body.form)))
    return render_converted(convert_struct(_struct(body)))


def _struct(body: LanguageBody) -> Any:
    return body.editor.get("struct")


def _has_both(body: LanguageBody) -> bool:
    """Return whether a text comes with a form of ours, and not with that of another editor."""
    return (
        bool(body.content and body.editor) and EditorBody.model_validate(body.editor).has_services
    )


def _check_members(body: LanguageBody) -> None:
    """Refuse members of a wrong kind; raises Invalid."""
    if not isinstance(body.content, str | None):
        raise Invalid("content is no text: send the text of a definition", field="content")
    if body.form not in [form.value for form in DefinitionForm]:
        raise Invalid("form is unknown: use auto, yaml or docker_run", field="form")
    if not isinstance(body.editor, dict | None):
        raise Invalid("editorTemp is no object: send its member struct", field="editorTemp")
    if not body.content and not body.editor:
        raise Invalid("there is nothing to read: send content, or editorTemp", field="content")
    check_values(body.editor)
