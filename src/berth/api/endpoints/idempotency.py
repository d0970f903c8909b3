"""Requests with an ``Idempotency-Key``: a repeated one gets the first answer and changes nothing."""

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive

from berth.api.endpoints.auth import principal_of, services_of, use_services
from berth.api.http.request_body import THREAD_BYTES, read_large_body
from berth.api.services import Services
from berth.domain.errors import Conflict, Invalid, StoreFailed, Unreadable
from berth.domain.records import Replay
from berth.runtime.secrets import Undecipherable
from berth.store.draft import Draft

log = logging.getLogger(__name__)

HEADER = "Idempotency-Key"

#: How long a repeated request is recognised, in seconds.
KEEP_S = 24 * 3600.0

#: Longer answers are not kept; the request is carried out once all the same.
MAX_ANSWER_BYTES = 32 * 1024

#: Marks an answer that is not kept: it is shown once.
NO_STORE = "no-store"

#: Size of the parts in which a body is passed on.
_PART_BYTES = 1024 * 1024

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


async def answer_once(
    request: Request, *, max_body: int, answer: Callable[[Request], Coroutine[Any, Any, Response]]
) -> Response:
    """Answer a request with a key, or return the answer that it got the first time.

    Raises Invalid when the key came with another request, and Conflict while the first one is
    under way, or when its answer is not known any more although it changed something.
    """
    services, user = services_of(request), principal_of(request).user
    replay_id = _hash(str(user.id), _read_key(request))
    body = await read_large_body(request, max_body)
    first = _first_sight(services, request, replay_id=replay_id, digest=await _digest(body))
    under_way = cast(set[str], request.app.state.requests_under_way)
    if replay_id in under_way:
        raise Conflict("the first request with this key is under way", code="request_under_way")
    kept = services.store.memory.replays.get(replay_id)
    if kept is not None and kept.created_at + KEEP_S > first.created_at:
        return _repeat(services, kept, again=first)
    under_way.add(replay_id)
    try:
        use_services(request, replace(services, replay=first))
        again = _Again(body, then=request.receive)
        answered = await answer(Request(request.scope, again.receive))
        if answered.status_code == 200:
            await _keep(services, first, answered=answered)
        return answered
    finally:
        under_way.discard(replay_id)


class _Again:
    """Holds a body that was read already for whoever reads it next."""

    def __init__(self, body: bytearray, *, then: Receive) -> None:
        self._body = body
        self._given: int | None = 0
        self._then = then

    async def receive(self) -> Message:
        """Return the next part of the body, with a turn for others; then what else comes."""
        start = self._given
        if start is None:
            return await self._then()
        part = bytes(memoryview(self._body)[start : start + _PART_BYTES])
        more = start + len(part) < len(self._body)
        self._given = start + len(part) if more else None
        if more:
            await asyncio.sleep(0)
        return {"type": "http.request", "body": part, "more_body": more}


async def _digest(body: bytearray) -> str:
    digest = hashlib.sha256()
    if len(body) > THREAD_BYTES:
        await asyncio.to_thread(digest.update, body)
    else:
        digest.update(body)
    return digest.hexdigest()


def _first_sight(services: Services, request: Request, *, replay_id: str, digest: str) -> Replay:
    """Make what is written with the first change: that the request was carried out."""
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    fingerprint = _hash(request.method, path, query, digest)
    return Replay(id=replay_id, fingerprint=fingerprint, created_at=services.clock.now())


def _repeat(services: Services, kept: Replay, *, again: Replay) -> Response:
    if kept.fingerprint != again.fingerprint:
        raise Invalid(
            "this key came with another request already: use a new key for each request",
            code="key_in_use",
            field=HEADER,
        )
    try:
        text = services.secrets.decrypt(kept.answer) if kept.answer else ""
    except Undecipherable:
        text = ""
    if not text:
        raise Conflict(
            "this request was carried out, but its answer was not kept: look at what it made",
            code="answer_not_kept",
        )
    headers = {"Idempotent-Replayed": "true"}
    return Response(text, media_type=kept.media_type, headers=headers)


async def _keep(services: Services, first: Replay, *, answered: Response) -> None:
    """Keep an answer, encrypted since it may hold a token; without it a repetition is refused."""
    content = bytes(getattr(answered, "body", b""))
    is_secret = answered.headers.get("cache-control") == NO_STORE
    if not content or is_secret or len(content) > MAX_ANSWER_BYTES:
        return
    media_type = answered.headers.get("content-type", "application/json")
    whole = msgspec.structs.replace(
        first, answer=services.secrets.encrypt(content.decode()), media_type=media_type
    )

    def keep(draft: Draft) -> None:
        draft.replays.put(whole)

    try:
        await services.store.run(keep)
    except StoreFailed as failure:
        log.warning("the answer to a request with a key was not kept: %s", failure)


def _read_key(request: Request) -> str:
    key = request.headers[HEADER]
    if not _KEY.fullmatch(key):
        raise Unreadable(
            "a key has 1 to 255 visible ASCII characters", code="invalid_key", field=HEADER
        )
    return key


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
