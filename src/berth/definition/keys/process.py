"""Keys for what runs in the container: image, command, user, and how it ends."""

from collections.abc import Mapping

from berth.definition.draft import Draft, KeyParser, member
from berth.definition.nodes import Node, Scalar
from berth.definition.place import Place
from berth.definition.values import (
    boolean,
    duration,
    has_template,
    pairs,
    shown,
    text,
    text_like,
    words,
)

_RESERVED_LABEL = "berth."

_image = text_like(
    r"[A-Za-z0-9][A-Za-z0-9._:/@+\[\]-]*",
    "write an image as name:tag, for example nginx:1.27",
)
_restart = text_like(
    r"no|false|always|unless-stopped|on-failure(:[0-9]+)?",
    "use no, always, unless-stopped or on-failure",
)


def _parse_image(node: Node, at: Place, *, draft: Draft) -> None:
    # A template in an image is passed on: a service cannot be left without one.
    if isinstance(node, Scalar) and has_template(node.value):
        _report_template(node, at)
        draft.container["image"] = node.value
    else:
        member("image", _image)(node, at, draft=draft)


def _command(name: str) -> KeyParser:
    def parse(node: Node, at: Place, *, draft: Draft) -> None:
        value = words(node, at)
        if value is not None:
            draft.container[name] = value
            if any(has_template(word) for word in value):
                _report_template(node, at)

    return parse


def _parse_labels(node: Node, at: Place, *, draft: Draft) -> None:
    labels: dict[str, str] = {}
    for name, value, item in pairs(node, at):
        if name.startswith(_RESERVED_LABEL):
            at.problem(
                item,
                f'the label {shown(name)} is reserved: labels may not begin with "{_RESERVED_LABEL}"',
            )
        labels[name] = value or ""
        if has_template(labels[name]):
            _report_template(item, at.inside(name))
    draft.container["labels"] = tuple(sorted(labels.items()))


def _parse_restart(node: Node, at: Place, *, draft: Draft) -> None:
    policy = _restart(node, at)
    if policy in ("no", "false"):
        draft.container["restart"] = False
    elif policy is not None and policy.startswith("on-failure"):
        at.translated(
            node,
            "a container that ends is replaced, whatever its exit code; "
            'use "no" for a service that runs once',
        )


def _report_template(node: Node, at: Place) -> None:
    at.ignored(node, "template functions are not evaluated: the text is passed on as it stands")


KEYS: Mapping[str, KeyParser] = {
    "image": _parse_image,
    "command": _command("command"),
    "entrypoint": _command("entrypoint"),
    "labels": _parse_labels,
    "user": member("user", text),
    "working_dir": member("working_dir", text_like(r"/.*", "write a path from the root, as /app")),
    "init": member("init", boolean),
    "tty": member("tty", boolean),
    "stdin_open": member("stdin_open", boolean),
    "restart": _parse_restart,
    "stop_signal": member(
        "stop_signal",
        text_like(r"(?:SIG)?[A-Z][A-Z0-9+-]{1,15}|[1-9][0-9]?", "use a name such as SIGTERM"),
    ),
    "stop_grace_period": member("stop_grace_s", duration),
}
