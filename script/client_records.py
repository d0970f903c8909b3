"""Prints the records of ``berth.client``, made from the description of the API.

    .venv/bin/python -m script.client_records workloads > src/berth/client/records/workloads.py

and so for each of ``PARTS``.
Every member has a default, so that a client reads what an older manager answers; words of an
enumeration are texts, so that it reads what a newer one says.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from berth.api.app import CATEGORIES
from berth.api.openapi.document import describe

PACKAGE = "berth.client.records"

#: The record that all others of ``specs`` belong to: a service as the parser understands it.
SPEC = "ServiceSpec"

#: Categories of endpoints whose records stand in ``workloads``.
WORKLOADS = {"Container", "Definition", "Deployment", "Logs", "Service", "Stack", "Stats", "Task"}

#: The modules, each with its title; a module imports only those before it.
PARTS = {
    "specs": "A service as the manager understands its text.",
    "workloads": "What runs: deployments, containers, tasks, and the texts they are made of.",
    "instance": "What the instance has: hosts, pools, images, users, events and all else.",
}

#: Records whose name in the API says less outside of it; of all others "Answer" is left out.
NAMES = {
    "AllSummaries": "Summaries",
    "EntryAnswer": "CatalogEntry",
    "FlatContainer": "Container",
    "Left": "SkippedItem",
    "LoginCheckAnswer": "RegistryCheck",
    "LogsAnswer": "Output",
    "Match": "SearchMatch",
    "RestoreChange": "ImportChange",
    "StackAnswer": "DeploymentStack",
    "VersionInfo": "Version",
}

#: Envelopes: the client hands out what is in them.
ENVELOPES = ("One", "Many", "SettingsAnswer")

_PLAIN = {
    "string": ("str", '""'),
    "integer": ("int", "0"),
    "number": ("float", "0.0"),
    "boolean": ("bool", "False"),
    "null": ("None", "None"),
}

_HEAD = '''"""{title}

Made from the description of the API by ``script/client_records.py``; not edited by hand.
"""

'''

Schema = Mapping[str, Any]


def read_description() -> dict[str, Any]:
    """Return the API's own description, without a manager."""
    routes = [route for category in CATEGORIES for route in category.routes]
    return describe(routes, version="")


def name_of(schema_name: str) -> str:
    """Return the name that a schema's record has in the client."""
    return NAMES.get(schema_name, schema_name.removesuffix("Answer"))


def split(description: Schema) -> dict[str, list[str]]:
    """Return the schemas of each module, each behind those that it is made of."""
    schemas = description["components"]["schemas"]
    parts: dict[str, list[str]] = {}
    ordered: dict[str, None] = {}
    for part, roots in (
        ("specs", {"$ref": f"/schemas/{SPEC}"}),
        ("workloads", [each for tags, each in _answers(description) if tags & WORKLOADS]),
        ("instance", [each for _, each in _answers(description)]),
    ):
        known = set(ordered)
        _add(ordered, schemas, part=roots)
        parts[part] = [name for name in ordered if name not in known]
    return parts


