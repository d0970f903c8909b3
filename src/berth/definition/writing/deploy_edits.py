"""Changes of what a text says under ``deploy``, where services are written with older keys."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from berth.definition.text.nodes import Dictionary, Node, Scalar, Sequence
from berth.definition.writing.key_values import Body, Value
from berth.definition.writing.node_editor import Editor, NoEdit

#: Returns the members that hold the value of a key; none stands for an absent key.
Writer: TypeAlias = "Callable[[Value | None], Body]"

_AVAILABILITY = "occs:availability="
_PER_HOST = _AVAILABILITY + "per-host"


def edit_elsewhere(editor: Editor, node: Dictionary, *, old: Body, new: Body) -> tuple[Body, Body]:
    """Change what stands under ``deploy``, and return the rest of what is old and new.

    Raises NoEdit where a change cannot be made there.
    """
    old, new = dict(old), dict(new)
    for key, (path, write) in _PLACES.items():
        place = editor.find_own(node, path)
        if key in old and key not in node.entries and place is not None:
            editor.edit_mapping(place, write(old.pop(key)), new=write(new.pop(key, None)))
    deploy = editor.find_own(node, ("deploy",))
    if deploy is not None:
        _edit_mode(editor, deploy, environment=node.get("environment"), bodies=(old, new))
    return old, new


def _as(name: str) -> Writer:
    """Make a writer of one member that has another name below ``deploy``."""

    def write(value: "Value | None") -> Body:
        return {} if value is None else {name: value}

    return write


def _restart_policy(value: "Value | None") -> Body:
    if value is None:
        return {"condition": "any"}
    condition, _, attempts = str(value).partition(":")
    members: Body = {"condition": "none" if condition == "no" else condition}
    return members | ({"max_attempts": int(attempts)} if attempts else {})


def _edit_mode(
    editor: Editor, deploy: Dictionary, *, environment: Node | None, bodies: tuple[Body, Body]
) -> None:
    """Change the mode, and take the setting that it stands for out of both bodies."""
    mode = deploy.get("mode")
    if not isinstance(mode, Scalar) or _names_availability(environment):
        return
    found = [_take_availability(body) for body in bodies]
    if found[0] != _PER_HOST or found[1] == _PER_HOST:
        return
    if found[1]:
        raise NoEdit
    changed = mode.value.replace("global", "replicated")
    editor.edit_mapping(deploy, {"mode": mode.value}, new={"mode": changed})


def _names_availability(environment: Node | None) -> bool:
    if isinstance(environment, Dictionary):
        names = [*environment.entries]
    else:
        items = environment.items if isinstance(environment, Sequence) else []
        names = [item.value for item in items if isinstance(item, Scalar)]
    return any("availability" in name.lower().partition("=")[0].split(":") for name in names)


def _take_availability(body: Body) -> str:
    """Take the setting out of the environment of a body; "" for none."""
    entries = body.get("environment", [])
    assert isinstance(entries, list)
    found = next((str(one) for one in entries if str(one).startswith(_AVAILABILITY)), "")
    rest = [one for one in entries if one != found]
    body["environment"] = rest
    if not rest:
        del body["environment"]
    return found


_LIMITS = ("deploy", "resources", "limits")
#: Where else the value of a key may stand, and how it is written there.
_PLACES: Mapping[str, tuple[tuple[str, ...], Writer]] = {
    "mem_limit": (_LIMITS, _as("memory")),
    "cpus": (_LIMITS, _as("cpus")),
    "pids_limit": (_LIMITS, _as("pids")),
    "mem_reservation": (("deploy", "resources", "reservations"), _as("memory")),
    "restart": (("deploy", "restart_policy"), _restart_policy),
}
