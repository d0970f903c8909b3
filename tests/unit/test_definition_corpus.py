"""Whole texts, written after real ones, and what each of them means.

Beside ``NAME.yml`` stands ``NAME.json``: the services with the members that differ from their
defaults, and the report as line, field and outcome.
"""

from pathlib import Path

import msgspec
import pytest

from berth.definition import ParsedDefinition, parse_definition, render_with_defaults
from berth.domain.spec import ServiceSpec, hash_spec

FOLDER = Path(__file__).parent.parent / "definitions"
TEXTS = sorted(FOLDER.glob("*.yml"))


class Expected(msgspec.Struct, forbid_unknown_fields=True):
    """What stands beside a text."""

    services: dict[str, msgspec.Raw]
    report: list[tuple[int, str, str]]


def read(path: Path) -> tuple[ParsedDefinition, Expected]:
    """Parse a text, and read what is expected of it."""
    expected = msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=Expected)
    return parse_definition(path.read_text()), expected


def test_the_corpus_is_large() -> None:
    assert len(TEXTS) >= 60


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_text_means_what_is_written_beside_it(path: Path) -> None:
    parsed, expected = read(path)
    wanted = [
        msgspec.convert({"key": key, **msgspec.json.decode(raw)}, ServiceSpec)
        for key, raw in expected.services.items()
    ]
    assert list(parsed.services) == wanted


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_what_a_text_cannot_have_is_reported_at_its_line(path: Path) -> None:
    parsed, expected = read(path)
    assert [(e.line, e.field, e.outcome) for e in parsed.report] == expected.report


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_the_copy_of_a_deployment_means_the_same(path: Path) -> None:
    copy = parse_definition(render_with_defaults(path.read_text())).services
    for mine, theirs in zip(parse_definition(path.read_text()).services, copy, strict=True):
        assert mine == theirs
        assert hash_spec(mine.container) == hash_spec(theirs.container)
