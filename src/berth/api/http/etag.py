"""ETags: a caller who has an answer already gets 304 instead of the same again."""

import hashlib
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response

from berth.api.http.responses import Json
from berth.store.memory import Memory

#: Answers belong to one user, and are asked for again each time.
CACHING = "private, no-cache"


class NotModified(Json[Any]):
    """An answer without a body: the caller has it."""

    def render(self, content: Any) -> bytes:
        """Return no body."""
        return b""


def tag_answer(request: Request, answer: Response) -> Response:
    """Name what was read by its content, or answer 304 when the caller has it already."""
    if request.method != "GET" or answer.status_code != 200 or not isinstance(answer, Json):
        return answer
    if not answer.whole:
        return answer
    content = answer.body
    if answer.timing:
        content = bytes(content).replace(answer.timing, b"", 1)
    tag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    if is_known(request, tag):
        return answer_known(tag)
    put_tag(answer.headers, tag)
    return answer


def tag_of_revision(request: Request, memory: Memory) -> str:
    """Name an answer that follows from revisioned state alone, before it is made."""
    query = hashlib.blake2b(request.url.query.encode(), digest_size=6).hexdigest()
    return f'"{memory.instance.epoch}-{memory.revision}-{query}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether the caller has the answer of that name."""
    named = request.headers.get("if-none-match", "")
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in named.split(","))


def answer_known(tag: str) -> Json[Any]:
    """Answer 304."""
    answer = NotModified(None, 304)
    put_tag(answer.headers, tag)
    return answer


def put_tag(headers: MutableHeaders, tag: str) -> None:
    """Put an answer's name into its headers; a weak one, for all its compressed forms."""
    headers["ETag"] = f"W/{tag}"
    headers["Cache-Control"] = CACHING
