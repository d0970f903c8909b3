"""Whatever answers, and whatever is typed: an exit code and a sentence, and never a traceback."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from berth.cli.exits import ExitCode
from berth.cli.menu import NOUNS, WORDS, load
from berth.client import Retries
from shell import Result, Shell
from unit.broken_server import answering, http

#: One command of each way to ask: lists, objects, writes, streams, progress.
COMMANDS = [
    ["hosts", "ls"], ["deployments", "show", "shop"], ["kv", "put", "a", "1"], ["kv", "watch"],
    ["logs", "shop", "-f"], ["deployments", "scale", "shop", "web=2"], ["exec", "shop", "--", "ls"],
    ["api", "GET", "/api/v2/settings"], ["why", "shop"], ["top", "--once"], ["version"], ["search", "x"],
]  # fmt: skip
each_command = pytest.mark.parametrize("words", COMMANDS, ids=" ".join)


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let nothing be repeated, so that each test ends at once; a defect's report goes away."""
    monkeypatch.setattr("berth.cli.session.PATIENCE", Retries(tries=1))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def ask(url: str, words: list[str]) -> Result:
    result = Shell(BERTH_URL=url, BERTH_TOKEN="t", HOME="/nonexistent").run(*words)
    assert "Traceback" not in result.err
    assert "defect" not in result.err
    return result


@each_command
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00\xff" * 50,
        http(b"<h1>It works</h1>", kind="text/html"),
        http(b'{"deployments": [{"deployment_id": '),
        http(b"[]")[:-1],
        http(b"<h1>502 Bad Gateway</h1>", status="502 Bad Gateway", kind="text/html"),
        http(b"", status="302 Found", more="Location: /login\r\n"),
        http(b"", status="302 Found", more="Location: \x1b[2J\r\n"),
        http(b'{"errors": []}', status="500 Oops"),
        http(b'{"errors": [{"message": "\\u001b[2J", "code": "x"}]}', status="409 Conflict"),
    ],
    ids=["closed", "half", "ssh", "noise", "html", "cut", "short", "proxy", "redirect",
         "odd redirect", "empty errors", "escapes"],
)  # fmt: skip
def test_a_broken_server_is_said_and_ends_the_command(words: list[str], data: bytes) -> None:
    with answering(data) as url:
        result = ask(url, words)
    assert result.code in (ExitCode.UNREACHABLE, ExitCode.REFUSED)
    assert result.err.startswith("berth: ")
    assert "\x1b" not in result.err


@pytest.mark.parametrize("words", [each for each in COMMANDS if each[0] != "api"], ids=" ".join)
def test_an_answer_that_says_nothing_is_no_answer_of_berth(words: list[str]) -> None:
    with answering(http(b"null")) as url:
        assert ask(url, words).code == ExitCode.UNREACHABLE


@each_command
def test_a_server_that_resets_every_connection_is_not_reachable(words: list[str]) -> None:
    with answering(b"", reset=True) as url:
        assert ask(url, words).code == ExitCode.UNREACHABLE


@each_command
def test_nobody_there_exits_3(words: list[str]) -> None:
    assert ask("http://127.0.0.1:1", words).code == ExitCode.UNREACHABLE


@each_command
def test_an_address_that_is_none_is_wrong_usage(words: list[str]) -> None:
    assert ask("ftp://x/y z", words).code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("status", "code"), [("401 No", 4), ("403 No", 4), ("404 No", 5), ("412 No", 6), ("503 No", 3)]
)
def test_each_status_has_its_exit_code(status: str, code: int) -> None:
    body = b'{"errors": [{"message": "no", "code": "some_code"}]}'
    with answering(http(body, status=status)) as url:
        assert ask(url, ["api", "GET", "/x"]).code == code


WORD = st.sampled_from(
    [*NOUNS, *WORDS, "ls", "show", "rm", "--json", "--quiet", "--field", "x", "-", "--"]
)
VERBS = [[noun, verb] for noun in NOUNS for verb in load(noun).commands]
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.one_of(WORD, TEXT), max_size=6), st.sampled_from([[], *VERBS]))
def test_no_words_end_in_a_traceback(words: list[str], verb: list[str]) -> None:
    line = [*verb, *words]
    if {"login", "completion", "edit", "install", "-"} & {*line}:
        line = ["context", "ls"]  # these write files, start an editor, or read what is typed
    result = ask("http://127.0.0.1:1", line)
    assert result.code in {*ExitCode} - {ExitCode.DEFECT}


def test_a_defect_is_reported_in_a_file_and_exits_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("berth.cli.nouns.context.kept.read", lambda _: 1 / 0)
    result = Shell(HOME="/nonexistent").run("context", "ls")
    assert result.code == ExitCode.DEFECT
    assert "Traceback" not in result.err
    path = Path(result.err.rpartition(" ")[2].strip())
    assert "ZeroDivisionError" in path.read_text()


def test_ctrl_c_exits_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("berth.cli.nouns.context.kept.read", interrupt)
    assert Shell(HOME="/nonexistent").run("context", "ls").code == ExitCode.INTERRUPTED


def test_a_reader_that_leaves_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("berth.cli.output.Output.table", leave)
    result = Shell(HOME="/nonexistent").run("context", "ls")
    assert (result.code, result.err) == (ExitCode.DONE, "")
