"""States and the table of their legal moves, keyed by the actor that may make them."""

import enum
from collections.abc import Mapping


class Attempt(enum.IntEnum):
    """Life cycle of one attempt; ordered with gaps, so the greater of two reports is right."""

    ASSIGNED = 100  #: the manager decided; the agent has not spoken yet
    PULLING = 200
    CREATING = 300
    STARTING = 400
    RUNNING = 500
    STOPPING = 600
    ENDED = 700  #: exited, failed before it ran, or killed
    REMOVED = 800  #: no container of this attempt is left on the engine


class Intent(enum.IntEnum):
    """What the manager wants of an assignment."""

    RUN = 100
    END = 200  #: stop, remove, and report it gone; then the manager deletes the assignment


class Mover(enum.Enum):
    """Who may move a state."""

    MANAGER = "manager"
    AGENT = "agent"


_A = Attempt

#: Moves of an attempt. REMOVED may follow every state: containers vanish under an agent.
ATTEMPT_MOVES: Mapping[Mover, frozenset[tuple[Attempt, Attempt]]] = {
    Mover.MANAGER: frozenset(),
    Mover.AGENT: frozenset(
        {
            (_A.ASSIGNED, _A.PULLING),
            (_A.ASSIGNED, _A.CREATING),
            (_A.ASSIGNED, _A.RUNNING),  # adopted: the container was there already
            (_A.ASSIGNED, _A.ENDED),
            (_A.ASSIGNED, _A.REMOVED),
            (_A.PULLING, _A.CREATING),
            (_A.PULLING, _A.ENDED),
            (_A.PULLING, _A.REMOVED),
            (_A.CREATING, _A.STARTING),
            (_A.CREATING, _A.ENDED),
            (_A.CREATING, _A.REMOVED),
            (_A.STARTING, _A.RUNNING),
            (_A.STARTING, _A.STOPPING),
            (_A.STARTING, _A.ENDED),
            (_A.STARTING, _A.REMOVED),
            (_A.RUNNING, _A.STOPPING),
            (_A.RUNNING, _A.ENDED),
            (_A.RUNNING, _A.REMOVED),
            (_A.STOPPING, _A.ENDED),
            (_A.STOPPING, _A.REMOVED),
            (_A.ENDED, _A.REMOVED),
        }
    ),
}

#: Moves of an assignment's intent.
INTENT_MOVES: Mapping[Mover, frozenset[tuple[Intent, Intent]]] = {
    Mover.MANAGER: frozenset({(Intent.RUN, Intent.END)}),
    Mover.AGENT: frozenset(),
}


class Health(enum.StrEnum):
    """The verdict of a container's probes together."""

    NONE = "none"  #: no probe is configured
    CHECKING = "checking"  #: no success yet
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


class HostState(enum.StrEnum):
    """Whether a host can be relied on."""

    UNKNOWN = "unknown"  #: not heard of since the manager's start, within its time to live
    ACTIVE = "active"  #: in contact, and its first full report is in
    INACTIVE = "inactive"  #: silent longer than its time to live


class Duty(enum.StrEnum):
    """Whether a host takes containers, as an operator wants it."""

    ACTIVE = "active"
    PAUSED = "paused"  #: keeps what it has, takes nothing new
    DRAINED = "drained"  #: what it has goes elsewhere


class Availability(enum.StrEnum):
    """How many containers of a service are wanted, and where."""

    PER_POOL = "per-pool"
    PER_HOST = "per-host"
    PER_TAG = "per-tag"


class Policy(enum.StrEnum):
    """How eligible hosts are ranked."""

    RANDOM = "random"  #: even spread, regardless of load
    MEMORY = "memory"  #: most free memory first
    CPU = "cpu"  #: most free processor time first
    PACK = "pack"  #: fullest host first


class Subtype(enum.StrEnum):
    """Kind of a definition."""

    SERVICE = "service"
    STACK = "stack"


class Severity(enum.IntEnum):
    """Weight of an event or a status."""

    CLEARED = 0
    DEBUG = 1
    INFO = 2
    WARNING = 3
    ERROR = 4
    CRITICAL = 5


class TaskStatus(enum.IntEnum):
    """Where a task stands; CANCELLED, DONE and FAILED are closed."""

    PENDING = 0
    RUNNING = 1
    CANCELLING = 2
    CANCELLED = 3
    DONE = 4
    FAILED = 5

    @property
    def closed(self) -> bool:
        """Whether nothing will change any more."""
        return self in (TaskStatus.CANCELLED, TaskStatus.DONE, TaskStatus.FAILED)

    @property
    def ending(self) -> bool:
        """Whether it is closed or about to be."""
        return self.closed or self is TaskStatus.CANCELLING
