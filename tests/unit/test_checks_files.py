"""Lock files, generated files, loading and exemptions are judged as the rules say."""

import subprocess
import sys

import pytest

from script.checks.findings import (
    Exemption,
    Finding,
    find_unknown_rules,
    judge_findings,
    parse_exemptions,
)
from script.checks.generated import Generated, check_generated
from script.checks.loading import load_modules, module_name
from script.checks.locks import check_locks
from script.checks.tree import Tree, read_tree

PROJECT = """
[project]
dependencies = ["One_Lib>=2", "two"]
[project.optional-dependencies]
dev = ["three"]
"""
REASON = "splitting it would hide the order of the steps"
BREACH = Finding("src/a.py", 3, "function-lines", "too long", "A.f")


def locks_broken_by(run: str, dev: str, *, hashed: str = " \\\n    --hash=sha256:ab") -> list[str]:
    files = {
        "pyproject.toml": PROJECT,
        "requirements/run.txt": run.replace("\n", f"{hashed}\n"),
        "requirements/dev.txt": dev.replace("\n", f"{hashed}\n"),
    }
    return [finding.message.split(";")[0] for finding in check_locks(Tree(files))]


def test_lock_files_that_hold_every_dependency_are_fine():
    assert locks_broken_by("one-lib==2.1\ntwo==1\n", "one-lib==2.1\ntwo==1\nthree==9\n") == []


def test_a_dependency_that_is_not_locked_is_found():
    assert locks_broken_by("one-lib==2.1\n", "one-lib==2.1\ntwo==1\n") == [
        "two is not locked",
        "three is not locked",
    ]


def test_a_locked_version_that_is_not_allowed_is_found():
    found = locks_broken_by("one-lib==1.9\ntwo==1\n", "one-lib==2.1\ntwo==1\nthree==9\n")
    assert found[0] == "One_Lib is locked to 1.9, which One_Lib>=2 does not allow"


def test_lock_files_that_differ_are_found():
    found = locks_broken_by("one-lib==2.1\ntwo==1\n", "one-lib==2.2\ntwo==1\nthree==9\n")
    assert found == ["one-lib is 2.1 in requirements/run.txt but 2.2 here"]


def test_a_dependency_without_a_hash_is_found():
    found = locks_broken_by("one-lib==2.1\ntwo==1\n", "one-lib==2.1\ntwo==1\nthree==9\n", hashed="")
    assert found[:2] == ["one-lib has no hash", "two has no hash"]


def test_a_generated_file_is_compared_with_what_its_generator_prints():
    item = Generated("a.json", (sys.executable, "-c", "print('{}')"))
    assert list(check_generated(Tree({"a.json": "{}\n"}), [item])) == []
    assert "out of date" in next(iter(check_generated(Tree({"a.json": "[]"}), [item]))).message
    assert "out of date" in next(iter(check_generated(Tree({}), [item]))).message


def test_a_generator_that_fails_is_found():
    item = Generated("a.json", (sys.executable, "-c", "raise SystemExit('no schema')"))
    found = list(check_generated(Tree({"a.json": ""}), [item]))
    assert [finding.message for finding in found] == ["its generator failed: no schema"]


def test_a_library_that_comes_along_is_found():
    found = list(load_modules("x", ["json.tool"], libraries=["argparse", "sqlite3"]))
    assert [finding.message for finding in found] == ["loading it brings in argparse"]


def test_a_module_that_cannot_be_loaded_is_found():
    found = list(load_modules("x", ["no_such_module"], libraries=["argparse"]))
    assert "No module named 'no_such_module'" in found[0].message


def test_module_names_come_from_paths():
    assert module_name("src/berth/agent/engine/protocol.py") == "berth.agent.engine.protocol"
    assert module_name("src/berth/agent/__init__.py") == "berth.agent"


def test_an_exemption_excuses_its_rule_at_its_place_alone():
    exemption = Exemption("function-lines", "src/a.py::A.f", REASON)
    other = Finding("src/a.py", 3, "parameters", "too many", "A.f")
    assert judge_findings([BREACH, other], [exemption], rules=["function-lines"]) == [other]


def test_a_stale_exemption_is_found():
    exemption = Exemption("function-lines", "src/a.py::A.g", REASON)
    found = judge_findings([], [exemption], rules=["function-lines"])
    assert [finding.rule for finding in found] == ["stale-exemption"]


def test_an_exemption_from_a_rule_that_was_not_looked_at_is_not_judged():
    exemption = Exemption("function-lines", "src/a.py::A.g", REASON)
    assert judge_findings([], [exemption], rules=["parameters"]) == []


def test_an_exemption_without_a_reason_is_found():
    exemption = Exemption("function-lines", "src/a.py::A.f", "long")
    found = judge_findings([BREACH], [exemption], rules=["function-lines"])
    assert [finding.rule for finding in found] == ["bare-exemption"]


def test_an_exemption_from_an_unknown_rule_is_found():
    exemption = Exemption("function-line", "src/a.py", REASON)
    assert len(find_unknown_rules([exemption], ["function-lines"])) == 1


def test_exemptions_with_other_members_are_refused():
    text = '[[exemption]]\nrule = "a"\nwhere = "b"\nreason = "c"\n'
    assert parse_exemptions(text) == [Exemption("a", "b", "c")]
    with pytest.raises(TypeError):
        parse_exemptions(text + 'until = "d"\n')


def test_new_files_are_read_and_ignored_ones_are_not(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("out/\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.py").write_text("a")
    (tmp_path / "b.py").write_text("b")
    (tmp_path / "c.bin").write_bytes(b"\xff\xfe")
    assert set(read_tree(tmp_path).sources) == {".gitignore", "b.py"}
