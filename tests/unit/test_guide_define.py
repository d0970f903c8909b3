"""The examples of the guide to definitions are what they say."""

import re
from pathlib import Path

import pytest

from berth.definition import parse_definition
from berth.definition.service.keys import no_effect
from berth.definition.service.reader import KEYS
from berth.definition.templates.language import FORMS, INJECTED
from berth.definition.text.template_names import DOCKER, PLATFORM

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
    ignored = [entry.reason for entry in parsed.report if entry.outcome == "ignored"]
    assert all("the address that proxy gives" in reason for reason in ignored)


@pytest.mark.parametrize("key", [key for key in KEYS if key not in no_effect.KEYS])
def test_the_guide_has_an_example_of_every_key(key: str) -> None:
    assert any(re.search(rf"^ *{key}:", text, re.MULTILINE) for text in TEXTS)


@pytest.mark.parametrize("key", no_effect.KEYS)
def test_what_the_guide_says_of_keys_without_effect_is_true(key: str) -> None:
    parsed = parse_definition(whole(f"image: nginx\n{key}: [x]\n"))
    assert [entry.field.rpartition(".")[2] for entry in parsed.report] == [key]


@pytest.mark.parametrize("name", [*FORMS, *PLATFORM, *DOCKER])
def test_the_guide_has_an_example_of_every_template_name(name: str) -> None:
    assert any(re.search(r"\{\{(\w+ )?" + re.escape(name) + r"\b", text) for text in TEXTS)


@pytest.mark.parametrize("variable", sorted(INJECTED))
def test_the_guide_tells_of_every_variable_that_containers_are_given(variable: str) -> None:
    assert f"`{variable}`" in GUIDE.read_text()


@pytest.mark.parametrize(
    "entry",
    [
        "occs:description", "occs:availability", "occs:availability_context", "occs:scheduler",
        "constraint:hostname", "constraint:tag", "OCCS_PHASE_ID", "OCCS_HEALTHCHECK_",
        "OCCS_REMOVE_ON_DIE", "OCCS_PULL_ON_CREATE",
    ],
)  # fmt: skip
def test_the_guide_has_an_example_of_every_entry_of_the_environment(entry: str) -> None:
    assert any(entry in text for text in TEXTS)
