"""Turns a definition from any form into all of them."""

import msgspec

from berth.definition.builder_form import parse_builder, render_builder
from berth.definition.docker_run.reader import is_docker_run
from berth.definition.parser import DefinitionForm, ParsedDefinition, parse_definition
from berth.definition.writing.docker_run import render_docker_run
from berth.definition.writing.edits import edit_parsed
from berth.definition.writing.key_values import Body
from berth.definition.writing.yaml import render_yaml


class Forms(msgspec.Struct, frozen=True):
    """One definition in every form."""

    parsed: ParsedDefinition
    yaml: str
    #: "" where there is more than one service.
    docker_run: str
    #: The member ``struct`` of the Builder form.
    struct: Body


def convert_text(text: str, form: DefinitionForm = DefinitionForm.AUTO) -> Forms:
    """Read a text and write every form; YAML stays as it is. Raises ``DefinitionInvalid``."""
    parsed = parse_definition(text, form=form)
    return _write(parsed, render_stored(text, parsed, form=form))


def convert_struct(struct: object) -> Forms:
    """Read the Builder form and write every form. Raises ``DefinitionInvalid``."""
    parsed = parse_builder(struct)
    return _write(parsed, render_yaml(parsed.services))


def convert_both(text: str, struct: object, *, form: DefinitionForm = DefinitionForm.AUTO) -> Forms:
    """Write the services of the Builder form into a text, and every form of the outcome.

    Comments, order and quotes of the text are kept. Raises ``DefinitionInvalid``.
    """
    if _is_command(text, form):
        text = render_yaml(parse_definition(text, form=form).services)
    yaml, parsed = edit_parsed(text, parse_builder(struct).services)
    return _write(parsed, yaml)


def render_stored(
    text: str, parsed: ParsedDefinition, *, form: DefinitionForm = DefinitionForm.AUTO
) -> str:
    """Return the YAML that is stored for a text: itself, unless it is a command."""
    return render_yaml(parsed.services) if _is_command(text, form) else text


def _is_command(text: str, form: DefinitionForm) -> bool:
    return form is DefinitionForm.DOCKER_RUN or (
        form is DefinitionForm.AUTO and is_docker_run(text)
    )


def _write(parsed: ParsedDefinition, yaml: str) -> Forms:
    single = len(parsed.services) == 1
    return Forms(
        parsed=parsed,
        yaml=yaml,
        docker_run=render_docker_run(parsed.services[0]) if single else "",
        struct=render_builder(parsed.services),
    )
