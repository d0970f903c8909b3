"""The choice of members."""

import json
from typing import Any

import msgspec
import pytest

from berth.api.http.responses import encode
from berth.api.listing.fields import check_fields, parse_fields, select
from berth.domain.errors import Unreadable


class Inner(msgspec.Struct, frozen=True):
    """A nested answer."""

    x: int = 1
    y: int = 2


class Outer(msgspec.Struct, kw_only=True):
    """An answer."""

    id: str = msgspec.field(name="ID", default="a")
    inner: Inner = Inner()
    many: list[Inner] = msgspec.field(default_factory=lambda: [Inner(), Inner(3, 4)])
    free: dict[str, Any] = msgspec.field(default_factory=lambda: {"k": {"l": 1}, "m": 2})
    document: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


DOCUMENT = msgspec.Raw(
    b'{"Config": {"Image": "nginx", "Env": ["a"]}, "Id": "1", "Mounts": [{"A": 1, "B": 2}]}'
)


@pytest.mark.parametrize(
    ("fields", "chosen"),
    [
        ("ID", {"ID": "a"}),
        ("inner.x", {"inner": {"x": 1}}),
        ("inner", {"inner": {"x": 1, "y": 2}}),
        ("inner,inner.x", {"inner": {"x": 1, "y": 2}}),
        ("inner.x,inner", {"inner": {"x": 1, "y": 2}}),
        (" inner.y , ID,", {"inner": {"y": 2}, "ID": "a"}),
        ("many.y", {"many": [{"y": 2}, {"y": 4}]}),
        ("free.k.l", {"free": {"k": {"l": 1}}}),
        ("free.nothing", {"free": {}}),
        ("document.Id", {"document": {"Id": "1"}}),
        ("document.Config.Image,document.No", {"document": {"Config": {"Image": "nginx"}}}),
        ("document.Mounts.A", {"document": {"Mounts": [{"A": 1}]}}),
        ("document.Id.deeper", {"document": {"Id": {}}}),
    ],
)
def test_only_the_named_members_are_given(fields: str, chosen: dict[str, Any]) -> None:
    found = select([Outer(document=DOCUMENT)], parse_fields(fields))
    assert json.loads(encode(found)) == [chosen]


def test_a_member_that_is_not_set_stays_away() -> None:
    assert select(Outer(), parse_fields("document,ID")) == {"ID": "a"}


@pytest.mark.parametrize("fields", ["a..b", ".", "a.", ".b", "a." * 10 + "b", ",".join("a" * 101)])
def test_paths_that_cannot_be_read_are_refused(fields: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_fields(fields)
    assert caught.value.field == "fields"


def test_an_unknown_member_is_refused_by_name() -> None:
    check_fields(parse_fields("ID,inner.nosuch"), Outer)
    with pytest.raises(Unreadable, match="'id'"):
        check_fields(parse_fields("id"), Outer)
