"""The run of the checks, and what conftest.py demands of every test."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from script.checks.__main__ import OWN, main, report, run_own
from script.checks.tools import Tool, run_tool
from script.checks.tree import Tree

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run_pytest(tmp_path):
    """Run pytest in another process on one test file beside our conftest.py."""
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\nmarkers = slow\n e2e\n")

    def run(text: str, **environment: str) -> str:
        (tmp_path / "test_it.py").write_text(f"import asyncio, pytest\n{text}")
        kept = {k: v for k, v in os.environ.items() if k not in ("CI", "BERTH_TEST_ALL")}
        answer = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path],
            env=kept | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return answer.stdout

    return run


def test_a_leftover_task_fails_its_test(run_pytest):
    text = (
        "async def test_it():\n    t.append(asyncio.create_task(asyncio.sleep(9), name='lost'))\n"
    )
    output = run_pytest("t = []\n" + text)
    assert "tasks were left over: lost" in output
    assert "1 error" in output


def test_a_task_that_its_fixture_cancels_is_fine(run_pytest):
    fixture = (
        "@pytest.fixture\nasync def task():\n    t = asyncio.create_task(asyncio.sleep(9))\n"
        "    yield t\n    t.cancel()\n"
    )
    assert "1 passed" in run_pytest(fixture + "async def test_it(task): ...\n")


def test_a_skip_fails_in_ci_alone(run_pytest):
    text = "def test_it(): pytest.skip('no engine')\n"
    assert "1 skipped" in run_pytest(text)
    output = run_pytest(text, CI="true")
    assert "in CI nothing may be skipped: Skipped: no engine" in output
    assert "1 failed" in output


def test_a_module_that_skips_itself_fails_in_ci(run_pytest):
    text = "pytest.importorskip('no_such_module')\n"
    assert "1 skipped" in run_pytest(text)
    assert "1 error" in run_pytest(text, CI="true")


def test_slow_tests_run_when_all_are_asked_for(run_pytest):
    text = "@pytest.mark.slow\ndef test_slow(): ...\ndef test_quick(): ...\n"
    assert "1 passed, 1 deselected" in run_pytest(text)
    assert "2 passed" in run_pytest(text, BERTH_TEST_ALL="1")


def test_a_tool_that_fails_is_reported_with_its_output():
    tool = Tool("x", (sys.executable, "-c", "print('found it'); raise SystemExit(1)"))
    passed, text = report("x", lambda: run_tool(tool))
    assert not passed
    assert "FAILED" in text
    assert "found it" in text


def test_a_check_that_passes_is_one_line():
    passed, text = report("names", lambda: run_own(OWN[1], Tree({}), exemptions=[]))
    assert passed
    assert text.startswith("names       ok")


def test_a_finding_makes_the_check_fail():
    tree = Tree({"src/berth/utils.py": ""})
    passed, text = run_own(OWN[1], tree, exemptions=[])
    assert not passed
    assert text.startswith("src/berth/utils.py:1: module-name: ")


def test_every_rule_belongs_to_one_check():
    rules = [rule for check in OWN for rule in check.rules]
    assert len(rules) == len(set(rules))


def test_an_unknown_check_is_refused(monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit):
        main(["no-such-check"])


def test_the_checks_end_with_1_when_one_fails_and_run_the_others(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)
    for path in ("script/checks/exemptions.toml", ".ci/run", "src/berth/utils.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    assert main(["names", "places"]) == 1
    output = capsys.readouterr().out
    assert "names       FAILED" in output
    assert "places      ok" in output
