"""The key ``healthcheck``: a check that the engine's own commands describe, run by the agent."""

from collections.abc import Mapping

from berth.definition.service.service_draft import KeyParser, ServiceDraft
from berth.definition.text.nodes import Node, Sequence
from berth.definition.text.position import Position
from berth.definition.text.values import (
    Reader,
    boolean,
    duration,
    filled,
    integer,
    list_of,
    mapping,
    no_effect,
    shown,
    text,
)
from berth.domain.spec import ENGINE_CHECK, Probe

#: What engines take for a check that does not name it, in seconds.
TIMEOUT_S = 30.0
START_PERIOD_S = 0.0
_SHORTEST_S = 0.1


def _parse_healthcheck(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    found = mapping(node, at, readers=_READERS, what="healthcheck")
    members = {_NAMES.get(name, name): value for name, value in found.items()}
    test = members.get("test")
    if members.pop("disable", False) or test == ("NONE",):
        draft.container["image_probe"] = False
        return
    if members.get("retries") == 0:
        # Compose reads zero as "not given".
        del members["retries"]
    if not members:
        return
    probe = Probe(
        label=ENGINE_CHECK, kind="image", timeout_s=TIMEOUT_S, start_period_s=START_PERIOD_S
    )
    draft.probes[ENGINE_CHECK] = filled(probe, members)


def _test(node: Node, at: Position) -> tuple[str, ...] | None:
    """Read the command in the form in which engines keep it: ``CMD`` or ``CMD-SHELL`` in front."""
    if not isinstance(node, Sequence):
        line = text(node, at)
        if not line:
            return None
        return ("NONE",) if line == "NONE" else ("CMD-SHELL", line)
    words = list_of(text)(node, at) or ()
    if not words or words == ("NONE",):
        return words
    if words[0] not in ("CMD", "CMD-SHELL") or len(words) < 2:
        at.problem(
            node,
            f"a test must begin with CMD, CMD-SHELL or NONE, not with {shown(words[0])}: "
            'write for example ["CMD", "curl", "-f", "http://localhost"]',
        )
        return None
    return words


def _positive(node: Node, at: Position) -> float | None:
    seconds = duration(node, at)
    if seconds is None or seconds >= _SHORTEST_S:
        return seconds
    # Compose reads zero as "not given".
    if seconds:
        at.problem(node, "the duration is out of range: use 100ms or more")
    return None


_READERS: Mapping[str, Reader[object]] = {
    "test": _test,
    "interval": _positive,
    "timeout": _positive,
    "retries": integer(0, 1000),
    "start_period": duration,
    "start_interval": no_effect("until it is healthy, a container is checked every second"),
    "disable": boolean,
}
#: What a member is called in the probe where the name differs.
_NAMES = {"interval": "interval_s", "timeout": "timeout_s", "start_period": "start_period_s"}

KEYS: Mapping[str, KeyParser] = {
    "healthcheck": _parse_healthcheck,
}
