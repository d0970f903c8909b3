"""What the agent says about its host: facts with each hello, metrics with each heartbeat."""

import platform
import socket
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

import msgspec
import psutil

from berth.agent.engine.pulse import EnginePulse
from berth.agent.source import Notify, no_session
from berth.domain.observed import EngineInfo, HostFacts, HostMetrics
from berth.runtime.clock import Clock


class HostFactsReader:
    """Reads the host, and keeps what the engine said of itself."""

    def __init__(
        self, clock: Clock, *, address: str = "", public_address: str = "", engine_id: str = ""
    ) -> None:
        self._clock = clock
        self._started_at = clock.now()
        self._address = address
        self._public_address = public_address
        self._engine_id = engine_id
        self._engine: EngineInfo | None = None
        self._notify: Notify = no_session
        #: Whether the engine is another than the last greeting said.
        self.changed = False
        psutil.cpu_percent(interval=None)

    @property
    def engine_known(self) -> bool:
        """Whether the engine has described itself since the start."""
        return self._engine is not None

    def note_engine(self, info: EngineInfo) -> None:
        """Note what the engine says of itself."""
        last, self._engine = self._engine, info
        if last is None or _identity(last) != _identity(info):
            self.changed = True
            self._notify(True)

    @property
    def engine_root(self) -> str:
        """Return the folder in which the engine keeps its data, "" while it is not known."""
        return self._engine.root_dir if self._engine else ""

    @property
    def bridge_address(self) -> str:
        """Return the address of the engine's bridge, "" while it is not known."""
        return self._engine.bridge_address if self._engine else ""

    @property
    def address(self) -> str:
        """Return the address under which published ports are reached."""
        return self._address

    def begin_session(self, notify: Notify = no_session) -> None:
        """Note that a greeting says what is known now; ``notify`` hears when that is not true."""
        self._notify = notify
        self.changed = False

    def end_session(self) -> None:
        """Wait for the next greeting."""
        self._notify = no_session

    def facts(self) -> HostFacts:
        """Return what seldom changes."""
        facts = HostFacts(
            hostname=socket.gethostname(),
            engine_id=self._engine_id,
            agent_version=agent_version(),
            os=platform.system(),
            kernel=platform.release(),
            cpus=psutil.cpu_count() or 1,
            memory_bytes=psutil.virtual_memory().total,
            address=self._address,
            public_address=self._public_address or self._address,
            interfaces=interfaces(),
            started_at=self._started_at,
        )
        engine = self._engine
        if engine is None:
            return facts
        return msgspec.structs.replace(
            facts,
            engine_id=engine.id,
            engine_version=engine.version,
            engine_api_version=engine.api_version,
            bridge_address=engine.bridge_address,
            os=engine.os or facts.os,
            kernel=engine.kernel or facts.kernel,
            cpus=engine.cpus or facts.cpus,
            memory_bytes=engine.memory_bytes or facts.memory_bytes,
        )

    def metrics(self, running: int, pulse: EnginePulse) -> HostMetrics:
        """Return what changes all the time; does not block."""
        memory = psutil.virtual_memory()
        return HostMetrics(
            cpu_percent=psutil.cpu_percent(interval=None),
            memory_percent=memory.percent,
            memory_used_bytes=memory.used,
            load=psutil.getloadavg()[0],
            clock=self._clock.now(),
            uptime_s=max(0.0, self._clock.now() - psutil.boot_time()),
            images=self._engine.images if self._engine else 0,
            running=running,
            engine_reachable=not pulse.message,
            engine_message=pulse.message,
            engine_silent_s=pulse.silent_s,
        )

    def route_to(self, manager_url: str) -> None:
        """Take the address that routes to the manager, unless an option names one."""
        if not self._address:
            self._address = address_towards(manager_url)


def _identity(info: EngineInfo) -> tuple[str, ...]:
    return info.id, info.name, info.version, info.api_version, info.bridge_address


def agent_version() -> str:
    """Return the version of the installed package."""
    try:
        return version("berth")
    except PackageNotFoundError:
        return "0"


def interfaces() -> dict[str, str]:
    """Return each interface's first IPv4 address, the engine's bridge included."""
    found = {}
    for name, addresses in psutil.net_if_addrs().items():
        for one in addresses:
            if one.family is socket.AF_INET:
                found[name] = one.address
                break
    return found


def address_towards(manager_url: str) -> str:
    """Return the address from which this host reaches the manager; "" when there is no route.

    Connecting a datagram socket sends nothing; it only asks the kernel for the route.
    """
    parts = urlsplit(manager_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, target = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.connect(target)
            return str(probe.getsockname()[0])
    except (OSError, IndexError):
        return ""