def _answers(description: Schema) -> Iterator[tuple[set[str], Any]]:
    """Find the answers of success, with the categories of their endpoints."""
    for path in description["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    yield set(operation["tags"]), answer


def _add(ordered: dict[str, None], schemas: Schema, *, part: Any) -> None:
    for name in _references(part):
        if name not in ordered:
            _add(ordered, schemas, part=schemas[name])
            ordered[name] = None


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for item in part:
            yield from _references(item)
    elif isinstance(part, dict):
        target = part.get("$ref")
        if isinstance(target, str) and "/schemas/" in target:
            yield target.rpartition("/")[2]
        for item in part.values():
            yield from _references(item)


class Writer:
    """Writes records; knows the schemas that others refer to."""

    def __init__(self, schemas: Schema) -> None:
        self._schemas = schemas

    def is_record(self, name: str) -> bool:
        """Return whether a schema becomes a record of its own."""
        return "properties" in self._schemas[name] and not name.startswith(ENVELOPES)

    def render(self, name: str) -> str:
        """Write a record."""
        schema = self._schemas[name]
        lines = [f"class {name_of(name)}(msgspec.Struct, frozen=True, kw_only=True):"]
        lines += [f'    """{_sentence(schema)}"""', ""]
        required = schema.get("required", [])
        for key, each in schema["properties"].items():
            lines.append(self._render_member(key, each, required=key in required))
        return "\n".join(lines) + "\n"

    def _render_member(self, key: str, schema: Any, *, required: bool) -> str:
        kind, default = self.type_of(schema)
        if not required and default == f"{kind}()":
            kind, default = f"{kind} | None", "None"
        if isinstance(schema, dict) and isinstance(schema.get("default"), str | int | float):
            default = repr(schema["default"])
        name = snake(key)
        if name != key:
            default = f'msgspec.field(default={default}, name="{key}")'
            if kind.startswith(("list", "dict")):
                default = default.replace("default=", "default_factory=").replace("[]", "list")
                default = default.replace("{}", "dict")
        return f"    {name}: {kind} = {default}"

    def type_of(self, schema: Any) -> tuple[str, str]:
        """Return the type of a member and its default."""
        if not isinstance(schema, dict) or not schema:
            return "Any", "None"
        if "$ref" in schema:
            return self._type_of_reference(schema["$ref"].rpartition("/")[2])
        if "anyOf" in schema:
            return self._type_of_choice(schema["anyOf"])
        if schema.get("contentEncoding") == "base64":
            return "bytes", 'b""'
        if schema.get("type") == "array":
            return self._type_of_array(schema)
        if schema.get("type") == "object":
            values = schema.get("additionalProperties")
            return f"dict[str, {self.type_of(values)[0]}]", "{}"
        return _PLAIN.get(schema.get("type") or _kind_of_words(schema), ("Any", "None"))

    def _type_of_reference(self, name: str) -> tuple[str, str]:
        if self.is_record(name):
            return name_of(name), f"{name_of(name)}()"
        return self.type_of(self._schemas[name])

    def _type_of_choice(self, choices: list[Any]) -> tuple[str, str]:
        kinds = list(dict.fromkeys(self.type_of(choice)[0] for choice in choices))
        if "Any" in kinds:
            return "Any", "None"
        default = "None" if "None" in kinds else self.type_of(choices[0])[1]
        return " | ".join(kinds), default

    def _type_of_array(self, schema: Schema) -> tuple[str, str]:
        if "prefixItems" in schema:
            kinds = ", ".join(self.type_of(each)[0] for each in schema["prefixItems"])
            return f"tuple[{kinds}]", "()"
        return f"list[{self.type_of(schema.get('items'))[0]}]", "[]"


def snake(name: str) -> str:
    """Write a member's name as Python does: ``HostID`` is ``host_id``."""
    if name.isupper():
        return name.lower()
    pieces = [
        f"_{letter.lower()}" if letter.isupper() and before.islower() else letter.lower()
        for before, letter in zip(" " + name, name, strict=False)
    ]
    return "".join(pieces)


def _kind_of_words(schema: Schema) -> str:
    words = schema.get("enum", [])
    return "string" if words and all(isinstance(word, str) for word in words) else ""


def _sentence(schema: Schema) -> str:
    first = str(schema.get("description", schema.get("title", ""))).partition("\n")[0]
    return first if first.endswith(".") else f"{first}."


def render_module(part: str) -> str:
    """Write one module of records, in the layout of the formatter."""
    description = read_description()
    writer = Writer(description["components"]["schemas"])
    parts = {
        each: [name for name in names if writer.is_record(name)]
        for each, names in split(description).items()
    }
    records = "\n\n".join(writer.render(name) for name in parts[part])
    imports = "from typing import Any\n\n" if re.search(r"\bAny\b", records) else ""
    imports += "import msgspec\n\n"
    for other in parts:
        if other == part:
            break
        used = [
            name_of(name) for name in parts[other] if re.search(rf"\b{name_of(name)}\b", records)
        ]
        if used:
            imports += f"from {PACKAGE}.{other} import {', '.join(sorted(used))}\n"
    return _format(_HEAD.format(title=PARTS[part]) + f"\n{imports}\n\n{records}")


def _format(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "records.py", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.stdout.write(render_module(sys.argv[1]))
