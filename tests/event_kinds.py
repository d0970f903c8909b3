"""The kinds of events and statuses that the code can record, read from its source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import berth
from berth.control.deployments.events import Change
from berth.domain.audit import AUDIT_KEYS

SOURCE = Path(berth.__file__).parent
#: Calls whose member ``key``, or whose first text, is the kind of an event.
_BY_NAME = {"NewEvent", "Defects", "record_host_event", "describe_login", "replace"}
_BY_FIRST = {"event", "status", "_Status", "_of_slots", "raise_status", "clear_status"}
#: What a kind looks like; other texts stand in the same places.
_KIND = re.compile(r"(?=.*_|task$|login$)[a-z]+(_[a-z]+)*")
#: Names of tables that stand in constants of the same modules.
_TABLES = {"host_status"}


def find_kinds() -> set[str]:
    """Return every kind that some module names where it records an event."""
    texts = {text for path in SOURCE.rglob("*.py") for text in _in_module(path)}
    made = {f"deployment_{change}" for change in get_args(Change)} | set(AUDIT_KEYS)
    return {text for text in texts if _KIND.fullmatch(text)} - _TABLES | made


def _in_module(path: Path) -> Iterator[str]:
    text = path.read_text()
    if not any(
        word in text for word in ("NewEvent", "HostConditions", "Defects(", "describe_login")
    ):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            yield from _in_call(node)
        elif isinstance(node, ast.Assign) and _names_kinds(*node.targets):
            yield from _texts(node.value)
        elif isinstance(node, ast.AnnAssign) and _names_kinds(node.target):
            yield from _texts(node)


def _names_kinds(*targets: ast.expr) -> bool:
    """Whether a constant is assigned, or a variable for the kind of an event."""
    names = [name.id for each in targets for name in ast.walk(each) if isinstance(name, ast.Name)]
    return any(name.isupper() or name == "key" for name in names)


def _in_call(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in _BY_NAME:
        for member in call.keywords:
            if member.arg == "key":
                yield from _texts(member.value)
    elif name in _BY_FIRST and call.args:
        yield from _texts(call.args[0])


def _texts(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value
