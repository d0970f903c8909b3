"""The agent starts without the manager's and the command line's libraries."""

import subprocess
import sys
from collections.abc import Iterator, Sequence

from script.checks.findings import Finding
from script.checks.tree import Tree

RULES = ("loading",)

#: Folder of the modules to load, by the libraries that none of them may bring in.
NEVER_LOADED = {
    "src/berth/agent/": ("fastapi", "starlette", "sqlalchemy", "alembic", "typer", "rich", "click"),
    "src/berth/client/": ("fastapi", "starlette", "sqlalchemy", "aiodocker", "typer", "rich"),
    "src/berth/domain/": ("asyncio", "aiohttp", "sqlalchemy", "fastapi"),
}

_LOAD = """
import importlib, sys
for name in sys.argv[2].split(","):
    importlib.import_module(name)
print(",".join(name for name in sys.argv[1].split(",") if name in sys.modules))
"""


def check_loading(tree: Tree) -> Iterator[Finding]:
    """Load every module of a package in a new interpreter and find what came along."""
    for folder, libraries in NEVER_LOADED.items():
        modules = [module_name(source.path) for source in tree.python(folder)]
        if modules:
            yield from load_modules(folder.rstrip("/"), modules, libraries=libraries)


def module_name(path: str) -> str:
    """Return the dotted name of a module below src."""
    return path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def load_modules(
    package: str, modules: Sequence[str], *, libraries: Sequence[str]
) -> Iterator[Finding]:
    """Find those of the libraries that loading the modules brings in."""
    answer = subprocess.run(
        [sys.executable, "-c", _LOAD, ",".join(libraries), ",".join(modules)],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        last = answer.stderr.strip().splitlines()[-1:] or ["no message"]
        yield Finding(package, 1, "loading", f"cannot be loaded: {last[0]}")
    for library in filter(None, answer.stdout.strip().split(",")):
        yield Finding(package, 1, "loading", f"loading it brings in {library}", library)
