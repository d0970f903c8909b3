"""Calls to agents that do nothing, for tests that are about a few of them."""

from berth.domain.calls import ContainerAction, Logs
from berth.domain.ids import ContainerId, HostId
from berth.domain.image_calls import OnProgress
from berth.domain.images import Credentials, ImageDetail, ImageRun
from berth.domain.observed import LogQuery


class IdleAgents:
    """Answers every call at once; a test overrides those that it is about."""

    async def act(
        self, host_id: HostId, container_id: ContainerId, *, action: ContainerAction
    ) -> None:
        """Do nothing."""

    async def read_logs(
        self, host_id: HostId, container_id: ContainerId, *, query: LogQuery
    ) -> Logs:
        """Return no output."""
        return Logs(b"", b"")

    async def find_marker(self, host_id: HostId, name: str) -> bool:
        """Find none."""
        return False

    async def inspect(self, host_id: HostId, container_id: ContainerId) -> bytes:
        """Return an empty document."""
        return b"{}"

    async def describe_image(self, host_id: HostId, image: str) -> ImageDetail:
        """Return an empty document and no layers."""
        return ImageDetail(b"{}", b"[]")

    async def pull_image(
        self,
        host_id: HostId,
        image: str,
        *,
        credentials: Credentials | None,
        on_progress: OnProgress,
    ) -> None:
        """Do nothing."""

    async def push_image(
        self,
        host_id: HostId,
        image: str,
        *,
        credentials: Credentials | None,
        on_progress: OnProgress,
    ) -> None:
        """Do nothing."""

    async def tag_image(self, host_id: HostId, image: str, *, name: str) -> None:
        """Do nothing."""

    async def remove_image(self, host_id: HostId, image: str) -> None:
        """Do nothing."""

    async def run_image(
        self,
        host_id: HostId,
        run: ImageRun,
        *,
        credentials: Credentials | None,
        on_progress: OnProgress,
    ) -> ContainerId:
        """Return an id."""
        return ContainerId("f" * 64)
