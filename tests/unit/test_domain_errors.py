"""The error tree as it is drawn is the one that exists."""

import inspect
import re

from berth.domain import errors

#: A line of the drawing: how deep it is, and the name.
_DRAWN = re.compile(r"^((?:[│├└─ ]{4})*)([A-Z][a-z]+(?:[A-Z][a-z]+)*)(?= {2}|$)", re.MULTILINE)


def test_the_drawn_tree_holds_every_error_below_its_parent() -> None:
    drawn: dict[str, str] = {}
    above: list[str] = []
    for indent, name in _DRAWN.findall(errors.__doc__ or ""):
        above[len(indent) // 4 :] = [name]
        drawn[name] = above[-2] if len(above) > 1 else "Exception"
    exist = {
        name: kind.__base__.__name__
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, errors.BerthError)
    }
    assert drawn == exist
