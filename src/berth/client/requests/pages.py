"""A list as an iteration: asked for part by part, while somebody goes on."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from berth.client.errors import StrangeAnswerError
from berth.client.requests.answers import Reply, read
from berth.client.requests.calls import Call
from berth.client.requests.flows import Context, Emit, Flow, ask

#: Items that are asked for at once.
PAGE = 500

_NEXT = re.compile(r'<([^<>]*)>\s*;\s*rel="?next"?')


def pages(call: Call[list[Any]], context: Context) -> Flow[None]:
    """Emit the items of a list."""
    after = ""
    while True:
        paged = msgspec.structs.replace(call, query={"limit": PAGE, **call.query, "after": after})
        reply = yield from ask(paged, context)
        for item in read(call, reply):
            yield Emit(item)
        following = next_after(reply)
        if not following:
            return
        if following == after:
            raise StrangeAnswerError("the next part of a list is the one before it")
        after = following


def next_after(reply: Reply) -> str:
    """Return the id behind which the next part begins; "" behind the last part."""
    found = _NEXT.search(reply.headers.get("link", ""))
    return parse_qs(urlsplit(found[1]).query).get("after", [""])[0] if found else ""
