"""Sessions with the manager, one after the other, for as long as the agent runs."""

import logging

from berth.agent.link.orders import Orders
from berth.agent.link.session import AgentSession
from berth.agent.link.transport import Dialer, Dismissed, Link, NoConnection, Refused
from berth.agent.local.context import AgentContext
from berth.agent.local.supervisor import Supervisor
from berth.domain.errors import ProtocolError
from berth.protocol.messages import Welcome
from berth.runtime.complaint import Complaint
from berth.runtime.ids import jitter

log = logging.getLogger(__name__)

#: First and longest wait between tries.
RETRY_S = (0.2, 2.0)

#: Longest wait while the manager does not know this host.
REFUSED_S = 30.0


class SessionConnector:
    """Dials, serves a session, and dials again."""

    def __init__(
        self, dial: Dialer, shared: AgentContext, *, supervisor: Supervisor, orders: Orders
    ) -> None:
        self._dial = dial
        self._shared = shared
        self._supervisor = supervisor
        self._orders = orders
        self._failures = 0
        #: Why the last try failed, "" when nothing did.
        self._trouble = ""
        #: Whether the log names the session that stands.
        self._told = False
        self._complaint = Complaint(log, shared.clock)

    async def run(self) -> None:
        """Keep a session open for ever."""
        while True:
            longest_s = RETRY_S[1]
            try:
                await self._serve(await self._dial())
            except Dismissed as exc:
                longest_s = REFUSED_S
                self._trouble = str(exc)
                self._complaint.log_once(str(exc), reason="dismissed")
            except Refused as exc:
                longest_s = REFUSED_S
                self._complain(exc)
            except (NoConnection, ProtocolError) as exc:
                self._complain(exc)
            except Exception as exc:
                self._trouble = f"its agent failed: {type(exc).__name__}"
                log.exception("the session with the manager broke off; a new one follows")
            await self._shared.clock.sleep(self._wait_s(longest_s))

    async def _serve(self, link: Link) -> None:
        self._told = False
        try:
            session = AgentSession(
                link,
                self._shared,
                supervisor=self._supervisor,
                orders=self._orders,
                trouble=self._trouble,
            )
            await session.run(self._obeyed)
        finally:
            await link.close()

    def _complain(self, trouble: Exception) -> None:
        self._trouble = str(trouble)
        self._complaint.log_once(
            f"{trouble}; containers keep running, and it is tried again",
            reason=type(trouble).__name__,
        )

    def _obeyed(self, welcome: Welcome) -> None:
        """Count from the start: a manager whose sets never get here is no better than one that is away."""
        self._failures = 0
        self._complaint.log_end("the manager answers again")
        if not self._told:
            self._told = True
            log.info("in session with the manager as host %s", welcome.host_name)

    def _wait_s(self, longest_s: float) -> float:
        wait_s = min(RETRY_S[0] * 2.0 ** min(self._failures, 20), longest_s)
        self._failures += 1
        return jitter(wait_s / 2, wait_s)
