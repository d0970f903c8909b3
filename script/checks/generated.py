"""Generated files are what their generators write."""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from script.checks.findings import Finding
from script.checks.tree import Tree

RULES = ("generated",)


@dataclass(frozen=True)
class Generated:
    """A tracked file, and the command that prints what it shall hold."""

    path: str
    command: tuple[str, ...]


#: Every generated file of the repository.
GENERATED: tuple[Generated, ...] = tuple(
    Generated(
        f"src/berth/client/records/{part}.py",
        (".venv/bin/python", "-m", "script.client_records", part),
    )
    for part in ("specs", "workloads", "instance")
)


def check_generated(tree: Tree, generated: Sequence[Generated] = GENERATED) -> Iterator[Finding]:
    """Find generated files that are missing, out of date, or cannot be made."""
    for item in generated:
        answer = subprocess.run(item.command, capture_output=True, text=True, check=False)
        source = tree.sources.get(item.path)
        if answer.returncode != 0:
            last = answer.stderr.strip().splitlines()[-1:] or ["no message"]
            yield Finding(item.path, 1, "generated", f"its generator failed: {last[0]}")
        elif source is None or source.text != answer.stdout:
            command = " ".join(item.command)
            yield Finding(item.path, 1, "generated", f"out of date: {command} > {item.path}")
