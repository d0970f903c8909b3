"""The import contracts forbid what the architecture forbids."""

import tomllib
from pathlib import Path

import grimp
import pytest

from script.checks.contracts import (
    Allowance,
    AllowedImports,
    PurePackages,
    find_breaches,
    parse_allowance,
)

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]
TABLE = next(contract["table"] for contract in CONTRACTS if contract["type"] == "allowed")


def allowed(importer: str, imported: str) -> bool:
    allowances = [parse_allowance(line) for line in TABLE]
    return not list(find_breaches([(importer, imported)], allowances))


def a_graph(*imports: tuple[str, str]) -> grimp.ImportGraph:
    graph = grimp.ImportGraph()
    for importer, imported in imports:
        graph.add_import(
            importer=importer, imported=imported, line_number=7, line_contents="import"
        )
    return graph


def test_a_line_is_read():
    assert parse_allowance("agent.engine: domain runtime | aiodocker") == Allowance(
        "agent.engine", frozenset({"domain", "runtime"}), frozenset({"aiodocker"})
    )


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("berth.agent.link.session", "fastapi"),
        ("berth.agent.link.session", "sqlalchemy"),
        ("berth.agent.link.session", "aiodocker"),
        ("berth.agent.link.session", "berth.store.memory"),
        ("berth.agent.engine.docker.engine", "berth.agent.link.session"),
        ("berth.cli.hosts", "berth.domain.ids"),
        ("berth.cli.hosts", "httpx"),
        ("berth.client.http", "berth.runtime.clock"),
        ("berth.domain.spec", "berth.runtime.clock"),
        ("berth.api.hosts", "sqlalchemy"),
        ("berth.control.pools", "berth.testing.fleet"),
        ("berth.runtime.loop", "berth.scheduler.ranking"),
        ("berth.unlisted.module", "berth.domain.ids"),
        ("berth.domainical", "msgspec"),
        ("berth", "msgspec"),
    ],
)
def test_these_imports_are_forbidden(importer: str, imported: str):
    assert not allowed(importer, imported)


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("berth.agent.engine.docker.engine", "aiodocker"),
        ("berth.agent.engine.docker.engine", "berth.agent.engine.protocol"),
        ("berth.agent.local.step", "berth.agent.engine.protocol"),
        ("berth.cli.hosts", "berth.client.http"),
        ("berth.client.http", "httpx"),
        ("berth.client.http", "berth"),
        ("berth.domain.spec", "hashlib"),
        ("berth.store.sql.database", "sqlalchemy"),
        ("berth.testing.fleet", "berth.store.memory"),
    ],
)
def test_these_imports_are_allowed(importer: str, imported: str):
    assert allowed(importer, imported)


def test_the_contract_says_who_imports_what_and_what_is_allowed():
    contract = AllowedImports("x", {}, {"table": ["domain: | msgspec"]})
    check = contract.check(a_graph(("berth.domain.spec", "yaml")), verbose=False)
    assert not check.kept
    assert check.metadata["breaches"] == [
        "berth.domain.spec (line 7) imports yaml; domain may import: none of Berth; msgspec"
    ]


def test_the_contract_holds_for_a_graph_that_follows_the_table():
    contract = AllowedImports("x", {}, {"table": ["domain: | msgspec"]})
    assert contract.check(a_graph(("berth.domain.spec", "msgspec")), verbose=False).kept


def test_a_pure_package_must_not_import_a_clock():
    contract = PurePackages("x", {}, {"packages": ["berth.domain"], "modules": ["time"]})
    assert not contract.check(a_graph(("berth.domain.spec", "time")), verbose=False).kept
    assert contract.check(a_graph(("berth.runtime.clock", "time")), verbose=False).kept
