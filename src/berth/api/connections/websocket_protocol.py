"""A WebSocket on one connection: small until somebody is known on it."""

import asyncio
from asyncio.transports import BaseTransport
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from uvicorn._types import ASGIReceiveEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import SecurityError
from websockets.frames import CloseCode
from websockets.http11 import MAX_LINE_LENGTH, MAX_NUM_HEADERS, Request

from berth.api.connections.admission import SCOPE_KEY, Guest
from berth.api.connections.cut_log import Cut
from berth.api.connections.last_answer import LastAnswer, render_refusal
from berth.api.connections.limits import Limits
from berth.api.http.errors import ErrorItem

#: Headers with which a refusal says what would be taken.
_SAYS_HOW = frozenset({"Allow", "Upgrade", "Sec-WebSocket-Version"})

_Headers = Iterable[tuple[bytes, bytes]]

#: What a stranger sends is parsed in pieces of this size, so that few messages are made of it.
PIECE_BYTES = 4 * 1024


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Uvicorn's protocol, which alone would let strangers fill it and wait for ever."""

    def __init__(self, *, limits: Limits, guest: Guest, **given: Any) -> None:
        """Take the limits, whose connection it is, and what uvicorn hands to every protocol."""
        super().__init__(**given)
        self._limits = limits
        self._guest = guest
        #: What a stranger sent, and of that what is not parsed yet.
        self._received = 0
        self._unparsed = b""
        self._last_answer: LastAnswer | None = None
        #: Ends the wait for a credential.
        self._deadline: asyncio.TimerHandle | None = None
        #: How often the client has taken what made the application wait.
        self.resumed = 0

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin, with small messages and a deadline unless somebody is known already."""
        super().connection_made(transport)
        self._guest.cut = self.transport.abort
        self._guest.is_busy = lambda: False
        if not self._guest.is_known:
            self._guest.on_known = self._trust
            self.conn.max_message_size = self._limits.opening_bytes
            wait_s = self._limits.opening_s + self._limits.close_s
            self._deadline = self.loop.call_later(wait_s, self._end_stranger)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._end_wait()
        self._guest.leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, of a stranger's only as much as is wanted."""
        if self._last_answer is not None:
            self._last_answer.drop(data)
        elif self.transport.is_closing():
            return  # over TLS more comes until the client has answered the close
        elif self._guest.is_known and not self._unparsed:
            super().data_received(data)
        else:
            self._received += len(data)
            self._unparsed += data
            self._parse()

    async def receive(self) -> ASGIReceiveEvent:
        """Return the next message, and parse on."""
        message = await super().receive()
        self._parse()
        return message

    def handle_connect(self, event: Request) -> None:
        """Let the application know whose connection it is, or refuse what is no WebSocket."""
        answer = self.conn.accept(event)
        if answer.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            super().handle_connect(event)
            self.scope[SCOPE_KEY] = self._guest  # type: ignore[literal-required]
            return
        extra = [
            (name.encode(), value.encode())
            for name, value in answer.headers.raw_items()
            if name in _SAYS_HOW
        ]
        self._refuse(answer.status_code, str(self.conn.handshake_exc), headers=extra)

    def resume_writing(self) -> None:
        """Go on sending."""
        self.resumed += 1
        super().resume_writing()

    def handle_ping(self) -> None:
        """Answer a ping, unless the client takes no answers."""
        output = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(output)

    def handle_parser_exception(self) -> None:
        """Say why the socket is closed; one that is not open yet is cut."""
        if self.conn.close_sent is None:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
            self.transport.abort()
        else:
            super().handle_parser_exception()
            self.loop.call_later(self._limits.close_s, self.transport.abort)

    def _parse(self) -> None:
        """Parse until there is a message that waits for the application."""
        while self._unparsed and not self.read_paused and not self.transport.is_closing():
            size = len(self._unparsed) if self._guest.is_known else PIECE_BYTES
            piece, self._unparsed = self._unparsed[:size], self._unparsed[size:]
            super().data_received(piece)
            if self.conn.handshake_exc is not None and self._last_answer is None:
                self._refuse_head(self.conn.handshake_exc)
        if self._is_too_much() and self._last_answer is None and not self.transport.is_closing():
            self._guest.note(Cut.NO_CREDENTIAL)
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG, "too much before a credential")
            self.handle_parser_exception()

    def _is_too_much(self) -> bool:
        """Whether a stranger sent more than a head and a first message come to."""
        most = self._limits.head_bytes + self._limits.opening_bytes
        return not self._guest.is_known and self._received > most

    def _refuse_head(self, reason: Exception) -> None:
        """Answer a head that this parser, which is stricter than that of HTTP, does not take."""
        if isinstance(reason, SecurityError):  # a line too long, or too many of them
            message = (
                f"the head of a WebSocket has at most {MAX_NUM_HEADERS} fields, and each of its "
                f"lines at most {MAX_LINE_LENGTH} bytes"
            )
            self._refuse(431, message, code="head_too_large")
        else:
            self._refuse(400, "this is no request for a WebSocket that can be read")

    def _refuse(
        self, status: int, message: str, *, code: str = "invalid_request", headers: _Headers = ()
    ) -> None:
        self._guest.note(Cut.UNREADABLE)
        self._unparsed = b""
        item = ErrorItem(message=message, code=code)
        answer = render_refusal(status, item, headers=[*self.default_headers, *headers])
        self._last_answer = LastAnswer(self.transport, answer, limits=self._limits)

    def _trust(self) -> None:
        """Take messages of every size from now on."""
        self._end_wait()
        self.conn.max_message_size = self.config.ws_max_size

    def _end_stranger(self) -> None:
        self._guest.note(Cut.NO_CREDENTIAL)
        self.transport.abort()

    def _end_wait(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
