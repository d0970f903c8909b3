"""Keeps the endpoint on the address of the engine's bridge, wherever that is."""

import logging

from berth.agent.engine.protocol import Engine
from berth.agent.gateway.connection import Doorway
from berth.agent.gateway.endpoint import answer_request
from berth.agent.gateway.key_copy import KeyCopy
from berth.agent.gateway.peers import Peers
from berth.agent.gateway.server import HttpServer
from berth.agent.reports.facts import HostFactsReader
from berth.runtime.clock import Clock
from berth.runtime.complaint import Complaint
from berth.runtime.loop import Wakeup, run_loop

log = logging.getLogger(__name__)

PORT = 9109
#: An address that could not be had is tried again after this, and a new one is noticed.
RETRY_S = 2.0


class Gateway:
    """Serves the copy on the bridge alone, and to what has an address in one of the engine's."""

    def __init__(
        self,
        copy: KeyCopy,
        host: HostFactsReader,
        *,
        engine: Engine,
        clock: Clock,
        port: int = PORT,
    ) -> None:
        self._host = host
        self._clock = clock
        self._port = port
        doorway = Doorway(Peers(engine, clock=clock).admits, clock=clock)
        self._server = HttpServer(lambda request: answer_request(copy, request), doorway=doorway)
        self._complaint = Complaint(log, clock)
        #: Where it listens, "" while nowhere.
        self.address = ""
        #: The port that it listens on.
        self.bound = 0

    async def run(self) -> None:
        """Serve until cancelled; whatever happens here, containers go on."""
        try:
            await run_loop(
                "the key/value endpoint",
                self.reconcile_address,
                wakeup=Wakeup(),
                resync_s=lambda: RETRY_S,
                clock=self._clock,
            )
        finally:
            await self.close()

    async def close(self) -> None:
        """Stop serving; safe to repeat."""
        await self._server.close()

    async def reconcile_address(self) -> str:
        """Listen on the bridge's address, if it is another than before."""
        wanted = self._host.bridge_address
        if not wanted and self._host.engine_known:
            self._complaint.log_once("keys are not served to containers: the engine has no bridge")
        if wanted == self.address:
            return ""
        await self._server.close()
        self.address = ""
        if not wanted:
            return ""
        try:
            self.bound = await self._server.listen(wanted, self._port)
        except OSError as exc:
            self._complaint.log_once(
                f"keys are not served to containers: {wanted}:{self._port} cannot be had "
                f"({exc.strerror or exc}); it is tried again and again"
            )
            return ""
        self.address = wanted
        self._complaint.log_end("the address is free again")
        return f"keys are served to containers at http://{wanted}:{self.bound}"
