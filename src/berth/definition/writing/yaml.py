"""Writes services as YAML text: block lists, single quotes, long texts folded."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from berth.definition.text.interpolation import speaks_itself
from berth.definition.writing.key_values import Body, Value
from berth.definition.writing.service_keys import render_body, render_directives
from berth.domain.spec import ServiceSpec

#: Longer texts are folded at their blanks.
WIDTH = 80

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
#: Words that YAML reads as something other than a text, in some version of it.
_NOT_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
#: What JSON leaves as it is and YAML does not take, or takes for the end of a line.
_UNSAFE = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")
#: A blank between two words, where a folded line may end.
_FOLD = re.compile(r"(?<=\S) (?=\S)")


def render_yaml(services: Iterable[ServiceSpec]) -> str:
    """Write a whole definition; reading it returns the same services."""
    specs = list(services)
    bodies: Body = {spec.key: render_body(spec) for spec in specs}
    if not any(map(speaks, specs)):
        bodies = {key: double_dollars(body) for key, body in bodies.items()}
    text: Body = {"version": 2, "services": bodies}
    return "\n".join([*render_block({**text, **render_declarations(specs)}), ""])


def speaks(spec: ServiceSpec) -> bool:
    """Return whether a service has entries that keep every dollar sign of its text as it is."""
    return bool(
        render_directives(spec)
        or any(speaks_itself(name) for name, _ in spec.container.environment)
    )


def double_dollars(value: Value) -> Value:
    """Write dollar signs so that none is taken for a variable."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, list):
        return [double_dollars(item) for item in value]
    if isinstance(value, dict):
        return {name: double_dollars(item) for name, item in value.items()}
    return value


def render_declarations(services: Iterable[ServiceSpec]) -> Body:
    """Write the volumes and networks that services name, as the top of a text declares them."""
    volumes: Body = {}
    networks: Body = {}
    for spec in services:
        mounts = spec.container.mounts
        volumes |= {each.source: {} for each in mounts if each.kind == "volume" and each.source}
        networks |= {network.name: {} for network in spec.container.networks}
    found: Body = {"volumes": volumes, "networks": networks}
    return {key: value for key, value in found.items() if value}


def render_block(body: Mapping[str, Value], indent: str = "") -> Iterator[str]:
    """Write a mapping as lines in block style."""
    for key, value in body.items():
        yield from _entry(f"{indent}{render_key(key)}:", value, indent=indent)


def render_items(items: Iterable[Value], indent: str) -> Iterator[str]:
    """Write a list as lines in block style."""
    for item in items:
        if isinstance(item, dict) and item:
            first, *rest = render_block(item, indent + "  ")
            yield f"{indent}- {first[len(indent) + 2 :]}"
            yield from rest
        else:
            yield from _entry(f"{indent}-", item, indent=indent)


def _entry(start: str, value: Value, *, indent: str) -> Iterator[str]:
    """Write a value behind a key or a dash."""
    if isinstance(value, dict) and value:
        yield start
        yield from render_block(value, indent + "  ")
    elif isinstance(value, list) and value:
        yield start
        yield from render_items(value, indent + "  ")
    else:
        lines = render_scalar(value)
        yield f"{start} {lines[0]}"
        yield from (f"{indent}  {line}" if line else "" for line in lines[1:])


def render_scalar(value: Value) -> list[str]:
    """Write a single value: one line, or the mark of a block and its lines without indentation."""
    if not isinstance(value, str):
        return [render_flow(value)]
    if "\n" in value:
        return _literal(value) or [render_flow(value)]
    return (len(value) > WIDTH and _folded(value)) or [quote(value)]


def quote(value: str) -> str:
    """Write a text within quotes on one line."""
    return "'" + value.replace("'", "''") + "'" if value.isprintable() else render_flow(value)


def render_key(key: str) -> str:
    """Write the key of a mapping, without quotes where it needs none."""
    if _KEY.fullmatch(key) and key.lower() not in _NOT_TEXT:
        return key
    return quote(key)


def render_flow(value: Value) -> str:
    """Write a value on one line, as JSON, which YAML takes."""
    return _UNSAFE.sub(lambda c: f"\\u{ord(c.group()):04x}", json.dumps(value, ensure_ascii=False))


def _literal(value: str) -> list[str]:
    """Write a text of several lines as a literal block; [] where that could change it."""
    lines = value.removesuffix("\n").split("\n")
    plain = all(line.replace("\t", "").isprintable() for line in lines)
    if not plain or not lines[0].strip() or lines[0][0] in " \t" or not lines[-1].strip():
        return []
    return ["|" if value.endswith("\n") else "|-", *lines]


def _folded(value: str) -> list[str]:
    """Write a long text as a folded block; [] where it has no place to fold or could change."""
    if not value.isprintable() or value != value.strip(" "):
        return []
    lines = [""]
    for word in _FOLD.split(value):
        if not lines[-1]:
            lines[-1] = word
        elif len(lines[-1]) + len(word) < WIDTH:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return [">-", *lines] if len(lines) > 1 else []
