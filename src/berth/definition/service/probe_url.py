"""Reads the value of ``OCCS_HEALTHCHECK_<LABEL>``: a URL that says how a container is checked."""

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from berth.definition.text.nodes import Node
from berth.definition.text.position import Position
from berth.definition.text.template_names import has_template
from berth.definition.text.values import MAX_DURATION_S, filled, shown
from berth.domain.spec import Probe

_Kind: TypeAlias = Literal["http", "https", "tcp", "script"]
_KINDS: Mapping[str, _Kind] = {"http": "http", "https": "https", "tcp": "tcp", "script": "script"}
#: Port of a URL that names none.
_PORTS = {"http": 80, "https": 443}
_URL = re.compile(
    r"(?P<scheme>[A-Za-z]+)://(?P<host>\[[^\]]*\]|[^:/?\[\]]*)(?::(?P<port>[^/?]*))?"
    r"(?P<path>/[^?]*)?(?:\?(?P<query>.*))?",
    re.DOTALL,
)
#: Names of the container itself; an agent would take them for its own machine.
_OWN = frozenset({"localhost", "127.0.0.1", "[::1]"})
_FORM = (
    "write for example http://:80/path?timeout=10s&interval=30s, tcp://:3306 or script:///check.sh"
)
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h)?")
_FACTORS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_TIMES = {"timeout": "timeout_s", "interval": "interval_s", "start_period": "start_period_s"}
#: Shortest interval and timeout, in seconds; shorter ones only burden the host.
MIN_TIME_S = 0.1
MAX_RETRIES = 1000


def parse_probe(label: str, value: str, *, node: Node, at: Position) -> Probe | None:
    """Read one check; None after its problem was recorded."""
    match = _URL.fullmatch(value)
    kind = _KINDS.get(match["scheme"].lower()) if match else None
    if match is None or kind is None:
        at.problem(node, f"{shown(value)} is not a check: {_FORM}")
        return None
    path, query = match["path"] or "", match["query"] or ""
    members, rest = _read_options(query, node, at=at)
    if kind == "script":
        if match["host"] or match["port"] or len(path) < 2:
            at.problem(node, f"{shown(value)} names no script: write script:///path/of/script")
            return None
        probe = Probe(label=label, kind=kind, path=path)
    else:
        port = _read_port(match["port"], kind, node=node, at=at)
        if port is None:
            return None
        host = _read_host(match["host"], node, at=at)
        probe = Probe(label=label, kind=kind, host=host, port=port)
        if kind != "tcp":
            query, rest = "&".join(rest), []
            probe = msgspec.structs.replace(probe, path=(path or "/") + (query and f"?{query}"))
    if any(rest):
        at.ignored(node, f"{shown('&'.join(rest))} is not an option of a check")
    return filled(probe, members)


def _read_host(host: str, node: Node, *, at: Position) -> str:
    if host.lower() not in _OWN:
        return host.strip("[]")
    at.translated(node, f"{host} is taken to mean the container that is checked")
    return ""


def _read_port(port: str | None, kind: str, *, node: Node, at: Position) -> int | None:
    if not port and kind in _PORTS:
        return _PORTS[kind]
    if port and port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535:
        return int(port)
    if port is not None and has_template(port):
        at.problem(node, "the port of a check must be a number, not a template function")
    else:
        at.problem(node, f"{shown(port or '')} is not a port: use 1 to 65535; {_FORM}")
    return None


def _read_options(query: str, node: Node, *, at: Position) -> tuple[dict[str, object], list[str]]:
    """Split a query into members of the probe and what belongs to the path."""
    members: dict[str, object] = {}
    rest = []
    for item in query.split("&"):
        name, _, value = item.partition("=")
        if name in _TIMES:
            low = 0.0 if name == "start_period" else MIN_TIME_S
            seconds = _read_time(value)
            if seconds is None or not low <= seconds <= MAX_DURATION_S:
                at.problem(
                    node, f"{shown(item)} is not a time: write a number with ms, s, m or h, as 10s"
                )
            else:
                members[_TIMES[name]] = seconds
        elif name == "retries":
            if value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= MAX_RETRIES:
                members["retries"] = int(value[:9])
            else:
                at.problem(node, f"{shown(item)} is out of range: use 1 to {MAX_RETRIES}")
        else:
            rest.append(item)
    return members, rest


def _read_time(value: str) -> float | None:
    match = _DURATION.fullmatch(value)
    return float(match[1]) * _FACTORS[match[2] or "s"] if match else None
