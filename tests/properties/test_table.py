"""Overlays over a table read, at every moment, like a plain table that was changed at once."""

from collections import Counter
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from berth.domain.table import Overlay, Table


class Thing(NamedTuple):
    """A record."""

    key: str
    colour: str
    size: int


keys = st.sampled_from("abcdef")
things = st.builds(Thing, keys, st.sampled_from(["red", "blue"]), st.integers(0, 2))
#: A thing is put, a key is dropped; an overlay is laid on top, merged down, or thrown away.
steps = st.lists(st.one_of(things, keys, st.sampled_from(["lay", "merge", "discard"])), max_size=40)

Layer = Table[Thing] | Overlay[Thing]


def a_table() -> Table[Thing]:
    """Make an empty table with two indexes."""
    return Table(lambda t: t.key, {"colour": lambda t: t.colour, "size": lambda t: t.size})


def reads_like(layer: Layer, model: dict[str, Thing]) -> None:
    """Check every way of reading against a plain dictionary."""
    assert Counter(layer.values()) == Counter(model.values())
    assert len(layer) == len(model)
    for key in "abcdefg":
        assert layer.get(key) == model.get(key)
        assert (key in layer) == (key in model)
    for index, values in (("colour", ("red", "blue", "none")), ("size", (0, 1, 2))):
        for value in values:
            wanted = [thing for thing in model.values() if getattr(thing, index) == value]
            assert Counter(layer.find(index, value)) == Counter(wanted)


def merge_top(layers: list[Layer], models: list[dict[str, Thing]]) -> None:
    """Merge the topmost overlay down."""
    top = layers.pop()
    assert isinstance(top, Overlay)
    top.merge_down()
    assert top.changed == {}
    models[-2:] = [models[-1]]


@given(steps)
def test_overlays_read_like_a_plain_table_before_and_after_merging(
    script: list[Thing | str],
) -> None:
    layers: list[Layer] = [a_table()]
    models: list[dict[str, Thing]] = [{}]
    for step in script:
        if isinstance(step, Thing):
            layers[-1].put(step)
            models[-1][step.key] = step
        elif step == "lay":
            layers.append(Overlay(layers[-1]))
            models.append(dict(models[-1]))
        elif step == "merge" and len(layers) > 1:
            merge_top(layers, models)
        elif step == "discard" and len(layers) > 1:
            del layers[-1], models[-1]
        elif len(step) == 1:
            assert layers[-1].drop(step) == models[-1].pop(step, None)
        for layer, model in zip(layers, models, strict=True):
            reads_like(layer, model)
    while len(layers) > 1:
        merge_top(layers, models)
    reads_like(layers[0], models[0])
