"""What control and reconcilers ask of agents; the dispatcher answers it over their sessions."""

import enum
from typing import Protocol

from berth.domain.ids import ContainerId, HostId
from berth.domain.image_calls import ImageCalls
from berth.domain.observed import LogQuery


class ContainerAction(enum.StrEnum):
    """An action of a user on one container."""

    START = "start"
    STOP = "stop"
    RESTART = "restart"
    KILL = "kill"
    PAUSE = "pause"
    UNPAUSE = "unpause"
    REMOVE = "remove"
    #: Kills the container first if it runs.
    FORCE_REMOVE = "force-remove"


class Logs:
    """Output of a container, by stream."""

    __slots__ = ("stderr", "stdout")

    def __init__(self, stdout: bytes, stderr: bytes) -> None:
        self.stdout = stdout
        self.stderr = stderr


class AgentCalls(ImageCalls, Protocol):
    """Calls to agents. Each raises HostAway without an answer, CallFailed on a failure's answer."""

    async def act(
        self, host_id: HostId, container_id: ContainerId, *, action: ContainerAction
    ) -> None:
        """Carry an action out and return when the engine has done it."""
        ...

    async def read_logs(
        self, host_id: HostId, container_id: ContainerId, *, query: LogQuery
    ) -> Logs:
        """Read a container's output; the newest 1 MiB of each stream."""
        ...

    async def find_marker(self, host_id: HostId, name: str) -> bool:
        """Return whether the host's engine has a network of that name."""
        ...

    async def inspect(self, host_id: HostId, container_id: ContainerId) -> bytes:
        """Read the engine's inspect document of a container."""
        ...
