"""Tables: one line a row, never wrapped, and no wider than the window."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from berth.cli.screen.problems import clean
from berth.cli.screen.words import State

GAP = 2

#: A column is cut to this width at least, before columns are left out.
NARROW = 8

Cell = str | int | float | State


class TextTable:
    """Rows under the names of their columns."""

    def __init__(self, *columns: str, right: Sequence[str] = ()) -> None:
        #: Names of the columns, most important first.
        self.columns = columns
        #: Columns of numbers, which stand to the right.
        self.right = frozenset(right)
        self.rows: list[tuple[Cell, ...]] = []

    def add(self, *cells: Cell) -> None:
        """Add a row."""
        self.rows.append(cells)


def render(table: TextTable, *, width: int | None, header: bool = True) -> list[Text]:
    """Return the lines of a table; columns that do not fit go from the right, and it says so."""
    texts = [[clean(str(cell)) for cell in row] for row in table.rows]
    names = list(table.columns)
    widths = [
        max([cell_len(name), *(cell_len(row[index]) for row in texts)])
        for index, name in enumerate(names)
    ]
    shown = fit(widths, width)
    lines = [_line(names, shown, table=table, styles=["bold"] * len(names))] if header else []
    for row, cells in zip(texts, table.rows, strict=True):
        styles = [cell.style if isinstance(cell, State) else "" for cell in cells]
        lines.append(_line(row, shown, table=table, styles=styles))
    left_out = len(names) - len(shown)
    if left_out and header:
        lines.append(Text(f"+{left_out} column{'s' * (left_out > 1)}: --wide", style="dim"))
    return lines


def fit(widths: Sequence[int], width: int | None) -> list[int]:
    """Return how wide the columns are that can be shown, from the left.

    The last one that is shown is cut where that lets it stay.
    """
    if width is None:
        return list(widths)
    shown: list[int] = []
    left = width
    for wanted in widths:
        room = left - (GAP if shown else 0)
        if wanted <= room:
            shown.append(wanted)
        elif room >= NARROW or not shown:
            return [*shown, max(1, min(wanted, room))]
        else:
            return shown
        left = room - wanted
    return shown


def _line(
    cells: Sequence[str], widths: Sequence[int], *, table: TextTable, styles: Sequence[str]
) -> Text:
    line = Text(no_wrap=True, end="")
    last = len(widths) - 1
    for index, wide in enumerate(widths):
        text = cut(cells[index], wide)
        gap = " " * (wide - cell_len(text))
        if table.columns[index] in table.right:
            text = gap + text
        elif index < last:
            text += gap
        if index:
            line.append(" " * GAP)
        line.append(text, style=styles[index])
    line.rstrip()
    return line


def cut(text: str, width: int) -> str:
    """Cut a text to a width, with a mark where something is missing."""
    return text if cell_len(text) <= width else set_cell_size(text, max(0, width - 1)) + "…"
