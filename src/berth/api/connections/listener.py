"""Accepts connections, as long as there is room for them, up to the end of their TLS handshake."""

import asyncio
import socket
import ssl
from collections.abc import Callable

from berth.api.connections.admission import Admission, Guest
from berth.api.connections.cut_log import Cut
from berth.api.connections.limits import Limits

#: Connections that are accepted in one turn of the event loop.
BATCH = 64

#: Pause after a connection could not be accepted, for example since no file was left to open.
REST_S = 0.2

#: Makes the protocol of a connection.
MakeProtocol = Callable[[Guest], asyncio.Protocol]


class Listener:
    """A listening socket whose connections are counted before anything else happens to them."""

    def __init__(
        self,
        listening: socket.socket,
        make_protocol: MakeProtocol,
        *,
        admission: Admission,
        limits: Limits,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._socket = listening
        self._make_protocol = make_protocol
        self._admission = admission
        self._limits = limits
        self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._opening: set[asyncio.Task[None]] = set()
        self._resting: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Accept connections from now on."""
        self._socket.setblocking(False)
        self._loop.add_reader(self._socket.fileno(), self._accept)

    async def stop(self) -> None:
        """Stop accepting, and end the handshakes that are under way."""
        self._loop.remove_reader(self._socket.fileno())
        if self._resting is not None:
            self._resting.cancel()
        for task in self._opening:
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)

    def _accept(self) -> None:
        for _ in range(BATCH):
            try:
                connection, address = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:
                self._rest()
                return
            self._admit(connection, str(address[0]))

    def _admit(self, connection: socket.socket, address: str) -> None:
        guest = self._admission.admit(address)
        if guest is None:
            connection.close()
            return
        connection.setblocking(False)
        task = self._loop.create_task(self._open(connection, guest), name="server: handshake")
        guest.cut = task.cancel
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open(self, connection: socket.socket, guest: Guest) -> None:
        """Make the protocol of a connection, after the handshake where TLS is spoken."""
        limit_s = self._limits.handshake_s if self._tls is not None else None
        is_open = False
        try:
            await self._loop.connect_accepted_socket(
                lambda: self._make_protocol(guest),
                connection,
                ssl=self._tls,
                ssl_handshake_timeout=limit_s,
            )
            is_open = True
        except OSError:
            guest.note(Cut.NO_HANDSHAKE)
        finally:
            if not is_open:
                guest.leave()
                connection.close()

    def _rest(self) -> None:
        """Accept nothing for a moment: the next try would fail as well."""
        self._admission.cuts.note(Cut.NOT_ACCEPTED, "this machine")
        self._loop.remove_reader(self._socket.fileno())
        self._resting = self._loop.call_later(REST_S, self.start)
