"""Keys for what runs in the container: image, command, user, and how it ends."""

import re
from collections.abc import Mapping

from berth.definition.service.linux_names import SIGNALS
from berth.definition.service.service_draft import KeyParser, ServiceDraft, member
from berth.definition.text import scalars
from berth.definition.text.nodes import Node
from berth.definition.text.position import Position
from berth.definition.text.template_names import has_template
from berth.definition.text.values import boolean, duration, pairs, shown, text, text_like, words
from berth.domain.images import find_reference, is_image_id
from berth.domain.labels import LABEL_PREFIX

#: Engines and the kernel count no further.
_HIGHEST_SIGNAL = 64
_HIGHEST_ID = 2**31 - 1
#: Registry, path, tag and digest together.
_LONGEST_IMAGE = 1024
_ENDLESS = ("always", "unless-stopped")
_RESTART = re.compile(r"no|always|unless-stopped|on-failure(?::([0-9]{1,6}))?")


def _command(name: str) -> KeyParser:
    def parse(node: Node, at: Position, *, draft: ServiceDraft) -> None:
        value = words(node, at)
        if value is not None:
            draft.container[name] = value

    return parse


def _image(node: Node, at: Position) -> str | None:
    value = text(node, at)
    if value is None or has_template(value):
        return value
    is_short = len(value) <= _LONGEST_IMAGE and value.strip() == value
    if is_short and (find_reference(value) is not None or is_image_id(value)):
        return value
    at.problem(
        node,
        f"{shown(value)} is not valid here: write an image as name:tag, for example nginx:1.27",
    )
    return None


def _parse_labels(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    labels: dict[str, str] = {}
    for name, value, item in pairs(node, at):
        if name.startswith(LABEL_PREFIX):
            at.problem(
                item,
                f'the label {shown(name)} is reserved: labels may not begin with "{LABEL_PREFIX}"',
            )
        labels[name] = value or ""
    draft.container["labels"] = tuple(sorted(labels.items()))


def _parse_restart(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    policy = text(node, at)
    if policy is None:
        return
    if scalars.as_boolean(policy) is False:
        policy = "no"
    if _RESTART.fullmatch(policy):
        set_restart(policy, draft)
        if policy not in _ENDLESS:
            draft.places["restart"] = node, at
    else:
        at.problem(
            node, f"{shown(policy)} is not valid here: use no, always, unless-stopped or on-failure"
        )


def set_restart(policy: str, draft: ServiceDraft) -> None:
    """Take over a policy in the engine's words, in place of one that was set before."""
    match = _RESTART.fullmatch(policy)
    for member_name in ("restart", "retries"):
        draft.container.pop(member_name, None)
    if match is None or policy in _ENDLESS:
        return
    draft.container["restart"] = False
    if policy.startswith("on-failure"):
        draft.container["retries"] = int(match[1]) if match[1] else -1


def _signal(node: Node, at: Position) -> str | None:
    value = text(node, at)
    if value is None or has_template(value) or value.removeprefix("SIG") in SIGNALS:
        return value
    if value.isascii() and value.isdigit() and 1 <= int(value[:3]) <= _HIGHEST_SIGNAL:
        return value
    at.problem(node, f"{shown(value)} is not a signal: use a name such as SIGTERM")
    return None


def _user(node: Node, at: Position) -> str | None:
    """Read a user, or user and group; numbers go as far as Linux counts."""
    value = text(node, at)
    for part in (value or "").split(":", 1):
        if part.isascii() and part.isdigit() and int(part[:12]) > _HIGHEST_ID:
            at.problem(node, f"{shown(part)} is out of range: use 0 to {_HIGHEST_ID}")
            return None
    return value


def _parse_pull_policy(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    policy = text(node, at)
    if policy in ("never", "missing", "if_not_present"):
        draft.container["pull"] = False
    elif policy not in (None, "always"):
        at.ignored(node, "the image is pulled before each start: use always, missing or never")


KEYS: Mapping[str, KeyParser] = {
    "image": member("image", _image),
    "command": _command("command"),
    "entrypoint": _command("entrypoint"),
    "labels": _parse_labels,
    "user": member("user", _user),
    "working_dir": member("working_dir", text_like(r"/.*", "write an absolute path, such as /app")),
    "init": member("init", boolean),
    "tty": member("tty", boolean),
    "stdin_open": member("stdin_open", boolean),
    "restart": _parse_restart,
    "pull_policy": _parse_pull_policy,
    "stop_signal": member("stop_signal", _signal),
    "stop_grace_period": member("stop_grace_s", duration),
}
