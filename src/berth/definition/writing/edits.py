"""Writes changed services into a text, and leaves every other character of it as it was."""

import functools
from collections.abc import Iterable, Sequence

from berth.definition.parser import (
    FoundService,
    ParsedDefinition,
    find_services,
    parse_definition,
    read_services,
)
from berth.definition.text.findings import Findings
from berth.definition.text.nodes import Dictionary
from berth.definition.writing.deploy_edits import edit_elsewhere
from berth.definition.writing.key_values import Body
from berth.definition.writing.node_editor import Editor, NoEdit
from berth.definition.writing.service_keys import render_body
from berth.definition.writing.yaml import double_dollars, render_yaml, speaks
from berth.domain.errors import DefinitionInvalid
from berth.domain.ids import ServiceKey
from berth.domain.spec import ServiceSpec


def edit_parsed(text: str, services: Iterable[ServiceSpec]) -> tuple[str, ParsedDefinition]:
    """Write services into a YAML text: comments, order and quotes of all that stays are kept.

    Where single values cannot be changed (aliases, merge keys, several services behind one anchor) the
    whole service is written again, and where that cannot be, the whole text. The answer always holds
    exactly these services, and is returned as it was read again. Raises ``DefinitionInvalid`` when the
    text is invalid.
    """
    wanted = tuple(services)
    start = len(text) - len(text.removeprefix("\ufeff"))
    findings = Findings("content")
    found = find_services(text[start:], findings)
    known = read_services(found, findings)
    findings.raise_problems()
    if known == wanted:
        return text, ParsedDefinition(known, findings.report())
    changes = _Changes(text[start:], found, known=known, wanted=wanted)
    whole: set[ServiceKey] = set()
    for _ in range(2):
        edited = text[:start] + changes.write(whole)
        parsed = _parse(edited)
        if parsed is not None and parsed.services == wanted:
            return edited, parsed
        whole |= _differing(parsed.services, wanted) if parsed else changes.changed
    written = render_yaml(wanted)
    return written, parse_definition(written)


def _parse(text: str) -> ParsedDefinition | None:
    try:
        return parse_definition(text)
    except DefinitionInvalid:
        return None


def _differing(services: Sequence[ServiceSpec], wanted: Sequence[ServiceSpec]) -> set[ServiceKey]:
    """Return the services that are not in a text as they are wanted."""
    if [spec.key for spec in services] != [spec.key for spec in wanted]:
        return {spec.key for spec in wanted}
    return {spec.key for spec, want in zip(services, wanted, strict=True) if spec != want}


class _Changes:
    """What shall be different in a text."""

    def __init__(
        self,
        text: str,
        found: Sequence[FoundService],
        *,
        known: Sequence[ServiceSpec],
        wanted: Sequence[ServiceSpec],
    ) -> None:
        self._text = text
        self._found = {ServiceKey(one.key.value): one for one in found}
        self._known = {spec.key: spec for spec in known}
        self._wanted = {spec.key: spec for spec in wanted}
        self._literal = any(map(speaks, wanted))
        self.changed = {
            key for key, spec in self._wanted.items() if self._known.get(key, spec) != spec
        }

    def write(self, whole: set[ServiceKey]) -> str:
        """Return the text with its changes; services of ``whole`` are written as a whole."""
        editor = Editor(self._text)
        last = list(self._found.values())[-1]
        for one in (one for key, one in self._found.items() if key not in self._wanted):
            editor.try_to(functools.partial(editor.remove_entry, one.key, one.body))
        for key in self.changed:
            self._write_one(key, editor, whole=key in whole)
        added: Body = {
            key: self._body(spec) for key, spec in self._wanted.items() if key not in self._found
        }
        if added:
            editor.try_to(lambda: editor.add_entries(added, behind=(last.key, last.body)))
        return editor.apply()

    def _write_one(self, key: ServiceKey, editor: Editor, *, whole: bool) -> None:
        one = self._found[key]
        old, new = self._body(self._known[key]), self._body(self._wanted[key])
        if not whole and isinstance(one.body, Dictionary):
            mark = editor.mark()
            try:
                rest, wanted = edit_elsewhere(editor, one.body, old=old, new=new)
                editor.edit_mapping(one.body, rest, new=wanted)
            except NoEdit:
                editor.forget_since(mark)
            else:
                return
        editor.try_to(lambda: editor.replace_value(one.key, one.body, value=new))

    def _body(self, spec: ServiceSpec) -> Body:
        body = render_body(spec)
        if self._literal:
            return body
        return {key: double_dollars(value) for key, value in body.items()}
