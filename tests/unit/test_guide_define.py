"""The examples of the guide to definitions are what they say."""

import re
from pathlib import Path

import pytest

from berth.definition import parse_definition

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "define.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
TEXTS = [text for kind, text in BLOCKS if kind == "yaml"]


def whole(text: str) -> str:
    """Make keys of one service a whole text; the others that it names are there too."""
    if "services:" in text:
        return text
    keys = "".join(f"    {line}" for line in text.splitlines(keepends=True))
    return f"services:\n  web:\n{keys}  cache:\n    image: redis\n"


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_nothing_in_an_example_of_the_guide_is_wrong_or_ignored(number: int) -> None:
    parsed = parse_definition(whole(TEXTS[number]))
    assert parsed.services
    assert [entry for entry in parsed.report if entry.outcome == "ignored"] == []


def test_the_guide_has_an_example_for_every_section() -> None:
    assert len(TEXTS) >= 17
