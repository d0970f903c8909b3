"""A simulated container, and how an engine lists it."""

import msgspec

from berth.agent.engine.protocol import ContainerRequest
from berth.domain.ids import ContainerId
from berth.domain.observed import EngineContainer, PortBinding
from berth.testing.engine.behaviour import Behaviour, Stream

#: Docker's words for a time span: shorter than this many seconds, their text, the unit's seconds.
_SPANS = (
    (1, "Less than a second", 1),
    (2, "1 second", 1),
    (60, "{} seconds", 1),
    (120, "About a minute", 60),
    (3600, "{} minutes", 60),
    (7200, "About an hour", 3600),
    (172800, "{} hours", 3600),
    (1209600, "{} days", 86400),
    (5184000, "{} weeks", 604800),
)


class WrittenLine(msgspec.Struct, frozen=True):
    """A line that a container wrote."""

    #: Unix seconds.
    time: float
    stream: Stream
    text: str


class SimulatedContainer(msgspec.Struct, kw_only=True):
    """A container of a simulated engine."""

    id: ContainerId
    name: str
    request: ContainerRequest
    image_id: str
    behaviour: Behaviour
    created_at: float
    state: str = "created"
    ports: tuple[PortBinding, ...] = ()
    exit_code: int = 0
    oom_killed: bool = False
    #: Why its last start failed.
    error: str = ""
    started_at: float | None = None
    finished_at: float | None = None
    #: Counts its starts, so that a late stop does not end the next run.
    runs: int = 0
    log: list[WrittenLine] = []
    #: The engine's verdict from its own check: starting, healthy, unhealthy; "" without a check.
    health: str = ""
    #: What the last check said.
    health_output: str = ""
    #: Whether its image has a check of its own.
    image_has_check: bool = False
    #: Exit code of scripts that are run inside; None lets them run on.
    script_exit: int | None = 0
    script_output: str = ""

    @property
    def alive(self) -> bool:
        """Whether its main process lives."""
        return self.state in ("running", "paused")

    def listed(self, now: float, image: str) -> EngineContainer:
        """Return it as the engine's list has it; ``image`` is its name as of now."""
        spec = self.request.spec
        return EngineContainer(
            id=self.id,
            name=self.name,
            image=image,
            image_id=self.image_id,
            state=self.state,
            status=self._status(now),
            command=" ".join((*(spec.entrypoint or ()), *(spec.command or ()))),
            created_at=float(int(self.created_at)),
            labels={**dict(spec.labels), **self.request.labels},
            ports=self.ports,
        )

    def _status(self, now: float) -> str:
        if self.state == "created":
            return "Created"
        if self.alive:
            return f"Up {describe_span(now - (self.started_at or now))}{self._mark()}"
        return f"Exited ({self.exit_code}) {describe_span(now - (self.finished_at or now))} ago"

    def _mark(self) -> str:
        if self.state == "paused":
            return " (Paused)"
        if not self.health:
            return ""
        return " (health: starting)" if self.health == "starting" else f" ({self.health})"


def describe_span(seconds: float) -> str:
    """Say a time span as Docker does."""
    for limit, text, unit in _SPANS:
        if seconds < limit:
            return text.format(int(seconds // unit))
    return f"{int(seconds // 2592000)} months"
