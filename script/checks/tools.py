"""Ready-made tools that are part of the checks."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tool:
    """A command that fails when it finds something."""

    name: str
    command: tuple[str, ...]


def _beside_python(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def list_tools() -> list[Tool]:
    """Return the tools in the order of their reports."""
    ruff, python = _beside_python("ruff"), sys.executable
    return [
        Tool("format", (ruff, "format", "--check", "--quiet", "--diff", ".")),
        Tool("lint", (ruff, "check", "--quiet", ".")),
        Tool("types", (python, "-m", "mypy", "--no-error-summary")),
        Tool("imports", (_beside_python("lint-imports"), "--no-logo")),
        Tool(
            "shell",
            (
                "bash",
                "-c",
                'for f in "$@"; do bash -n "$f" || e=1; done; exit ${e:-0}',
                "bash",
                *shell_scripts(),
            ),
        ),
    ]


def shell_scripts() -> list[str]:
    """Find the scripts whose first line names bash."""
    found = []
    for path in [*Path("script").iterdir(), *Path(".ci").iterdir()]:
        if path.is_file():
            with path.open("rb") as file:
                if b"bash" in file.readline():
                    found.append(str(path))
    return sorted(found)


def run_tool(tool: Tool) -> tuple[bool, str]:
    """Run a tool; return whether it was content, and what it printed."""
    answer = subprocess.run(
        tool.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return answer.returncode == 0, answer.stdout
