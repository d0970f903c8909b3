"""Words of the command line: the options of every command, and how signatures become commands."""

import pytest

from berth.cli.common import Common, read_span, split
from berth.cli.screen.problems import CommandError
from shell import Shell


def test_options_of_every_command_may_stand_anywhere() -> None:
    common, rest = split(["--json", "hosts", "ls", "--context=lab", "x", "--timeout", "90s"])
    assert rest == ["hosts", "ls", "x"]
    assert common == Common(json=True, context="lab", timeout_s=90)


def test_words_behind_two_dashes_belong_to_the_program() -> None:
    common, rest = split(["exec", "web", "--", "ls", "--json"])
    assert rest == ["exec", "web", "--", "ls", "--json"]
    assert not common.json


def test_yes_may_name_a_guarded_context() -> None:
    assert split(["--yes=production"])[0] == Common(yes=True, yes_to="production")
    assert split(["--yes", "production"]) == (Common(yes=True), ["production"])


@pytest.mark.parametrize(
    "words", [["--context"], ["--timeout", "soon"], ["--field"], ["--timeout="]]
)
def test_an_option_without_its_value_is_refused(words: list[str]) -> None:
    with pytest.raises(CommandError):
        split(words)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5m", 300), ("1h30m", 5400), ("2.5", 2.5), ("0s", 0)]
)
def test_spans_are_read(text: str, seconds: float) -> None:
    assert read_span(text) == seconds


def test_the_help_names_every_word_and_loads_none() -> None:
    result = Shell().run("--help")
    assert result.code == 0
    for word in ("deploy", "deployments", "completion", "manager", "--timeout=TIME"):
        assert word in result.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["deplyo"], "did you mean deploy"),
        (["hosts", "frobnicate"], "frobnicate"),
        (["hosts", "ls", "--nope"], "--nope"),
        (["hosts", "show"], "name"),
        ([], "Words for every day"),
        (["containers"], "unpause"),
    ],
)
def test_wrong_words_are_answered_with_the_right_ones(words: list[str], said: str) -> None:
    result = Shell().run(*words)
    assert result.code == 2
    assert said.lower() in result.err.lower()


def test_every_noun_has_help_for_each_of_its_verbs() -> None:
    from berth.cli.menu import NOUNS, WORDS, load

    for noun in NOUNS:
        for name, command in load(noun).commands.items():
            assert command.help, f"{noun} {name}"
    assert all(word in load(module).commands for word, (module, _) in WORDS.items())


def test_a_noun_may_stand_in_the_singular() -> None:
    assert "Freeze containers" in Shell().run("container", "--help").out
