"""Words that shall not be in any tracked file: notes to oneself, machine paths, registry hosts."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from script.checks.findings import Finding
from script.checks.tree import Tree

RULES = ("note-to-self", "machine-path", "registry-host", "registry-option")

#: Spelled in pieces, so that this file does not find itself.
NOTES = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")

REGISTRY_HOSTS = re.compile(
    r"\bpypi\.org|pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com"
    r"|(?:deb|security|snapshot)\.debian\.org|\"resolved\":\s*\"https?:|https?://[^\s\"']+/simple\b"
)

#: What pip-compile writes into lock files unless told not to.
REGISTRY_OPTIONS = re.compile(
    r"^\s*--?(?:index-url|extra-index-url|find-links|trusted-host|[if]\s)|file://", re.MULTILINE
)

PERSONAL_PATHS = r"/root/\.(?:cache|config|local|pyenv)\b|/tmp/(?:pip|pytest|bash)[-_]\w+"

#: Parents of a checkout that say nothing about a machine.
COMMON_PARENTS = frozenset({"/", "/home", "/opt", "/root", "/src", "/srv", "/tmp", "/usr/src"})


def check_hygiene(tree: Tree) -> Iterator[Finding]:
    """Find lines that only make sense to their writer, or only on one machine."""
    rules = (
        ("note-to-self", NOTES, "finish it, or describe the limit in the documentation"),
        ("machine-path", machine_paths(_own_paths()), "a path of one machine"),
        ("registry-host", registry_hosts(os.environ), "a package registry's address"),
    )
    for source in tree:
        for rule, pattern, message in rules:
            for match in pattern.finditer(source.text):
                line = source.text.count("\n", 0, match.start()) + 1
                yield Finding(source.path, line, rule, f"'{match[0].strip()}': {message}")
        if source.path.startswith("requirements/"):
            for match in REGISTRY_OPTIONS.finditer(source.text):
                line = source.text.count("\n", 0, match.start()) + 1
                message = f"'{match[0].strip()}': where packages come from is the machine's matter"
                yield Finding(source.path, line, "registry-option", message)


def machine_paths(own: Sequence[str]) -> re.Pattern[str]:
    """Make the pattern of paths that exist on one machine only."""
    exact = "|".join(re.escape(path) + r"(?=[/\s\"'`,;:)]|$)" for path in own)
    return re.compile(
        rf"(?<![\w.$}}*-])(?:{exact + '|' if exact else ''}{PERSONAL_PATHS})", re.MULTILINE
    )


def registry_hosts(environment: os._Environ[str] | dict[str, str]) -> re.Pattern[str]:
    """Make the pattern of registry addresses: the public ones and those set in the environment."""
    hosts = {
        urlsplit(word).hostname
        for name, value in environment.items()
        if re.search(r"(?:INDEX_URL|REGISTRY|PROXY)$", name.upper())
        for word in value.split()
        if "://" in word
    }
    own = [re.escape(host) for host in sorted(filter(None, hosts)) if "." in host]
    return re.compile("|".join([REGISTRY_HOSTS.pattern, *own]))


def _own_paths() -> list[str]:
    root = Path.cwd()
    paths = {str(root), str(Path.home()), sys.base_prefix}
    if str(root.parent) not in COMMON_PARENTS:
        paths.add(str(root.parent))
    return sorted(paths - COMMON_PARENTS - {"/usr", "/usr/local"}, key=len, reverse=True)
