"""The key ``environment``: variables, directives (``occs:``), constraints, special variables."""

from collections.abc import Mapping
from typing import Protocol

from berth.definition.service.keys.constraints import take_constraint
from berth.definition.service.probe_url import parse_probe
from berth.definition.service.service_draft import KeyParser, ServiceDraft
from berth.definition.text import scalars
from berth.definition.text.nodes import Node, Scalar
from berth.definition.text.position import Position
from berth.definition.text.values import pairs, shown
from berth.domain.spec import MAX_TAG, TAG_PATTERN, describe_excess
from berth.domain.states import Availability, Policy

#: What may stand before the colon of a directive, in any letter case.
_PREFIXES = frozenset({"occs", "berth", "stackengine"})
_CONSTRAINT_PREFIX = "constraint"
#: Values that switch something off, in any letter case.
OFF = frozenset({"0", "false", "no", "off"})
MAX_PHASE = 1_000_000
#: Variables whose value is the URL of a check.
HEALTH_PREFIX = "OCCS_HEALTHCHECK_"


class _Entry(Protocol):
    """Takes over the value of one directive, variable or constraint."""

    def __call__(self, value: str, item: Scalar, *, at: Position, draft: ServiceDraft) -> None: ...


def split_directive(name: str) -> tuple[str, str] | None:
    """Split the name of an entry that is no variable into prefix and key, both in lower case.

    None when the entry is a variable. The aliases of ``occs`` are answered as ``occs``.
    """
    prefix, colon, key = name.partition(":")
    prefix = prefix.strip().lower()
    if not colon:
        return None
    if prefix in _PREFIXES:
        return "occs", key.strip().lower()
    return (prefix, key.strip().lower()) if prefix == _CONSTRAINT_PREFIX else None


def parse_environment(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    """Sort the entries into variables, which reach the container, and settings, which do not."""
    variables: dict[str, str] = {}
    for name, value, item in pairs(node, at):
        place = at.inside(name)
        directive = split_directive(name)
        if directive is None:
            _take_variable(variables, name, value=value, item=item, at=place, draft=draft)
        elif directive[0] == _CONSTRAINT_PREFIX:
            entry = name if value is None else f"{name}={value}"
            take_constraint(entry, item, at=place, draft=draft)
        else:
            parse = DIRECTIVES.get(directive[1], _unknown_directive)
            parse((value or "").strip(), item, at=place, draft=draft)
    draft.container["environment"] = tuple(sorted(variables.items()))
    _check_tag(node, at, draft=draft)


def _take_variable(
    variables: dict[str, str],
    name: str,
    *,
    value: str | None,
    item: Scalar,
    at: Position,
    draft: ServiceDraft,
) -> None:
    if value is None:
        at.ignored(
            item,
            "the variable has no value, and none is taken from the manager: "
            f"write {name}= for an empty one",
        )
        return
    if "=" in name:
        at.problem(
            item, "the name of a variable must not contain an equals sign: write NAME: value"
        )
    variables[name] = value
    if name in _VARIABLES:
        _VARIABLES[name](value.strip(), item, at=at, draft=draft)
    elif name.startswith(HEALTH_PREFIX):
        _take_probe(name[len(HEALTH_PREFIX) :], value.strip(), item=item, at=at, draft=draft)


def _take_probe(label: str, value: str, *, item: Scalar, at: Position, draft: ServiceDraft) -> None:
    if not label:
        at.ignored(item, f"the check has no name: write {HEALTH_PREFIX}NAME")
        return
    probe = parse_probe(label, value, node=item, at=at)
    if probe is not None:
        draft.probes[label] = probe


def _take_phase(value: str, item: Scalar, *, at: Position, draft: ServiceDraft) -> None:
    phase = scalars.as_integer(value)
    if phase is None or not 0 <= phase <= MAX_PHASE:
        at.problem(item, f"{shown(value)} is not a phase: use a whole number from 0 to {MAX_PHASE}")
    else:
        draft.phase = phase


def _switch(name: str) -> _Entry:
    """Make a parser of a variable that switches a member of the container off."""

    def take(value: str, item: Scalar, *, at: Position, draft: ServiceDraft) -> None:
        if value.lower() in OFF:
            draft.container[name] = False

    return take


def _take_description(value: str, item: Scalar, *, at: Position, draft: ServiceDraft) -> None:
    draft.description = value


def _take_availability(value: str, item: Scalar, *, at: Position, draft: ServiceDraft) -> None:
    try:
        draft.placement["availability"] = Availability(value.lower())
    except ValueError:
        at.problem(
            item, f"{shown(value)} is not an availability: use per-pool, per-host or per-tag"
        )


def _take_tag(value: str, item: Scalar, *, at: Position, draft: ServiceDraft) -> None:
    if TAG_PATTERN.fullmatch(value):
        draft.placement["tag"] = value
    else:
        at.problem(
            item,
            f"{shown(value)} is not a tag: use letters, digits, dots, hyphens and underscores"
            f"{describe_excess(value, longest=MAX_TAG)}",
        )


def _take_scheduler(value: str, item: Scalar, *, at: Position, draft: ServiceDraft) -> None:
    try:
        draft.placement["policy"] = Policy(value.lower())
    except ValueError:
        at.problem(item, f"{shown(value)} is not a scheduler: use random, memory, cpu or pack")


def _unknown_directive(value: str, item: Scalar, *, at: Position, draft: ServiceDraft) -> None:
    at.ignored(
        item,
        "this setting is not known: use description, availability, "
        "availability_context or scheduler",
    )


def _check_tag(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    """Hold availability and its tag together; a tag without ``per-tag`` has no effect."""
    per_tag = draft.placement.get("availability") is Availability.PER_TAG
    if per_tag and "tag" not in draft.placement:
        at.problem(node, "availability per-tag names no tag: add occs:availability_context=TAG")
    elif not per_tag and draft.placement.pop("tag", None) is not None:
        at.ignored(node, "availability_context has an effect only with availability per-tag")


#: By what stands between the prefix and the equals sign.
DIRECTIVES: Mapping[str, _Entry] = {
    "description": _take_description,
    "availability": _take_availability,
    "availability_context": _take_tag,
    "scheduler": _take_scheduler,
}

#: Variables with a meaning for the platform; they reach the container as well.
_VARIABLES: Mapping[str, _Entry] = {
    "OCCS_PHASE_ID": _take_phase,
    "OCCS_REMOVE_ON_DIE": _switch("restart"),
    "OCCS_PULL_ON_CREATE": _switch("pull"),
}

KEYS: Mapping[str, KeyParser] = {
    "environment": parse_environment,
}
