"""Contexts: kept so that only their owner reads them, whatever the home looks like."""

import stat
from pathlib import Path

import pytest

from berth.cli import contexts as kept
from berth.cli.contexts import Context, Contexts
from berth.cli.screen.problems import CommandError
from shell import Shell

PEM = "-----BEGIN CERTIFICATE-----\nAB+/=\n-----END CERTIFICATE-----\n"
LAB = Context(url="https://lab:8443", token="ab" * 32, user="admin", authority=PEM)


def test_contexts_are_read_as_they_were_written(tmp_path: Path) -> None:
    variables = {"HOME": str(tmp_path)}
    every = Contexts().put("lab", LAB).put("prod", Context(url="https://ü\u2028:1", guarded=True))
    path = kept.write(every, variables)
    assert path == tmp_path / ".config" / "berth" / "contexts.toml"
    assert kept.read(variables) == every
    assert every.current == "lab"


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    path = kept.write(Contexts().put("lab", LAB), {"XDG_CONFIG_HOME": str(tmp_path)})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["contexts.toml"]


def test_without_a_home_it_says_what_helps() -> None:
    result = Shell().run("hosts", "ls")
    assert (result.code, "Traceback" in result.err) == (2, False)
    assert "BERTH_URL" in result.err


@pytest.mark.parametrize(
    "content", ["current = ", "contexts = 3", "\udcff", "[contexts.a]\nurl = 1"]
)
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "berth"
    folder.mkdir()
    (folder / "contexts.toml").write_bytes(content.encode("utf-8", "surrogateescape"))
    result = Shell(XDG_CONFIG_HOME=str(tmp_path)).run("context", "ls")
    assert result.code == 2
    assert "contexts.toml cannot be read" in result.err


def test_a_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "berth").write_text("a file where the folder would be")
    with pytest.raises(CommandError, match="cannot be kept"):
        kept.write(Contexts(), {"XDG_CONFIG_HOME": str(tmp_path)})


def test_contexts_are_listed_chosen_guarded_and_forgotten(tmp_path: Path) -> None:
    kept.write(Contexts().put("lab", LAB).put("prod", LAB), {"HOME": str(tmp_path)})
    shell = Shell(HOME=str(tmp_path))
    assert shell.run("context", "ls", "--quiet").lines == ["lab", "prod"]
    assert shell.run("context", "use", "prod").code == 0
    assert shell.run("context", "guard", "prod").code == 0
    shown = shell.run("context", "show", "--json").out
    assert '"guarded":true' in shown
    assert LAB.token not in shown
    assert shell.run("context", "rm", "lab").code == 0
    assert shell.run("context", "show", "lab").code == 5


def test_a_project_may_name_its_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "berth.toml").write_text('context = "nowhere"\n')
    monkeypatch.chdir(tmp_path)
    result = Shell(HOME=str(tmp_path)).run("hosts", "ls")
    assert (result.code, "nowhere" in result.err) == (5, True)
