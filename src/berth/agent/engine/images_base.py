"""The part of the Engine protocol that is about images."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from berth.domain.images import Credentials
from berth.domain.observed import EngineImage


class PullProgress(msgspec.Struct, frozen=True):
    """How far a pull or a push is."""

    message: str
    #: None while the sizes of the layers are not known.
    percent: int | None = None


Tell = Callable[[PullProgress], None]


class ImageEngine(Protocol):
    """What an engine does with images; names are references, ids are taken where told."""

    async def list_images(self) -> list[EngineImage]:
        """List all images but those that only others are built on."""
        ...

    async def find_image(self, image: str) -> str | None:
        """Give the id of an image that this engine has, by name or id, else None."""
        ...

    async def inspect_image(self, image: str) -> bytes:
        """Give the engine's document about an image, by name or id. Raises EngineNotFound."""
        ...

    async def read_history(self, image: str) -> bytes:
        """Give the engine's list of an image's layers as JSON text. Raises EngineNotFound."""
        ...

    async def pull(
        self,
        image: str,
        *,
        credentials: Credentials | None = None,
        progress: Tell | None = None,
        deadline_s: float = 1800.0,
    ) -> str:
        """Bring the image to this engine and give its id; cancelling ends it. Raises PullFailed."""
        ...

    async def push(
        self,
        image: str,
        *,
        credentials: Credentials | None = None,
        progress: Tell | None = None,
        deadline_s: float = 1800.0,
    ) -> None:
        """Bring the image to the registry in its name; cancelling ends it.

        Raises PushFailed, EngineNotFound.
        """
        ...

    async def tag_image(self, image: str, name: str) -> None:
        """Give an image, by name or id, one more name; another image loses that name.

        Raises EngineNotFound, EngineRefused.
        """
        ...

    async def remove_image(self, image: str) -> None:
        """Take a name from its image, and remove the image with its last one.

        Raises EngineNotFound, EngineConflict while a container uses it.
        """
        ...
