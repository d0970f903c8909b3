"""Names for completion: from a cache of a few seconds, or else from the manager; never noise.

``berth _names NOUN PREFIX`` prints them. It loads no library of the screen, and the client only where
the cache is too old.
"""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

#: Names are that fresh, in seconds.
FRESH_S = 10

#: Deadline of the question to the manager, in seconds.
DEADLINE_S = 2.0

#: At most this many names are offered.
MAX_NAMES = 2000


def main(words: Sequence[str]) -> int:
    """Print the names of a noun that begin with a text; no names where anything is wrong."""
    noun, prefix = (*words, "", "")[:2]
    with contextlib.suppress(Exception):
        names = _read_cache(noun, os.environ)
        if names is None:
            names = _ask(noun)
            _write_cache(noun, names, environment=os.environ)
        found = [name for name in names if name.startswith(prefix) and name.isprintable()]
        sys.stdout.write("".join(f"{name}\n" for name in found[:MAX_NAMES]))
    return 0


def _cache_path(noun: str, environment: Mapping[str, str]) -> Path | None:
    """Return where names are kept; none where there is no place for what only this user reads."""
    folder = environment.get("XDG_RUNTIME_DIR", "")
    if not os.path.isabs(folder) or not noun.isalpha():
        return None
    return Path(folder) / f"berth-names-{noun}.json"


def _instance(environment: Mapping[str, str]) -> str:
    """Return what names the instance, so that those of another one are not offered."""
    said = [environment.get(name, "") for name in ("BERTH_URL", "BERTH_CONTEXT", "HOME")]
    home = environment.get("XDG_CONFIG_HOME") or f"{environment.get('HOME', '')}/.config"
    try:
        changed = os.stat(f"{home}/berth/contexts.toml").st_mtime_ns
    except OSError:
        changed = 0
    return "|".join([*said, str(changed), os.getcwd()])


def _read_cache(noun: str, environment: Mapping[str, str]) -> list[str] | None:
    path = _cache_path(noun, environment)
    try:
        if path is None or _age(path) > FRESH_S:
            return None
        kept = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return kept["names"] if kept.get("instance") == _instance(environment) else None


def _age(path: Path) -> float:
    """Return how old a file is, by the clock of its file system."""
    from berth.client.clock import SystemClock

    return abs(SystemClock().now() - path.stat().st_mtime)


def _write_cache(noun: str, names: list[str], *, environment: Mapping[str, str]) -> None:
    path = _cache_path(noun, environment)
    if path is None:
        return
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8") as file:
        json.dump({"instance": _instance(environment), "names": names}, file)
    beside.replace(path)


def _ask(noun: str) -> list[str]:
    from berth.cli.contexts import read

    if noun == "context":
        return sorted(read(os.environ).contexts)
    from msgspec.structs import replace

    from berth.cli.common import Common
    from berth.cli.session import Session
    from berth.client import NEVER, Client

    session = Session(Common(), os.environ)
    options = replace(session.options, timeout_s=DEADLINE_S, retries=NEVER)
    chosen = session.context
    with Client(
        chosen.url, token=chosen.token, authority=chosen.authority, options=options
    ) as client:
        return list(dict.fromkeys(filter(None, NAMES[noun](client))))


def _containers(client: Any) -> Iterator[str]:
    return (each.container_name for each in client.containers.list(fields=("container_name",)))


#: How the names of a noun are asked for.
NAMES: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "deployments": lambda client: (
        each.deployment_id for each in client.deployments.list(fields=("deployment_id",))
    ),
    "containers": _containers,
    "hosts": lambda client: (
        each.info.hostname for each in client.hosts.list(fields=("info.hostname",))
    ),
    "pools": lambda client: (each.id for each in client.pools.list(fields=("id",))),
    "services": lambda client: (
        each.service_id for each in client.services.list(fields=("service_id",))
    ),
    "stacks": lambda client: (
        each.service_id for each in client.stacks.list(fields=("service_id",))
    ),
    "registries": lambda client: (each.url for each in client.registries.list(fields=("url",))),
    "tags": lambda client: client.tags.list(),
    "tasks": lambda client: (each.id for each in client.tasks.list(fields=("ID",))),
    "kv": lambda client: iter(client.keys.names("")),
    "catalog": lambda client: iter(client.catalog.services()),
}
