"""Lists: the part that a request asks for, rendered bit by bit so that nobody else waits for it."""

import asyncio
import bisect
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from fastapi import Depends, Query
from starlette.requests import Request

from berth.api.http.etag import answer_known, is_known, put_tag
from berth.api.http.params import Integer
from berth.api.http.responses import Json, Pieces, encode
from berth.api.listing.fields import Tree, check_fields, parse_fields, select
from berth.api.listing.filters import SLICE
from berth.domain.errors import Unreadable

T = TypeVar("T")

#: The most that the lists of events, statuses and tasks show.
MAX_ITEMS = 250


class Page(msgspec.Struct, frozen=True):
    """What a request says about a list, whatever is in it."""

    request: Request
    limit: int | None = None
    after: str = ""
    fields: Tree | None = None

    def cut(self, items: Sequence[T], shape: "Shape[T]") -> tuple[Sequence[T], bool]:
        """Return the asked part, and whether more follows; raises Unreadable."""
        start = _find_after(items, shape, after=self.after) if self.after else 0
        end = len(items) if self.limit is None else start + self.limit
        return items[start:end], end < len(items)

    def limited(self, limit: int) -> "Page":
        """Return the same page with at most ``limit`` items."""
        return msgspec.structs.replace(self, limit=limit)

    def link_after(self, last_id: str) -> str:
        """Return the header ``Link`` that leads to the next part."""
        query = self.request.query_params.multi_items()
        kept = [(name, value) for name, value in query if name not in ("after", "start")]
        path = quote(self.request.scope["path"])
        return f'<{path}?{urlencode([*kept, ("after", last_id)])}>; rel="next"'


async def read_page(
    request: Request,
    *,
    limit: Annotated[Integer | None, Query(description="At most this many items.")] = None,
    after: Annotated[
        str, Query(description="Id of an item: the list begins behind it. See the header Link.")
    ] = "",
    fields: Annotated[
        str | None, Query(description="Paths of the members to show, separated by commas.")
    ] = None,
) -> Page:
    """Read what all lists understand; raises Unreadable."""
    if limit is not None and limit < 0:
        raise Unreadable("limit cannot be below 0", code="invalid_query", field="limit")
    return Page(request, limit, after, parse_fields(fields or "") or None)


PageOf = Annotated[Page, Depends(read_page)]


class Shape(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """How the records of a list become its items."""

    id_of: Callable[[T], str]
    render: Callable[[Sequence[T]], Awaitable[Sequence[Any]]]
    #: Type of the items; none for documents, whose members are not ours.
    kind: type[msgspec.Struct] | None
    #: The member that holds the list; "" answers a bare array.
    envelope: str = ""
    #: JSON of members that stand before the list.
    beside: bytes = b""
    #: Whether the records come by id; else ``after`` must name one of them.
    by_id: bool = True
    #: At most this many records are rendered before others get a turn.
    at_once: int = SLICE


def one_by_one(render: Callable[[T], Any]) -> Callable[[Sequence[T]], Awaitable[Sequence[Any]]]:
    """Render each record by itself."""

    async def render_all(records: Sequence[T]) -> Sequence[Any]:
        return [render(record) for record in records]

    return render_all


async def answer_list(page: Page, records: Sequence[T], *, shape: Shape[T]) -> Json[Any]:
    """Answer the asked part of a list, in the order that the records have."""
    part, headers = begin_list(page, records, shape=shape)
    body = b"".join([piece async for piece in encode_list(page, part, shape=shape)])
    return Json(msgspec.Raw(body), headers=headers)


def stream_list(page: Page, records: Sequence[T], *, shape: Shape[T], tag: str) -> Json[Any]:
    """Send a list while it is made, since it is too large to hold; ``tag`` names it beforehand."""
    part, headers = begin_list(page, records, shape=shape)
    if is_known(page.request, tag):
        return answer_known(tag)
    answer = Pieces(encode_list(page, part, shape=shape), headers=headers)
    put_tag(answer.headers, tag)
    return answer


def begin_list(
    page: Page, records: Sequence[T], *, shape: Shape[T]
) -> tuple[Sequence[T], dict[str, str]]:
    """Return the asked part and the headers of its answer; raises Unreadable."""
    if page.fields is not None and shape.kind is not None:
        check_fields(page.fields, shape.kind)
    part, more = page.cut(records, shape)
    return part, {"Link": page.link_after(shape.id_of(part[-1]))} if more and part else {}


async def encode_list(page: Page, part: Sequence[T], *, shape: Shape[T]) -> AsyncIterator[bytes]:
    """Yield the JSON of a list piece by piece; others get their turn between two pieces."""
    beside = shape.beside + b"," if shape.beside else b""
    yield b"{%s%s:[" % (beside, encode(shape.envelope)) if shape.envelope else b"["
    for start in range(0, len(part), shape.at_once):
        if start:
            await asyncio.sleep(0)
        items = await shape.render(part[start : start + shape.at_once])
        encoded = encode(items if page.fields is None else select(items, page.fields))
        yield (b"," if start else b"") + encoded[1:-1]
    yield b"]}" if shape.envelope else b"]"


def _find_after(items: Sequence[T], shape: Shape[T], *, after: str) -> int:
    if shape.by_id:
        return bisect.bisect_right(items, after, key=shape.id_of)
    for place, item in enumerate(items):
        if shape.id_of(item) == after:
            return place + 1
    raise Unreadable(
        f"the list has no {after[:80]!r} to begin after; begin from the start",
        code="invalid_query",
        field="after",
    )


class Window(msgspec.Struct, frozen=True):
    """Where a list begins, and how many items it has at most."""

    start: int
    limit: int

    def after_start(self, items: Sequence[T]) -> Sequence[T]:
        """Return the newest items from the start on; the limit is the page's."""
        return items[self.start : MAX_ITEMS]


def read_window(start: int | None, limit: int | None, *, default: int) -> Window:
    """Check what a query says; raises Unreadable for numbers below 0."""
    for field, number in (("start", start), ("limit", limit)):
        if number is not None and number < 0:
            raise Unreadable(f"{field} cannot be below 0", code="invalid_query", field=field)
    return Window(start or 0, min(default if limit is None else limit, MAX_ITEMS))
