"""Writes missing placement entries into a text, and leaves every other character as it was."""

from collections.abc import Iterator, Mapping
from itertools import islice

import msgspec

from berth.definition.parser import FoundService, find_services, parse_definition, read_services
from berth.definition.service.keys.environment import split_directive
from berth.definition.text.findings import Findings
from berth.definition.text.nodes import Dictionary, Node, Scalar, Sequence
from berth.definition.text.values import filled
from berth.domain.errors import DefinitionInvalid
from berth.domain.spec import ServiceSpec
from berth.domain.states import Availability, Policy

#: Where each directive ends up in ``PlacementRules``.
_MEMBERS = {"availability": "availability", "scheduler": "policy"}
_DEFAULTS: Mapping[str, Availability | Policy] = {
    "availability": Availability.PER_POOL,
    "scheduler": Policy.RANDOM,
}


class _Edit(msgspec.Struct, frozen=True):
    """Text to insert before a character."""

    index: int
    text: str


def render_with_defaults(
    text: str,
    *,
    availability: Availability = Availability.PER_POOL,
    scheduler: Policy = Policy.RANDOM,
) -> str:
    """Write ``occs:availability`` and ``occs:scheduler`` into each service that lacks them.

    Safe to repeat. A service whose environment comes from an anchor or a merge key is left alone,
    and so is a text that is invalid or would not say exactly this afterwards.
    """
    bare = text.removeprefix("\ufeff")
    wanted: dict[str, Availability | Policy] = {
        "availability": availability,
        "scheduler": scheduler,
    }
    findings = Findings("content")
    try:
        found = find_services(bare, findings)
        specs = read_services(found, findings)
        findings.raise_problems()
        edits: set[_Edit] = set()
        expected = tuple(
            _plan(bare, one, spec=spec, wanted=wanted, edits=edits)
            for one, spec in zip(found, specs, strict=True)
        )
        rendered = _apply(bare, edits)
        if not edits or parse_definition(rendered).services != expected:
            return text
    except DefinitionInvalid:
        return text
    return text[: len(text) - len(bare)] + rendered


def _plan(
    text: str,
    found: FoundService,
    *,
    spec: ServiceSpec,
    wanted: Mapping[str, Availability | Policy],
    edits: set[_Edit],
) -> ServiceSpec:
    """Add the edit of one service, and give what the service shall be afterwards."""
    body = found.body
    assert isinstance(body, Dictionary)
    known = set(_directives(body.get("environment")))
    # What another key of the service chose (a global mode) is no default any more.
    missing = {
        key: chosen
        if (chosen := getattr(spec.placement, _MEMBERS[key])) != default
        else wanted[key]
        for key, default in _DEFAULTS.items()
        if key not in known
    }
    edit = _edit_service(text, body, missing=missing) if missing else None
    if edit is not None:
        edits.add(edit)
    elif not missing or "extends" not in body.entries:
        return spec
    changes = {_MEMBERS[key]: value for key, value in missing.items()}
    return msgspec.structs.replace(spec, placement=filled(spec.placement, changes))


def _directives(environment: Node | None) -> Iterator[str]:
    if isinstance(environment, Dictionary):
        names = list(environment.entries)
    elif isinstance(environment, Sequence):
        names = [
            item.value.partition("=")[0] for item in environment.items if isinstance(item, Scalar)
        ]
    else:
        names = []
    for name in names:
        directive = split_directive(name)
        if directive is not None and directive[0] == "occs":
            yield directive[1]


def _edit_service(text: str, body: Dictionary, *, missing: Mapping[str, str]) -> _Edit | None:
    """Choose the edit; None where no safe one exists."""
    if "environment" in body.resets:
        return None
    if "environment" not in body.entries:
        return _edit_without_environment(text, body, missing=missing)
    key, node = body.entries["environment"]
    if node.shared or "environment" not in islice(body.entries, body.own):
        return None
    if isinstance(node, Dictionary):
        return _edit_inside(text, node, entries=_map_entries(missing), empty=node.size == 1)
    if isinstance(node, Sequence):
        return _edit_inside(text, node, entries=_list_entries(missing), empty=node.size == 1)
    indent = _indent(text, key.start.index)
    if indent is None or node.value:
        return None
    return _edit_after_line(
        text, key.end.index, lines=[f"{indent}  - {entry}" for entry in _list_entries(missing)]
    )


def _edit_inside(
    text: str, node: Dictionary | Sequence, *, entries: list[str], empty: bool
) -> _Edit | None:
    """Put entries in front of what a list or mapping holds already."""
    start = int(node.start.index)
    if node.flow:
        return _Edit(start + 1, ", ".join(entries) + ("" if empty else ", "))
    indent = _indent(text, start)
    if indent is None:
        return None
    dash = "- " if isinstance(node, Sequence) else ""
    end = _line_end(text)
    return _Edit(start - len(indent), "".join(f"{indent}{dash}{entry}{end}" for entry in entries))


def _edit_without_environment(
    text: str, body: Dictionary, *, missing: Mapping[str, str]
) -> _Edit | None:
    """Add the key ``environment``: below the image, else above the first key."""
    entries = _list_entries(missing)
    if body.flow:
        if body.shared:
            return None
        return _Edit(body.start.index + 1, f"environment: [{', '.join(entries)}], ")
    first = next(islice(body.entries.values(), body.own or None), None) if body.own else None
    if first is None:
        return None
    key, value = body.entries["image"]
    below = "image" in islice(body.entries, body.own) and not value.shared
    key = key if below else first[0]
    indent = _indent(text, key.start.index)
    if indent is None:
        return None
    lines = [f"{indent}environment:", *(f"{indent}  - {entry}" for entry in entries)]
    if below:
        return _edit_after_line(text, value.end.index, lines=lines)
    end = _line_end(text)
    return _Edit(key.start.index - len(indent), "".join(line + end for line in lines))


def _list_entries(missing: Mapping[str, str]) -> list[str]:
    return [f"'occs:{key}={value}'" for key, value in missing.items()]


def _map_entries(missing: Mapping[str, str]) -> list[str]:
    return [f"'occs:{key}': {value}" for key, value in missing.items()]


def _indent(text: str, index: int) -> str | None:
    """Return the blanks between the start of the line and a character, None if more stands there."""
    before = text[text.rfind("\n", 0, index) + 1 : index]
    return before if not before.strip(" ") else None


def _edit_after_line(text: str, index: int, *, lines: list[str]) -> _Edit:
    """Insert lines behind the line that holds a character."""
    end = _line_end(text)
    newline = text.find("\n", index)
    if newline < 0:
        return _Edit(len(text), "".join(end + line for line in lines))
    return _Edit(newline + 1, "".join(line + end for line in lines))


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _apply(text: str, edits: set[_Edit]) -> str:
    pieces = []
    last = 0
    for edit in sorted(edits, key=lambda edit: edit.index):
        pieces += [text[last : edit.index], edit.text]
        last = edit.index
    return "".join([*pieces, text[last:]])
