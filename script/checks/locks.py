"""The lock files agree with pyproject.toml and with each other."""

import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping

from packaging.requirements import Requirement

from script.checks.findings import Finding
from script.checks.tree import Tree

RULES = ("lock",)

RUN = "requirements/run.txt"
DEV = "requirements/dev.txt"
CONSOLE = "requirements/console.txt"

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)


def check_locks(tree: Tree) -> Iterator[Finding]:
    """Find dependencies that are not locked, or locked to a version they do not allow."""
    project = tomllib.loads(_text(tree, "pyproject.toml")).get("project", {})
    run, dev = read_pins(_text(tree, RUN)), read_pins(_text(tree, DEV))
    extras = dict(project.get("optional-dependencies", {}))
    tools = extras.pop("dev", [])
    programs = [*project.get("dependencies", []), *itertools.chain(*extras.values())]
    for path, pins, wanted in ((RUN, run, programs), (DEV, dev, [*programs, *tools])):
        for line in wanted:
            message = _judge(Requirement(line), pins)
            if message:
                yield Finding(path, 1, "lock", f"{message}; make the lock files again")
    for path in (RUN, DEV, CONSOLE):
        for name in find_unhashed(_text(tree, path)):
            yield Finding(path, 1, "lock", f"{name} has no hash; make the lock files again")
    for name, version in run.items():
        if dev.get(name) != version:
            message = f"{name} is {version} in {RUN} but {dev.get(name, 'missing')} here"
            yield Finding(DEV, 1, "lock", message)


def read_pins(text: str) -> dict[str, str]:
    """Read a lock file: version by normalized name."""
    return {_normalize(name): version for name, version in _PIN.findall(text)}


def find_unhashed(text: str) -> list[str]:
    """Return the names of what is locked to a version and to no file."""
    whole = text.replace("\\\n", " ")
    return [
        line.partition("==")[0]
        for line in whole.splitlines()
        if "==" in line and not line.startswith("#") and " --hash=sha256:" not in line
    ]


def _judge(requirement: Requirement, pins: Mapping[str, str]) -> str:
    version = pins.get(_normalize(requirement.name))
    if version is None:
        return f"{requirement.name} is not locked"
    if not requirement.specifier.contains(version, prereleases=True):
        return f"{requirement.name} is locked to {version}, which {requirement} does not allow"
    return ""


def _normalize(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _text(tree: Tree, path: str) -> str:
    source = tree.sources.get(path)
    return source.text if source else ""
