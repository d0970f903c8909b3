"""The guide of statuses: every kind that the code can record has a row, and nothing else has."""

import re
from pathlib import Path

import pytest

from event_kinds import find_kinds

GUIDE = Path(__file__).parents[2] / "docs/guides/statuses.md"
_KIND = re.compile(r"`([a-z]+(?:_[a-z]+)*)`")


def rows() -> list[list[str]]:
    """Return the cells of each row whose first cell names a kind."""
    lines = [line for line in GUIDE.read_text().splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def kinds_in_guide() -> set[str]:
    return {kind for row in rows() for kind in _KIND.findall(row[0])}


def test_every_kind_of_event_and_status_is_in_the_guide() -> None:
    assert find_kinds() - kinds_in_guide() == set()


def test_the_guide_names_no_kind_that_the_code_does_not_record() -> None:
    assert kinds_in_guide() - find_kinds() == set()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_every_status_has_a_subject_a_meaning_and_what_follows(row: list[str]) -> None:
    assert all(row)
    assert len(row) in (2, 4)
