"""The part of the calls to agents that is about images."""

import enum
from collections.abc import Callable
from typing import Protocol

from berth.domain.ids import ContainerId, HostId
from berth.domain.images import Credentials, ImageDetail, ImageRun
from berth.domain.observed import TaskProgress


class ImageAction(enum.StrEnum):
    """An action of a user on an image of one host."""

    PULL = "pull"
    PUSH = "push"
    TAG = "tag"
    RUN = "run"
    REMOVE = "remove"


#: Called with how far a call is.
OnProgress = Callable[[TaskProgress], None]

#: Returns the login for an image; none when it is pulled or pushed without one.
FindLogin = Callable[[str], Credentials | None]


class ImageCalls(Protocol):
    """Calls about images; each ends on the host, too, when its caller is cancelled."""

    async def describe_image(self, host_id: HostId, image: str) -> ImageDetail:
        """Read an image's document and history."""
        ...

    async def pull_image(
        self,
        host_id: HostId,
        image: str,
        *,
        credentials: Credentials | None,
        on_progress: OnProgress,
    ) -> None:
        """Bring an image to a host."""
        ...

    async def push_image(
        self,
        host_id: HostId,
        image: str,
        *,
        credentials: Credentials | None,
        on_progress: OnProgress,
    ) -> None:
        """Bring an image from a host to the registry in its name."""
        ...

    async def tag_image(self, host_id: HostId, image: str, *, name: str) -> None:
        """Add a name to an image."""
        ...

    async def remove_image(self, host_id: HostId, image: str) -> None:
        """Take a name from an image, and remove it with its last one."""
        ...

    async def run_image(
        self,
        host_id: HostId,
        run: ImageRun,
        *,
        credentials: Credentials | None,
        on_progress: OnProgress,
    ) -> ContainerId:
        """Pull an image as its spec says, and start a container from it."""
        ...
