"""The key ``deploy``: how many, what they may use, where they run, and how they are replaced."""

from collections.abc import Mapping

from berth.definition.service.keys.constraints import parse_placement
from berth.definition.service.keys.devices import parse_devices
from berth.definition.service.keys.process import set_restart
from berth.definition.service.keys.resources import (
    parse_cpus,
    parse_limit,
    parse_processes,
    parse_reservation,
)
from berth.definition.service.service_draft import KeyParser, ServiceDraft, ignore, section
from berth.definition.text.nodes import Dictionary, Node
from berth.definition.text.position import Position
from berth.definition.text.values import (
    Reader,
    duration,
    filled,
    integer,
    mapping,
    no_effect,
    number,
    one_of,
)
from berth.domain.spec import ServiceSpec, UpdatePolicy
from berth.domain.states import Availability

#: Most slots of one service in one deployment.
MAX_REPLICAS = 10_000

_replicas = integer(0, MAX_REPLICAS)
_attempts = integer(0, 1_000_000)
_MODES = ("replicated", "global", "replicated-job", "global-job")


def _parse_replicas(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    wanted = _replicas(node, at)
    if wanted is None:
        return
    if draft.replicas not in (None, wanted):
        at.problem(node, f"scale says {draft.replicas}, but this says {wanted}: keep one")
    draft.replicas = wanted


def _parse_mode(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    mode = one_of(*_MODES)(node, at)
    if mode is None:
        return
    if mode.startswith("global"):
        at.translated(node, "one container runs on each host: availability per-host")
        draft.placement.setdefault("availability", Availability.PER_HOST)
    if mode.endswith("-job"):
        at.translated(node, "a job is a service whose containers run once")
        draft.is_job = True
        set_restart("on-failure", draft)


def _parse_restart_policy(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    """Take over the policy, which wins over the key ``restart`` once it names a condition."""
    members = mapping(node, at, readers=_RESTART, what="restart_policy")
    written = members.get("condition")
    condition, attempts = _CONDITIONS[str(written or "any")], members.get("max_attempts")
    if condition == "on-failure":
        set_restart("on-failure" if attempts is None else f"on-failure:{attempts}", draft)
    elif condition == "no":
        set_restart("no", draft)
    elif written is not None and not draft.is_job:
        _undo_restart(str(written), draft)
    if condition == "always" and attempts is not None:
        at.ignored(node, "a container that ends is always replaced: max_attempts has no effect")


def _undo_restart(condition: str, draft: ServiceDraft) -> None:
    """Drop what the key ``restart`` says; entries of the environment stay in force."""
    restart = draft.places.get("restart")
    if restart is not None:
        set_restart("always", draft)
        node, at = restart
        at.ignored(node, f"deploy.restart_policy wins, and its condition is {condition}")


def _policy(member: str, actions: tuple[str, ...]) -> KeyParser:
    """Make a parser of ``update_config`` or ``rollback_config``."""
    readers: Mapping[str, Reader[object]] = {
        "parallelism": integer(0, MAX_REPLICAS),
        "delay": duration,
        "failure_action": one_of(*actions),
        "monitor": duration,
        "max_failure_ratio": number(0, 1),
        "order": one_of("start-first", "stop-first"),
    }

    def parse(node: Node, at: Position, *, draft: ServiceDraft) -> None:
        found = mapping(node, at, readers=readers, what=member)
        members = {_POLICY_NAMES.get(name, name): value for name, value in found.items()}
        policy = filled(UpdatePolicy(), members)
        if member == "update_config":
            draft.update = policy
            draft.places["update"] = node, at
        else:
            draft.rollback = policy

    return parse


def check_order(spec: ServiceSpec, draft: ServiceDraft) -> None:
    """Report a start before the stop that the container leaves no way for."""
    reason = spec.container.exclusive_to_host
    if reason and spec.update.order == "start-first":
        node, at = draft.places["update"]
        assert isinstance(node, Dictionary)
        at.inside("order").translated(
            node.entries["order"][0],
            f"on one host the old container stops first, since only one can have {reason}",
        )


_POLICY_NAMES = {"delay": "delay_s", "monitor": "monitor_s", "failure_action": "on_failure"}
_BACK_OFF = no_effect("the wait before the next container grows with each failure in a row")
#: Compose's words of a condition, and the word of ``restart`` for each.
_CONDITIONS = {
    **dict.fromkeys(("none", "no"), "no"),
    "on-failure": "on-failure",
    **dict.fromkeys(("any", "always", "unless-stopped"), "always"),
}
_RESTART: Mapping[str, Reader[object]] = {
    "condition": one_of(*_CONDITIONS),
    "max_attempts": _attempts,
    "delay": _BACK_OFF,
    "window": _BACK_OFF,
}


_RESOURCES = section(
    {
        "limits": section(
            {"cpus": parse_cpus("cpus"), "memory": parse_limit, "pids": parse_processes},
            what="limits",
        ),
        "reservations": section(
            {
                "cpus": parse_cpus("cpus_reservation"),
                "memory": parse_reservation,
                "devices": parse_devices,
                "generic_resources": ignore("hosts have no resources of this kind"),
            },
            what="reservations",
        ),
    },
    what="resources",
)

_DEPLOY = section(
    {
        "mode": _parse_mode,
        "replicas": _parse_replicas,
        "resources": _RESOURCES,
        "restart_policy": _parse_restart_policy,
        "placement": parse_placement,
        "update_config": _policy("update_config", ("continue", "pause", "rollback")),
        "rollback_config": _policy("rollback_config", ("continue", "pause")),
        "labels": ignore("services have no labels of their own: use labels of the container"),
        "endpoint_mode": ignore("each container is reached at its host's port"),
    },
    what="deploy",
)

KEYS: Mapping[str, KeyParser] = {
    "scale": _parse_replicas,
    "deploy": _DEPLOY,
}
