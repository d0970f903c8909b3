"""Keys for rights and isolation: privileges, capabilities, namespaces."""

import re
from collections.abc import Mapping

from berth.definition.service.linux_names import CAPABILITIES, is_ipc_setting, is_own_setting
from berth.definition.service.service_draft import KeyParser, ServiceDraft, member
from berth.definition.text.nodes import Node
from berth.definition.text.position import Position
from berth.definition.text.template_names import has_template
from berth.definition.text.values import Reader, boolean, list_of, one_of, pairs, shown, text

_SECURITY = re.compile(
    r"no-new-privileges(?:[:=](?:true|false))?|(?:apparmor|label)[:=].+|label[:=]?disable"
    r"|seccomp[:=](?:unconfined|\{.*\})|systempaths=unconfined",
    re.DOTALL,
)
_DEVICE_RULE = re.compile(r"[acb] (?:[0-9]{1,10}|\*):(?:[0-9]{1,10}|\*) [rwm]{1,3}")


def _capability(node: Node, at: Position) -> str | None:
    value = text(node, at)
    if value is None or has_template(value):
        return value
    name = value.upper()
    if name.removeprefix("CAP_") in CAPABILITIES:
        return name
    at.problem(node, f"{shown(value)} is not a capability: use a name such as NET_ADMIN")
    return None


def _security_option(node: Node, at: Position) -> str | None:
    value = text(node, at)
    if value is None or has_template(value) or _SECURITY.fullmatch(value):
        return value
    if value.startswith(("seccomp=", "seccomp:")):
        at.ignored(
            node,
            f"{shown(value)} names a file beside the text, which is not read: the engine's default "
            "profile applies",
        )
    elif value.startswith("credentialspec"):
        at.ignored(node, "containers run on Linux: this option has no effect")
    else:
        at.problem(
            node,
            f"{shown(value)} is not valid here: use no-new-privileges, apparmor=..., label=..., "
            "seccomp=unconfined or systempaths=unconfined",
        )
    return None


def _device_rule(node: Node, at: Position) -> str | None:
    value = text(node, at)
    if value is None or has_template(value) or _DEVICE_RULE.fullmatch(value):
        return value
    at.problem(node, f"{shown(value)} is not a rule for devices: write for example c 1:3 rwm")
    return None


def _parse_sysctls(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    found = {}
    for name, value, item in pairs(node, at):
        dotted = name if "." in name else name.replace("/", ".")
        if not is_own_setting(dotted) and not has_template(name):
            at.problem(
                item,
                f"{shown(name)} is a setting of the whole host: set it on the hosts, and leave it "
                "out here",
            )
        found[name] = value or ""
    draft.container["sysctls"] = tuple(sorted(found.items()))
    draft.places["sysctls"] = node, at


def check_settings(draft: ServiceDraft) -> None:
    """Find kernel settings of a namespace that the container shares with the host."""
    for name, _ in draft.container.get("sysctls", ()):  # type: ignore[attr-defined]
        key, mode = (
            ("ipc", "ipc_mode") if is_ipc_setting(name) else ("network_mode", "network_mode")
        )
        if draft.container.get(mode) == "host" and not name.startswith("kernel.domainname"):
            node, at = draft.places["sysctls"]
            at.problem(
                node, f"{shown(name)} is a setting of the host, which {key} shares: leave it out"
            )


def _namespace(*kinds: str) -> Reader[str]:
    """Make a reader of a key that shares a namespace with the host or another container."""

    def read(node: Node, at: Position) -> str | None:
        value = text(node, at)
        if value is None or value in kinds or (value.startswith("container:") and value[10:]):
            return value
        if value.startswith("service:"):
            at.ignored(node, "containers of the text do not share this with one another")
        else:
            at.problem(node, f"{shown(value)} is not valid here: use one of {', '.join(kinds)}")
        return None

    return read


def _parse_pid(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    # The engine knows no word for the default.
    mode = _namespace("host", "private")(node, at)
    if mode not in (None, "private"):
        draft.container["pid_mode"] = mode


KEYS: Mapping[str, KeyParser] = {
    "privileged": member("privileged", boolean),
    "read_only": member("read_only", boolean),
    "cap_add": member("cap_add", list_of(_capability)),
    "cap_drop": member("cap_drop", list_of(_capability)),
    "security_opt": member("security_opt", list_of(_security_option)),
    "device_cgroup_rules": member("device_cgroup_rules", list_of(_device_rule)),
    "pid": _parse_pid,
    "ipc": member("ipc_mode", _namespace("host", "none", "private", "shareable")),
    "userns_mode": member("userns_mode", one_of("host")),
    "uts": member("uts_mode", one_of("host")),
    "cgroup": member("cgroup_mode", one_of("host", "private")),
    "cgroup_parent": member("cgroup_parent", text),
    "group_add": member("group_add", list_of(text)),
    "sysctls": _parse_sysctls,
}
