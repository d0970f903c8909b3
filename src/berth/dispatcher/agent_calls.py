"""Calls to agents about images, over the session that each host has."""

import msgspec

from berth.dispatcher.session import HostSession
from berth.domain.errors import CallFailed, HostAway
from berth.domain.ids import ContainerId, HostId
from berth.domain.image_calls import Tell
from berth.domain.images import Credentials, ImageDetail, ImageRun
from berth.protocol.messages import (
    ImageRequest,
    PullRequest,
    PushRequest,
    RemoveImageRequest,
    RunRequest,
    TagRequest,
)
from berth.store.store import Store


class Contacts:
    """The session of each host that is in contact."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sessions: dict[HostId, HostSession] = {}

    def _session(self, host_id: HostId) -> HostSession:
        session = self._sessions.get(host_id)
        if session is None:
            host = self._store.memory.hosts.get(host_id)
            raise HostAway(f"host {host.name if host else host_id} is not in contact")
        return session

    def _deadline_s(self) -> float:
        return self._store.memory.settings.call_deadline_s


class ImageCallsOverSessions(Contacts):
    """Implements ``domain.image_calls.ImageCalls`` over the sessions of hosts."""

    async def describe_image(self, host_id: HostId, image: str) -> ImageDetail:
        """Read an image's document and history."""
        answer = await self._session(host_id).calls.call(
            ImageRequest(image), deadline_s=self._deadline_s()
        )
        detail = ImageDetail(answer.get("document", b""), answer.get("history", b""))
        try:
            for text in (detail.document, detail.history):
                msgspec.json.decode(text, type=msgspec.Raw)
        except msgspec.DecodeError:
            raise CallFailed(f"the engine's description of image {image} is no JSON") from None
        return detail

    async def pull_image(
        self, host_id: HostId, image: str, *, credentials: Credentials | None, tell: Tell
    ) -> None:
        """Bring an image to a host."""
        await self._session(host_id).calls.call(
            PullRequest(image, credentials), deadline_s=self._long_s(), tell=tell
        )

    async def push_image(
        self, host_id: HostId, image: str, *, credentials: Credentials | None, tell: Tell
    ) -> None:
        """Bring an image from a host to the registry in its name."""
        await self._session(host_id).calls.call(
            PushRequest(image, credentials), deadline_s=self._long_s(), tell=tell
        )

    async def tag_image(self, host_id: HostId, image: str, *, name: str) -> None:
        """Add a name to an image."""
        await self._session(host_id).calls.call(
            TagRequest(image, name), deadline_s=self._deadline_s()
        )

    async def remove_image(self, host_id: HostId, image: str) -> None:
        """Take a name from an image, and remove it with its last one."""
        await self._session(host_id).calls.call(
            RemoveImageRequest(image), deadline_s=self._long_s()
        )

    async def run_image(
        self, host_id: HostId, run: ImageRun, *, credentials: Credentials | None, tell: Tell
    ) -> ContainerId:
        """Pull an image as its spec says, and start a container from it."""
        answer = await self._session(host_id).calls.call(
            RunRequest(run, credentials), deadline_s=self._long_s(), tell=tell
        )
        return ContainerId(answer.get("", b"").decode("ascii", "replace"))

    def _long_s(self) -> float:
        """Return the deadline of calls that a registry or a large image may hold up."""
        settings = self._store.memory.settings
        return settings.pull_deadline_s + settings.call_deadline_s
