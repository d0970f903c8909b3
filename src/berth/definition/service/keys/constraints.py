"""Rules for hosts: ``constraint:`` entries of the environment, and ``deploy.placement``."""

import re
from collections.abc import Mapping
from typing import Protocol

from berth.definition.service.service_draft import ServiceDraft
from berth.definition.text.nodes import Node
from berth.definition.text.position import Position
from berth.definition.text.template_names import has_template
from berth.definition.text.values import list_of, mapping, no_effect, text

_ENTRY = re.compile(r"constraint:\s*([a-z_.]+)\s*(!=|=+)\s*(.*)", re.IGNORECASE | re.DOTALL)
_EXPRESSION = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*(==|!=)\s*(.*)", re.DOTALL)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LABEL = "node.labels."


class _Rule(Protocol):
    """Takes over the value of one constraint."""

    def __call__(self, value: str, node: Node, *, at: Position, draft: ServiceDraft) -> None: ...


def take_constraint(entry: str, node: Node, *, at: Position, draft: ServiceDraft) -> None:
    """Take over an entry such as ``constraint:hostname==NAME``."""
    match = _ENTRY.fullmatch(entry)
    if match is None:
        at.ignored(node, "the constraint is not understood: write constraint:hostname==NAME")
        return
    operator = "!=" if match[2] == "!=" else "=="
    value = match[3].strip()
    take = _CONSTRAINTS.get((match[1].lower(), operator))
    if take is _ignore_pool or (take is not None and _is_name(value)):
        take(value, node, at=at, draft=draft)
    else:
        at.ignored(
            node,
            "the constraint is not known: use hostname==, hostname!= or tag== with a plain name",
        )


def parse_placement(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    """Take over ``deploy.placement``."""

    def read_constraint(item: Node, place: Position) -> object | None:
        value = text(item, place)
        if value is not None:
            _take_expression(value, item, at=place, draft=draft)
        return None

    spread = no_effect("the scheduler spreads containers evenly by itself")
    limit = no_effect("containers are spread evenly: a limit of containers per host has no effect")
    readers = {
        "constraints": list_of(read_constraint),
        "preferences": spread,
        "max_replicas_per_node": limit,
    }
    mapping(node, at, readers=readers, what="placement")


def _take_expression(value: str, node: Node, *, at: Position, draft: ServiceDraft) -> None:
    match = _EXPRESSION.fullmatch(value.rstrip())
    word = (match[1].lower(), match[2]) if match else ("", "")
    take = _EXPRESSIONS.get(word)
    if match and take is not None and _is_name(match[3]):
        take(match[3], node, at=at, draft=draft)
    elif match and word[0].startswith(_LABEL) and word[1] == "==" and match[3].lower() == "true":
        tag = match[1][len(_LABEL) :]
        at.translated(node, f"hosts have tags, not labels: the tag {tag} is required")
        _collect("required_tags")(tag, node, at=at, draft=draft)
    else:
        at.ignored(
            node,
            "the constraint is not known: use node.hostname with == or !=, node.id==, "
            "or node.labels.TAG==true",
        )


def _is_name(value: str) -> bool:
    return has_template(value) or _NAME.fullmatch(value) is not None


def _want_hostname(value: str, node: Node, *, at: Position, draft: ServiceDraft) -> None:
    known = draft.placement.setdefault("hostname", value)
    if known != value:
        at.problem(node, f"the service is bound to two hosts, {known} and {value}: keep one")


def _collect(name: str) -> _Rule:
    """Make a rule for a constraint that may be given several times."""

    def take(value: str, node: Node, *, at: Position, draft: ServiceDraft) -> None:
        draft.constraints.setdefault(name, set()).add(value)

    return take


def _ignore_pool(value: str, node: Node, *, at: Position, draft: ServiceDraft) -> None:
    at.ignored(node, "the deployment chooses the pool, not the text")


_CONSTRAINTS: Mapping[tuple[str, str], _Rule] = {
    ("hostname", "=="): _want_hostname,
    ("hostname", "!="): _collect("not_hostnames"),
    ("tag", "=="): _collect("required_tags"),
    ("pool_id", "=="): _ignore_pool,
}
_EXPRESSIONS: Mapping[tuple[str, str], _Rule] = {
    ("node.hostname", "=="): _want_hostname,
    ("node.hostname", "!="): _collect("not_hostnames"),
    ("node.id", "=="): _want_hostname,
    (_LABEL + "tag", "=="): _collect("required_tags"),
}
