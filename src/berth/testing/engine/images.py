"""The image calls of the simulated engine."""

from berth.agent.engine.image_documents import parse_image
from berth.agent.engine.protocol import OnProgress, PullProgress
from berth.domain.errors import (
    EngineConflict,
    EngineNotFound,
    EngineTimeout,
    PullFailed,
    PushFailed,
)
from berth.domain.images import Credentials, is_image_id
from berth.domain.observed import EngineImage
from berth.testing.engine.calls import SimulatedCalls
from berth.testing.engine.document import render_image, render_layers
from berth.testing.engine.registry import SimulatedImage


class SimulatedImages(SimulatedCalls):
    """Images of a simulated engine; ids follow from names and versions."""

    async def list_images(self) -> list[EngineImage]:
        """List all images."""
        await self._enter("list_images", "list the images")
        return self._model.list_images()

    async def find_image(self, image: str) -> str | None:
        """Return the id of an image that this engine has, else None."""
        await self._enter("find_image", f"look for image {image}")
        found = self._model.find_image(image)
        return found.id if found else None

    async def inspect_image(self, image: str) -> bytes:
        """Return a document like Docker's."""
        found = await self._enter_image("inspect_image", image, what=f"inspect image {image}")
        return render_image(self._model.describe_image(found), has_check=found.behaviour.has_check)

    async def read_history(self, image: str) -> bytes:
        """Return the one layer that every image has."""
        what = f"read the history of image {image}"
        found = await self._enter_image("read_history", image, what=what)
        return render_layers(self._model.describe_image(found))

    async def pull(
        self,
        image: str,
        *,
        credentials: Credentials | None = None,
        progress: OnProgress | None = None,
        deadline_s: float = 1800.0,
    ) -> str:
        """Bring the image from the registry and return its id."""
        what = f"pull image {image}"
        self.pulls.append(image)
        await self._enter("pull", what, deadline_s=deadline_s)
        if is_image_id(image):
            raise PullFailed(f"cannot {what}: that is the id of an image, not a name to pull")
        report = progress or _ignore
        report(PullProgress(f"pulling {image}: 0 of 1 layers"))
        took_s = self.latencies.get("pull", 0.0)
        await self._pass_half("pull", what, deadline_s=deadline_s)
        made = self.registry.get_image(image, credentials)
        report(PullProgress(f"pulling {image}: 0 of 1 layers", 50))
        await self._pass_half("pull", what, deadline_s=deadline_s)
        if took_s > deadline_s:
            raise EngineTimeout(f"cannot {what}: no answer within {deadline_s:g} s")
        report(PullProgress(f"pulling {image}: 1 of 1 layers", 100))
        self._model.add_image(image, made)
        self._model.send_image_event(image, "pull")
        return made.id

    async def push(
        self,
        image: str,
        *,
        credentials: Credentials | None = None,
        progress: OnProgress | None = None,
        deadline_s: float = 1800.0,
    ) -> None:
        """Bring the image to the registry."""
        what = f"push image {image}"
        found = await self._enter_image("push", image, what=what)
        if is_image_id(image) or parse_image(image).digest:
            raise PushFailed(f"cannot {what}: only a name with a tag can be pushed")
        await self._pass_half("push", what, deadline_s=deadline_s)
        (progress or _ignore)(PullProgress(f"pushing {image}: 0 of 1 layers", 50))
        await self._pass_half("push", what, deadline_s=deadline_s)
        self.registry.take_image(image, found, credentials=credentials)
        (progress or _ignore)(PullProgress(f"pushing {image}: 1 of 1 layers", 100))

    async def tag_image(self, image: str, name: str) -> None:
        """Add a name to an image."""
        found = await self._enter_image("tag_image", image, what=f"tag image {image} as {name}")
        self._model.add_image(name, found)
        self._model.send_image_event(name, "tag")

    async def remove_image(self, image: str) -> None:
        """Take a name from its image, and remove the image with its last one."""
        what = f"remove image {image}"
        found = await self._enter_image("remove_image", image, what=what)
        names = self._model.names_of(found)
        if is_image_id(image) and len(names) > 1:
            raise EngineConflict(
                f"cannot {what}: the engine says: unable to delete {image} (must be forced) - "
                "image is referenced in multiple repositories"
            )
        if len(names) <= 1 and self._model.uses_image(found):
            raise EngineConflict(
                f"cannot {what}: the engine says: conflict: unable to remove repository reference "
                f'"{image}" (must force) - a container is using its referenced image'
            )
        self._model.drop_image(image, found)

    async def _enter_image(self, operation: str, image: str, *, what: str) -> SimulatedImage:
        await self._enter(operation, what)
        found = self._model.find_image(image)
        if found is None:
            raise EngineNotFound(f"cannot {what}: the engine says: No such image: {image}")
        return found

    async def _pass_half(self, operation: str, what: str, *, deadline_s: float) -> None:
        await self._pass_time(min(self.latencies.get(operation, 0.0), deadline_s) / 2)
        self._check_reachable(what)


def _ignore(step: PullProgress) -> None:
    """Drop what nobody asked for."""
