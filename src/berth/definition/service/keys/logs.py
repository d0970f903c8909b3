"""Keys for where the output of a container goes: ``logging``, ``log_driver`` and ``log_opt``."""

from collections.abc import Mapping

from berth.definition.service.service_draft import KeyParser, ServiceDraft
from berth.definition.text.nodes import KIND_NAMES, Dictionary, Node
from berth.definition.text.position import Position
from berth.definition.text.scalars import is_null
from berth.definition.text.values import pairs, shown, text
from berth.domain.spec import LogSpec


def _parse_logging(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    if is_null(node):
        return
    if not isinstance(node, Dictionary):
        at.problem(
            node,
            f"a mapping is expected here, not {KIND_NAMES[type(node)]}: write driver and options",
        )
        return
    for name, (key, item) in node.entries.items():
        place = at.inside(name)
        if name == "driver":
            _parse_driver(item, place, draft=draft)
        elif name == "options":
            _parse_options(item, place, draft=draft)
        else:
            place.ignored(key, f"{shown(name)} is not known as a part of logging")


def _parse_driver(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    driver = text(node, at)
    if driver is None:
        return
    known = _log(draft)
    if known.driver not in ("", driver):
        at.problem(node, f"two log drivers are named, {known.driver} and {driver}: keep one")
    draft.container["log"] = LogSpec(driver, known.options)


def _parse_options(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    known = _log(draft)
    options = dict(known.options)
    options.update({name: value or "" for name, value, _ in pairs(node, at)})
    if options:
        draft.container["log"] = LogSpec(known.driver, tuple(sorted(options.items())))


def _log(draft: ServiceDraft) -> LogSpec:
    found = draft.container.get("log")
    # An empty driver leaves the choice to the engine.
    return found if isinstance(found, LogSpec) else LogSpec("")


KEYS: Mapping[str, KeyParser] = {
    "logging": _parse_logging,
    "log_driver": _parse_driver,
    "log_opt": _parse_options,
}
