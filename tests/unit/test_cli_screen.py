"""Tables and errors as they are seen: never wider than the window, and nothing changes a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from berth.cli.nouns.deploy import without_defaults
from berth.cli.nouns.logs import plain
from berth.cli.screen.problems import Fault, ShownProblem
from berth.cli.screen.problems import render as render_problem
from berth.cli.screen.table import TextTable, render
from berth.cli.screen.words import HEALTHY, age, deployment_state, parse_time, size, when


def a_table(*rows: tuple[str, ...]) -> TextTable:
    table = TextTable("STATE", "NAME", "POOL", "RUNNING", "SAYS")
    for row in rows or (("healthy", "shop", "production", "12 of 12", "x" * 60),):
        table.add(*row)
    return table


@pytest.mark.parametrize("width", [20, 40, 80, 200, None])
def test_no_line_is_wider_than_the_window(width: int | None) -> None:
    lines = render(a_table(), width=width)
    assert all(cell_len(line.plain) <= (width or 10_000) for line in lines)


@given(st.lists(st.tuples(*[st.text(max_size=30)] * 5), max_size=5), st.integers(10, 120))
def test_no_text_makes_a_line_wider_or_two(rows: list[tuple[str, ...]], width: int) -> None:
    table = a_table(*rows) if rows else a_table()
    for line in render(table, width=width):
        assert cell_len(line.plain) <= max(width, 20)
        assert line.plain.isprintable()


def test_columns_that_do_not_fit_go_from_the_right_and_it_says_so() -> None:
    lines = [line.plain for line in render(a_table(), width=30)]
    assert lines[0] == "STATE    NAME  POOL"
    assert lines[-1] == "+2 columns: --wide"


def test_a_state_is_told_by_shape_and_word_and_colored() -> None:
    table = TextTable("STATE")
    table.add(HEALTHY)
    line = render(table, width=None)[1]
    assert line.plain == "● healthy"
    assert line.spans[0].style == "green"


@pytest.mark.parametrize(
    ("health", "pending", "word"),
    [("Healthy", 0, "healthy"), ("Healthy", 3, "updating"), ("Pending", 1, "starting"),
     ("Pending", 0, "waiting"), ("Unhealthy", 3, "unhealthy"), ("Stopped", 0, "stopped")],
)  # fmt: skip
def test_the_state_of_a_deployment_follows_from_its_summary(
    health: str, pending: int, word: str
) -> None:
    assert deployment_state(health, pending).word == word


def test_times_are_ages_or_exact() -> None:
    moment = parse_time("2026-01-01T00:00:00.123456789Z")
    assert moment is not None
    assert when(moment, now=moment + 250, exact=False) == "4 min"
    assert when(moment, now=0, exact=True).startswith(("2026-01-01T", "2025-12-31T"))
    assert when(parse_time("0001-01-01T00:00:00Z"), now=5, exact=False) == ""
    assert [age(each) for each in (0, 59, 3600, 259_200)] == ["now", "59 s", "1 h", "3 d"]


def test_a_clock_that_is_behind_shows_no_negative_age() -> None:
    assert when(1000.0, now=10.0, exact=False) == "now"


def test_sizes_are_short() -> None:
    assert [size(each) for each in (0, 950, 1500, 41_000_000, 8.6e9)] == [
        "0 B", "950 B", "1.5 kB", "41 MB", "8.6 GB",
    ]  # fmt: skip


def test_an_error_shows_the_line_that_it_is_in() -> None:
    fault = Fault(message='"imge" is no key', line=3, column=5)
    problem = ShownProblem(
        message="the text is not valid", code="invalid_definition", faults=[fault],
        fixes=["one", "two", "three"], text="services:\n  web:\n    imge: nginx\n", name="shop.yml",
    )  # fmt: skip
    assert render_problem(problem, width=80) == [
        "berth: the text is not valid" + " " * 32 + "(invalid_definition)",
        'shop.yml:3:5  "imge" is no key',
        "        imge: nginx",
        "        ^",
        "  one",
        "  two",
    ]


@pytest.mark.parametrize(
    "text",
    ["\x1b[2J", "\x1b]0;title\x07", "\x1b[31mred\x1b[0m", "a\rb", "\x9b2J", "\x00\x08"],
)
def test_what_a_container_writes_cannot_change_the_terminal(text: str) -> None:
    assert all(each.isprintable() or each == "\t" for each in plain(text))


def test_what_the_manager_added_to_a_text_is_no_difference() -> None:
    written = "services:\n  web:\n    image: nginx\n"
    stored = (
        written
        + "    environment:\n      - 'occs:availability=per-pool'\n      - 'occs:scheduler=random'\n"
    )
    assert without_defaults(stored, written=written) == written.rstrip("\n")
    kept = stored + "      - A=b\n"
    assert "A=b" in without_defaults(kept, written=written)
    assert "environment:" in without_defaults(kept, written=written)
