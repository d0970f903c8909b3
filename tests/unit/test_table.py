"""Tables with indexes, and overlays over them."""

from typing import NamedTuple

import pytest

from berth.domain.table import Overlay, Table


class Thing(NamedTuple):
    """A record."""

    key: str
    colour: str = "red"


def a_table(*things: Thing) -> Table[Thing]:
    """Make a table with an index by colour."""
    table: Table[Thing] = Table(lambda t: t.key, {"colour": lambda t: t.colour})
    for thing in things:
        table.put(thing)
    return table


def test_records_are_found_in_order_of_insertion() -> None:
    table = a_table(Thing("b"), Thing("a"), Thing("c", "blue"))
    assert table.find("colour", "red") == [Thing("b"), Thing("a")]


def test_a_record_that_changed_its_value_leaves_the_old_index_entry() -> None:
    table = a_table(Thing("a", "red"))
    table.put(Thing("a", "blue"))
    assert table.find("colour", "red") == []
    assert table.find("colour", "blue") == [Thing("a", "blue")]


def test_dropping_gives_the_record_once() -> None:
    table = a_table(Thing("a"))
    assert table.drop("a") == Thing("a")
    assert table.drop("a") is None
    assert table.find("colour", "red") == []


def test_a_found_list_may_be_kept_while_the_table_changes() -> None:
    table = a_table(Thing("a"))
    found = table.find("colour", "red")
    table.put(Thing("b"))
    assert found == [Thing("a")]


def test_an_unknown_index_is_a_mistake_that_shows() -> None:
    with pytest.raises(KeyError):
        a_table().find("shape", "round")


def test_the_base_of_an_overlay_stays_as_it_is_until_the_merge() -> None:
    base = a_table(Thing("a"), Thing("b"))
    overlay = Overlay(base)
    overlay.put(Thing("c"))
    overlay.drop("a")
    assert {thing.key for thing in base.values()} == {"a", "b"}
    overlay.merge_down()
    assert {thing.key for thing in base.values()} == {"b", "c"}


def test_a_record_put_and_dropped_in_an_overlay_never_was() -> None:
    overlay = Overlay(a_table())
    overlay.put(Thing("a"))
    assert overlay.drop("a") == Thing("a")
    assert "a" not in overlay
    assert overlay.find("colour", "red") == []
    assert len(overlay) == 0


def test_a_table_knows_the_size_of_its_records_through_an_overlay() -> None:
    table: Table[Thing] = Table(lambda t: t.key, size_of=lambda t: len(t.colour))
    for thing in (Thing("a", "red"), Thing("b", "blue"), Thing("a", "green")):
        table.put(thing)
    assert table.size == 9
    overlay = Overlay(table)
    above = Overlay(overlay)
    for put in (Thing("a", "x"), Thing("a", "xx"), Thing("c", "xyz")):
        above.put(put)
    above.drop("b")
    above.drop("c")
    above.drop("nosuch")
    assert (table.size, overlay.size, above.size) == (9, 9, 2)
    above.merge_down()
    assert (table.size, overlay.size, above.size) == (9, 2, 2)
    overlay.merge_down()
    assert (table.size, overlay.size) == (2, 2)
