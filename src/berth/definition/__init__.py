"""Turns the text of a definition into the services it describes, and back.

Belongs here: the language of definitions: YAML with places, the keys of a service, the ``occs:``
directives, the messages that show a user what to fix; edits of a text that keep its layout.
Does not belong here: input or output, clocks, chance, ids, what is done with a service, and whether
a host can run it. The package imports ``berth.domain`` alone. Layers above ``domain`` may import
it, and take only the names below.
"""

from berth.definition.builder_form import parse_builder
from berth.definition.converter import (
    Forms,
    convert_both,
    convert_struct,
    convert_text,
    render_stored,
)
from berth.definition.parser import DefinitionForm, ParsedDefinition, parse_definition
from berth.definition.templates.renderer import (
    RenderContext,
    Unrenderable,
    has_templates,
    render_spec,
)
from berth.definition.writing.defaults import render_with_defaults
from berth.definition.writing.yaml import render_yaml

__all__ = [
    "DefinitionForm",
    "Forms",
    "ParsedDefinition",
    "RenderContext",
    "Unrenderable",
    "convert_both",
    "convert_struct",
    "convert_text",
    "has_templates",
    "parse_builder",
    "parse_definition",
    "render_spec",
    "render_stored",
    "render_with_defaults",
    "render_yaml",
]
