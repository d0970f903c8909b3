"""Writes missing placement entries into a text, and leaves every other character as it was."""

from collections.abc import Iterator, Mapping
from itertools import islice

import msgspec

from berth.definition.parser import FoundService, find_services, parse_definition, read_services
from berth.definition.service.keys.environment import split_directive
from berth.definition.text.findings import Findings
from berth.definition.text.nodes import Dictionary, Node, Scalar, Sequence
from berth.definition.text.values import filled
from berth.definition.writing.key_values import Body
from berth.definition.writing.node_editor import Editor, NoEdit
from berth.domain.errors import DefinitionInvalid
from berth.domain.spec import ServiceSpec
from berth.domain.states import Availability, Policy

#: Where each directive ends up in ``PlacementRules``.
_MEMBERS = {"availability": "availability", "scheduler": "policy"}
_DEFAULTS: Mapping[str, Availability | Policy] = {
    "availability": Availability.PER_POOL,
    "scheduler": Policy.RANDOM,
}


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
        editor = Editor(bare)
        expected = tuple(
            _add_missing(editor, one, spec=spec, wanted=wanted)
            for one, spec in zip(found, specs, strict=True)
        )
        rendered = editor.apply()
        if rendered == bare or parse_definition(rendered).services != expected:
            return text
    except DefinitionInvalid:
        return text
    return text[: len(text) - len(bare)] + rendered


def _add_missing(
    editor: Editor,
    found: FoundService,
    *,
    spec: ServiceSpec,
    wanted: Mapping[str, Availability | Policy],
) -> ServiceSpec:
    """Add what one service lacks where that is safe; return what the service shall be afterwards."""
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
    mark = editor.mark()
    if missing:
        editor.try_to(lambda: _add_entries(editor, body, missing=missing))
    if editor.mark() == mark and (not missing or "extends" not in body.entries):
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


def _add_entries(editor: Editor, body: Dictionary, *, missing: Mapping[str, str]) -> None:
    """Add entries to the environment of a service; raises NoEdit where that is not safe."""
    if "environment" in body.resets:
        raise NoEdit
    items = [f"occs:{key}={value}" for key, value in missing.items()]
    if "environment" not in body.entries:
        _add_environment(editor, body, items=items)
        return
    key, node = body.entries["environment"]
    if node.shared or "environment" not in islice(body.entries, body.own):
        raise NoEdit
    if isinstance(node, Dictionary):
        editor.add_first(node, [f"'occs:{name}': {value}" for name, value in missing.items()])
    elif isinstance(node, Sequence):
        editor.add_first(node, [f"'{item}'" for item in items])
    elif node.value:
        raise NoEdit
    else:
        editor.fill_key(key, items)


def _add_environment(editor: Editor, body: Dictionary, *, items: list[str]) -> None:
    """Add the key ``environment``: below the image, else above the first key."""
    entry: Body = {"environment": [*items]}
    if body.flow:
        if body.shared:
            raise NoEdit
        quoted = ", ".join(f"'{item}'" for item in items)
        editor.add_first(body, [f"environment: [{quoted}]"])
        return
    own = dict(islice(body.entries.items(), body.own))
    if not own:
        raise NoEdit
    if "image" in own and not own["image"][1].shared:
        editor.add_entries(entry, behind=own["image"])
    else:
        editor.add_above(next(iter(own.values()))[0], entry)
