"""Measures how the code is laid out, at one commit or several: python -m bench.shape f72c1cb HEAD"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter, defaultdict
from io import BytesIO
from pathlib import Path, PurePosixPath

import grimp

ROOT = Path(__file__).parents[1]
PACKAGE = "berth"
#: A flow of many parts takes longer on a busy machine.
DEADLINE_S = 300


def main(commits: list[str]) -> None:
    """Print a table with a column for each commit."""
    with tempfile.TemporaryDirectory() as directory:
        sources = [unpack(commit, Path(directory)) for commit in commits]
        shared = set.intersection(*({each.name for each in _parts(one)} for one in sources))
        columns = [measure(source, shared=shared) for source in sources]
    print("| | " + " | ".join(commits) + " |")
    print("| --- |" + " --- |" * len(commits))
    for name in columns[0]:
        print(f"| {name} | " + " | ".join(column[name] for column in columns) + " |")


def unpack(commit: str, directory: Path) -> Path:
    """Write the sources of a commit into a folder of its own, and return it."""
    packed = subprocess.check_output(
        ["git", "archive", f"--prefix={commit}/", commit, "src"], cwd=ROOT
    )
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(directory, filter="data")
    return directory / commit / "src"


def measure(source: Path, *, shared: set[str]) -> dict[str, str]:
    """Return the figures of one commit; ``shared`` are the packages that all commits have."""
    kept = [file for each in _parts(source) if each.name in shared for file in each.rglob("*.py")]
    return {
        **measure_files(source / PACKAGE),
        "files of packages that all have": f"{len(kept):,}",
        "lines of packages that all have": f"{sum(map(_count_lines, kept)):,}",
        **run_apart("bench.shape", "--imports", source=source),
        **run_apart("bench.shape_flows", source=source),
    }


def _parts(source: Path) -> list[Path]:
    return [each for each in (source / PACKAGE).iterdir() if (each / "__init__.py").exists()]


def _count_lines(file: Path) -> int:
    return len(file.read_text().splitlines())


def measure_files(package: Path) -> dict[str, str]:
    """Count files, lines and the modules that stand loose in a folder."""
    files = sorted(package.rglob("*.py"))
    lengths = [_count_lines(file) for file in files]
    loose = Counter(file.parent for file in files if file.name != "__init__.py")
    largest = [
        f"{PurePosixPath(folder.relative_to(package.parent))} {count}"
        for folder, count in loose.most_common(6)
    ]
    return {
        "files": f"{len(files):,}",
        "lines": f"{sum(lengths):,}",
        "longest file": f"{max(lengths)}",
        "folders with more than 16 loose modules": f"{sum(n > 16 for n in loose.values())}",
        "most loose modules": ", ".join(largest),
    }


def run_apart(module: str, *words: str, source: Path) -> dict[str, str]:
    """Run a part of the measurement on the package of another folder, and return what it prints."""
    python_path = f"{source}:{ROOT}"
    printed = subprocess.check_output(
        [sys.executable, "-W", "ignore", "-m", module, *words],
        cwd=ROOT,
        env={
            "PYTHONPATH": python_path,
            "PATH": "/usr/bin:/bin",
            "BERTH_ADMIN_PASSWORD": "measured",
        },
        timeout=DEADLINE_S,
    )
    figures: dict[str, str] = json.loads(printed.splitlines()[-1])
    return figures


def measure_imports() -> dict[str, str]:
    """Count modules and packages that import each other in a ring, those for types included."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    siblings: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for importer, imported_modules in imports.items():
        for imported in imported_modules:
            parent, one, other = _part_ways(importer, imported)
            if one and other:
                siblings[parent][one].add(other)
    rings = sum(len(find_ringed(edges)) for edges in siblings.values())
    return {
        "modules in import circles": f"{len(find_ringed(imports))}",
        "siblings in import circles, at every level": f"{rings}",
    }


def find_ringed(edges: dict[str, set[str]]) -> set[str]:
    """Return what is in a ring, or between two, by taking away what nothing leads to or from."""
    left = set(edges) | {to for ends in edges.values() for to in ends}
    while True:
        leads = {each for each in left if edges.get(each, set()) & left}
        reached = {to for each in left for to in edges.get(each, ())}
        kept = left & leads & reached
        if kept == left:
            return left
        left = kept


def _part_ways(importer: str, imported: str) -> tuple[str, str, str]:
    """Return the package that holds both modules, and the child of it that each is in."""
    one, other = importer.split("."), imported.split(".")
    depth = next(
        (n for n, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1), 0
    )
    if not depth:
        return "", "", ""  # one holds the other
    return ".".join(one[:depth]), one[depth], other[depth]


if __name__ == "__main__":
    if sys.argv[1:] == ["--imports"]:
        print(json.dumps(measure_imports()))
    else:
        main(sys.argv[1:] or ["HEAD"])
