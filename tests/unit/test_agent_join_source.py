"""Where an agent gets its join token from."""

import io
from pathlib import Path

import pytest

from berth.agent.data_directory import IDENTITY_FILE
from berth.agent.link.join_source import find_join_token


def find(folder: Path, given: str = "", *, file: str = "", variable: str = "") -> str:
    environment = {"BERTH_JOIN_TOKEN": variable} if variable else {}
    found = find_join_token(given, file, data_dir=folder, environment=environment)
    assert environment == {}
    return found


def test_a_token_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("berth-join-1.s.f\n")
    assert find(tmp_path, file=str(tmp_path / "token"), variable="other") == "berth-join-1.s.f"


def test_a_token_comes_by_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = io.TextIOWrapper(io.BytesIO(b" berth-join-1.s.f\nmore"))
    monkeypatch.setattr("sys.stdin", typed)
    assert find(tmp_path, file="-") == "berth-join-1.s.f"


def test_a_token_comes_from_a_variable_which_is_taken_away(tmp_path: Path) -> None:
    assert find(tmp_path, variable="berth-join-1.s.f\n") == "berth-join-1.s.f"


def test_a_token_that_is_given_is_taken(tmp_path: Path) -> None:
    assert find(tmp_path, "berth-join-1.s.f", variable="other") == "berth-join-1.s.f"


def test_an_agent_that_joined_reads_no_token(tmp_path: Path) -> None:
    (tmp_path / IDENTITY_FILE).write_text("{}")
    assert find(tmp_path, "x", file="-", variable="y") == ""


def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert find(tmp_path, file=str(tmp_path)) == ""
    assert f"the join token in {tmp_path} cannot be read" in caplog.text
