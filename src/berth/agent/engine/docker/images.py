"""Images of an engine behind the Docker Engine API."""

import asyncio
from contextlib import aclosing
from functools import partial
from urllib.parse import quote

import msgspec

from berth.agent.engine.docker.errors import redact
from berth.agent.engine.docker.http import EngineHttp, EngineRequest
from berth.agent.engine.docker.pull import NO_AUTH, PullMeter, PushMeter, parse_line, render_auth
from berth.agent.engine.image_documents import parse_image, parse_images
from berth.agent.engine.protocol import OnProgress
from berth.domain.errors import (
    EngineError,
    EngineNotFound,
    EngineTimeout,
    EngineUnreachable,
    PullFailed,
    PushFailed,
)
from berth.domain.images import Credentials, is_image_id
from berth.domain.observed import EngineImage


class _Image(msgspec.Struct):
    id: str = msgspec.field(name="Id")


class DockerImages:
    """The image calls of a ``DockerEngine``."""

    def __init__(self, connection: EngineHttp) -> None:
        self._connection = connection

    async def list_images(self) -> list[EngineImage]:
        """List all images but those that only others are built on."""
        call = EngineRequest("GET", "images/json", "list the images")
        answer = await self._connection.send(call)
        return self._connection.parse(call, lambda: parse_images(answer.body))

    async def find_image(self, image: str) -> str | None:
        """Return the id of an image that this engine has, else None."""
        call = EngineRequest(
            "GET", f"{_path(image)}/json", f"look for image {image}", accept=(404,)
        )
        answer = await self._connection.send(call)
        if answer.status == 404:
            return None
        return self._connection.parse(
            call, lambda: msgspec.json.decode(answer.body, type=_Image)
        ).id

    async def inspect_image(self, image: str) -> bytes:
        """Return the engine's document about an image."""
        call = EngineRequest("GET", f"{_path(image)}/json", f"inspect image {image}")
        return (await self._connection.send(call)).body

    async def read_history(self, image: str) -> bytes:
        """Return the engine's list of an image's layers as JSON text."""
        call = EngineRequest("GET", f"{_path(image)}/history", f"read the history of image {image}")
        return (await self._connection.send(call)).body

    async def pull(
        self,
        image: str,
        *,
        credentials: Credentials | None = None,
        progress: OnProgress | None = None,
        deadline_s: float = 1800.0,
    ) -> str:
        """Bring the image to this engine and return its id."""
        what = f"pull image {image}"
        if is_image_id(image):
            raise PullFailed(f"cannot {what}: that is the id of an image, not a name to pull")
        reference = parse_image(image)
        call = EngineRequest(
            "POST",
            "images/create",
            what,
            deadline_s=deadline_s,
            query={"fromImage": reference.name, "tag": reference.version},
            headers={"X-Registry-Auth": render_auth(credentials)} if credentials else None,
            secret=credentials.password if credentials else "",
        )
        try:
            async with asyncio.timeout(deadline_s):
                await self._follow(call, PullMeter(image), progress=progress)
                found = await self.find_image(reference.exact)
        except TimeoutError as error:
            raise self._connection.explain(error, call) from error
        except (EngineUnreachable, EngineTimeout):
            raise
        except EngineError as error:
            raise PullFailed(str(error)) from error
        if found is None:
            raise PullFailed(f"cannot {what}: the engine pulled it, but does not have it")
        return found

    async def push(
        self,
        image: str,
        *,
        credentials: Credentials | None = None,
        progress: OnProgress | None = None,
        deadline_s: float = 1800.0,
    ) -> None:
        """Bring the image to the registry in its name."""
        what = f"push image {image}"
        reference = parse_image(image)
        if is_image_id(image) or reference.digest:
            raise PushFailed(f"cannot {what}: only a name with a tag can be pushed")
        call = EngineRequest(
            "POST",
            f"images/{quote(reference.name, safe='/:')}/push",
            what,
            deadline_s=deadline_s,
            query={"tag": reference.tag},
            # The engine refuses a push without this header.
            headers={"X-Registry-Auth": render_auth(credentials) if credentials else NO_AUTH},
            secret=credentials.password if credentials else "",
        )
        try:
            async with asyncio.timeout(deadline_s):
                await self._follow(call, PushMeter(image), progress=progress)
        except TimeoutError as error:
            raise self._connection.explain(error, call) from error
        except (EngineUnreachable, EngineTimeout, EngineNotFound):
            raise
        except EngineError as error:
            if "does not exist locally" in str(error):
                raise EngineNotFound(str(error)) from error
            raise PushFailed(str(error)) from error

    async def tag_image(self, image: str, name: str) -> None:
        """Add a name to an image."""
        reference = parse_image(name)
        query = {"repo": reference.name, "tag": reference.tag or "latest"}
        call = EngineRequest(
            "POST", f"{_path(image)}/tag", f"tag image {image} as {name}", query=query
        )
        await self._connection.send(call)

    async def remove_image(self, image: str) -> None:
        """Take a name from its image, and remove the image with its last one."""
        call = EngineRequest("DELETE", _path(image), f"remove image {image}")
        await self._connection.send(call)

    async def _follow(
        self, call: EngineRequest, meter: PullMeter, *, progress: OnProgress | None
    ) -> None:
        """Read a stream of progress to its end; a failure in it is raised as EngineError."""
        async with (
            self._connection.stream(call) as response,
            aclosing(self._connection.lines(response, call)) as lines,
        ):
            async for text in lines:
                line = self._connection.parse(call, partial(parse_line, text))
                if line.failure:
                    said = redact(line.failure, call.secret)
                    raise EngineError(f"cannot {call.what}: the engine says: {said}")
                step = meter.feed(line)
                if step and progress:
                    progress(step)


def _path(image: str) -> str:
    exact = image if is_image_id(image) else parse_image(image).exact
    return f"images/{quote(exact, safe='/:@')}"
