"""Keys for rights and isolation: privileges, capabilities, namespaces."""

from collections.abc import Mapping

from berth.definition.draft import Draft, KeyParser, as_pairs, member
from berth.definition.nodes import Node
from berth.definition.place import Place
from berth.definition.values import Reader, boolean, list_of, one_of, shown, text, text_like

_capability_text = text_like(r"[A-Za-z][A-Za-z0-9_]*", "use a name such as NET_ADMIN")


def _capability(node: Node, at: Place) -> str | None:
    name = _capability_text(node, at)
    return None if name is None else name.upper()


def _namespace(*kinds: str) -> Reader[str]:
    """Make a reader of a key that shares a namespace with the host or another container."""

    def read(node: Node, at: Place) -> str | None:
        value = text(node, at)
        if value is None or value in kinds or value.startswith("container:"):
            return value
        if value.startswith("service:"):
            at.ignored(node, "containers of the text do not share this with one another")
        else:
            at.problem(node, f"{shown(value)} is not valid here: use one of {', '.join(kinds)}")
        return None

    return read


def _parse_pid(node: Node, at: Place, *, draft: Draft) -> None:
    # The engine knows no word for the default.
    mode = _namespace("host", "private")(node, at)
    if mode not in (None, "private"):
        draft.container["pid_mode"] = mode


KEYS: Mapping[str, KeyParser] = {
    "privileged": member("privileged", boolean),
    "read_only": member("read_only", boolean),
    "cap_add": member("cap_add", list_of(_capability)),
    "cap_drop": member("cap_drop", list_of(_capability)),
    "security_opt": member("security_opt", list_of(text)),
    "pid": _parse_pid,
    "ipc": member("ipc_mode", _namespace("host", "none", "private", "shareable")),
    "userns_mode": member("userns_mode", one_of("host")),
    "uts": member("uts_mode", one_of("host")),
    "cgroup": member("cgroup_mode", one_of("host", "private")),
    "cgroup_parent": member("cgroup_parent", text),
    "group_add": member("group_add", list_of(text)),
    "sysctls": as_pairs("sysctls"),
}
