"""Contract types for import-linter: who may import what, and which packages are pure."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

ROOT = "berth"


@dataclass(frozen=True)
class Allowance:
    """What one package may import beside itself and the standard library."""

    #: Name below ``berth``; "" means the root package's own module.
    package: str
    #: Names below ``berth``; ``*`` means all.
    packages: frozenset[str]
    #: Names of third-party libraries, as imported.
    libraries: frozenset[str]

    def allows(self, imported: str) -> bool:
        """Return whether a module may be imported."""
        top, _, name = imported.partition(".")
        if top != ROOT:
            return top in sys.stdlib_module_names or top in self.libraries
        if not name or "*" in self.packages:
            return True
        return any(_is_within(name, package) for package in (self.package, *self.packages))

    def __str__(self) -> str:
        packages = ", ".join(sorted(self.packages)) or "none of Berth"
        libraries = ", ".join(sorted(self.libraries)) or "no library"
        return f"{packages}; {libraries}"


def parse_allowance(line: str) -> Allowance:
    """Read a line ``package: packages | libraries``."""
    package, _, allowed = line.partition(":")
    packages, _, libraries = allowed.partition("|")
    return Allowance(package.strip(), frozenset(packages.split()), frozenset(libraries.split()))


def find_breaches(
    imports: Iterable[tuple[str, str]], allowances: Iterable[Allowance]
) -> Iterator[tuple[str, str, Allowance | None]]:
    """Find imports (importer, imported) that no allowance covers.

    The longest package name that fits the importer decides; none fits a package that is not listed.
    """
    by_length = sorted(allowances, key=lambda allowance: len(allowance.package), reverse=True)
    for importer, imported in imports:
        name = importer.partition(".")[2]
        fitting = (a for a in by_length if (_is_within(name, a.package) if a.package else not name))
        allowance = next(fitting, None)
        if allowance is None or not allowance.allows(imported):
            yield importer, imported, allowance


class AllowedImports(Contract):
    """Every package imports only what its line in ``table`` names; missing packages do no harm."""

    type_name = "allowed"

    table = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Compare each import with the table."""
        allowances = [parse_allowance(line) for line in _strings(self.table)]
        breaches = [
            f"{_place(graph, importer=importer, imported=imported)} imports {imported}; "
            + (f"{allowance.package} may import: {allowance}" if allowance else "it has no line")
            for importer, imported, allowance in find_breaches(sorted(_imports(graph)), allowances)
        ]
        return _answer(breaches)

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print what the table does not allow."""
        _print_breaches(check)


class PurePackages(Contract):
    """No module of ``packages`` imports one of ``modules``; missing packages do no harm."""

    type_name = "pure"

    packages = fields.ListField(subfield=fields.StringField())
    modules = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look for imports of the modules."""
        banned = set(_strings(self.modules))
        packages = _strings(self.packages)
        breaches = [
            f"{_place(graph, importer=importer, imported=imported)} imports {imported}"
            for importer, imported in sorted(_imports(graph))
            if imported.partition(".")[0] in banned
            and any(_is_within(importer, package) for package in packages)
        ]
        return _answer(breaches)

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print who is not pure."""
        _print_breaches(check)


def _is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _imports(graph: ImportGraph) -> Iterator[tuple[str, str]]:
    for module in graph.modules:
        if _is_within(module, ROOT):
            for imported in graph.find_modules_directly_imported_by(module):
                yield module, imported


def _place(graph: ImportGraph, *, importer: str, imported: str) -> str:
    details: list[Mapping[str, Any]] = [
        dict(detail) for detail in graph.get_import_details(importer=importer, imported=imported)
    ]
    lines = ", ".join(str(detail["line_number"]) for detail in details)
    return f"{importer} (line {lines})"


def _strings(field: object) -> list[str]:
    return [str(value) for value in field] if isinstance(field, list) else []


def _answer(breaches: list[str]) -> ContractCheck:
    return ContractCheck(kept=not breaches, metadata={"breaches": breaches})


def _print_breaches(check: ContractCheck) -> None:
    for breach in check.metadata["breaches"]:
        output.print_error(f"- {breach}", bold=False)
