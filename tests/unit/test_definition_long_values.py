"""Long values are read or refused at once, and a command is split as a shell splits it."""

import shlex
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from berth.definition import convert_text, parse_definition
from berth.definition.text.command_line import NoCommand, split_line
from berth.domain.errors import DefinitionInvalid

#: Processor time: far above what is promised, and far below what squared time would take.
SOON_S = 2.0
CHAIN = "".join(f"      V{n}: '{{{{env \"V{n + 1}\"}}}}'\n" for n in range(20_000))


@given(st.text("ab '\"\\\n\t{", max_size=12))
def test_a_command_is_split_as_a_shell_splits_it(line: str) -> None:
    try:
        expected = tuple(shlex.split(line))
    except ValueError:
        expected = None
    found = split_line(line)
    assert (None if isinstance(found, NoCommand) else found) == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("command: " + "a" * 1_000_000, "the command is longer than 64 KiB"),
        ("entrypoint: " + "a " * 20_000, "the command has more than 5000 words"),
        ("command: '" + '{{"' * 300_000 + "'", "the text is too large"),
        ("user: '" + "{{.HostIP}}" * 90_000 + "'", "the text is too large"),
        ("user: '{{env" + " a" * 400_000 + "}}'", "a template function is longer than 1024"),
        ("user: '{{env" + " a" * 400 + "}}'", "wrong arguments of the template function env"),
        ("environment: ['A=" + '{{env"\\"' * 4_999 + "']", "the template function is not closed"),
        ("environment: ['A=" + '{{"a' * 4_999 + "', wrong]\n    user: [a]", "a single value"),
        ("environment:\n" + CHAIN, "the text is too large"),
        ("stop_grace_period: " + "1s" * 400_000, '"1s1s1s1s1s1s'),
        ("volumes: ['/a:/b:" + "x," * 400_000 + "']", 'the mode "x" is unknown'),
        ("image: " + "a/" * 400_000, '"a/a/a/a/a'),
    ],
)
def test_a_value_that_is_too_long_is_refused_at_once(value: str, message: str) -> None:
    start = time.process_time()
    with pytest.raises(DefinitionInvalid) as raised:
        parse_definition(f"services:\n  web:\n    hostname: x\n    {value}\n")
    assert time.process_time() - start < SOON_S
    problem = next(one for one in raised.value.problems if one.message.startswith(message))
    assert problem.line >= 4
    assert problem.column > 0


@pytest.mark.parametrize(
    ("text", "longest"),
    [
        ("NAME: {image: app}", 128),
        ("web: {image: app, networks: [NAME]}", 128),
        ("web: {image: app, environment: ['occs:availability_context=NAME']}", 64),
    ],
)
def test_a_problem_of_a_long_name_has_its_length_and_the_limit(text: str, longest: int) -> None:
    parse_definition(text.replace("NAME", "x" * longest))
    with pytest.raises(DefinitionInvalid) as raised:
        parse_definition(text.replace("NAME", "x" * (longest + 1)))
    words = f"; it has {longest + 1} characters, at most {longest} are allowed"
    assert [found.message.endswith(words) for found in raised.value.problems] == [True]


def test_a_long_word_of_a_command_is_converted_at_once() -> None:
    start = time.process_time()
    forms = convert_text("docker run nginx " + "a" * 1_000_000)
    assert time.process_time() - start < SOON_S
    assert convert_text(forms.yaml).parsed.services == forms.parsed.services
