"""The operations that ``step`` chooses from, as values."""

import msgspec

from berth.agent.containers.observed_container import ObservedContainer
from berth.domain.ids import ContainerId


class Operation(msgspec.Struct, frozen=True):
    """Base of every operation."""


class Nothing(Operation, frozen=True):
    """All is as it should be; decide again when something happens."""


class Wait(Operation, frozen=True):
    """Decide again at a time, or when something happens."""

    #: Monotonic seconds; none waits for something to happen.
    until: float | None
    why: str = ""
    #: Whether the reason belongs into the attempt's reports.
    reported: bool = False


class Begin(Operation, frozen=True):
    """Begin the next attempt."""

    attempt: int


class Adopt(Operation, frozen=True):
    """Take a running container as the assignment's, or read it again."""

    container: ObservedContainer


class Conclude(Operation, frozen=True):
    """The attempt's container runs no more; none is left when it is gone."""

    container: ObservedContainer | None


class Fail(Operation, frozen=True):
    """The attempt cannot be made now."""

    code: str
    message: str


class Gone(Operation, frozen=True):
    """Nothing of the assignment is left, and nothing shall be."""


class Pull(Operation, frozen=True):
    """Ask for the image; the pull goes on by itself."""


class Create(Operation, frozen=True):
    """Create the attempt's container."""

    attempt: int
    #: Its name; "" is the assignment's.
    name: str = ""


class Start(Operation, frozen=True):
    """Start the attempt's container."""

    container_id: ContainerId


class Stop(Operation, frozen=True):
    """Ask a container to end, kill it after the grace."""

    container_id: ContainerId


class Remove(Operation, frozen=True):
    """Remove a container; ``force`` kills it should it run."""

    container_id: ContainerId
    force: bool = False


class Rename(Operation, frozen=True):
    """Take the name from a container that still has it."""

    container_id: ContainerId
    name: str


class Inspect(Operation, frozen=True):
    """Inspect containers of which something was heard."""

    container_ids: frozenset[ContainerId]
