"""Calls to agents and streams from them, over the session that each host has."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

import msgspec

from berth.dispatcher.session import HostSession
from berth.dispatcher.streams import OpenedStream
from berth.domain.calls import ContainerAction, Logs
from berth.domain.errors import CallFailed, HostAway
from berth.domain.ids import ContainerId, HostId
from berth.domain.image_calls import OnProgress
from berth.domain.images import Credentials, ImageDetail, ImageRun
from berth.domain.observed import LogQuery
from berth.domain.streams import StreamRequest
from berth.protocol.messages import (
    ActRequest,
    FindMarkerRequest,
    ImageRequest,
    InspectRequest,
    LogsRequest,
    PullRequest,
    PushRequest,
    RemoveImageRequest,
    RunRequest,
    TagRequest,
)
from berth.store.store import Store

#: Longest wait for the answer whether an engine is marked: the join waits meanwhile.
MARKER_S = 4.0


class RemoteAgents:
    """The agents that are in contact: implements ``AgentCalls`` and what goes with it.

    ``sessions`` is the dispatcher's table, which knows at every moment who is in contact.
    """

    def __init__(self, store: Store, sessions: Mapping[HostId, HostSession]) -> None:
        self._store = store
        self._sessions = sessions

    async def act(
        self, host_id: HostId, container_id: ContainerId, *, action: ContainerAction
    ) -> None:
        """Carry an action out and return when the engine has done it."""
        deadline_s = self._deadline_s() + self._store.memory.settings.stop_grace_s
        request = ActRequest(container_id, action)
        await self._session(host_id).calls.call(request, deadline_s=deadline_s)

    async def read_logs(
        self, host_id: HostId, container_id: ContainerId, *, query: LogQuery
    ) -> Logs:
        """Read a container's output; the newest 1 MiB of each stream."""
        request = LogsRequest(container_id, query)
        answer = await self._session(host_id).calls.call(request, deadline_s=self._deadline_s())
        return Logs(answer.get("stdout", b""), answer.get("stderr", b""))

    async def find_marker(self, host_id: HostId, name: str) -> bool:
        """Return whether the host's engine has a network of that name."""
        request = FindMarkerRequest(name)
        answer = await self._session(host_id).calls.call(request, deadline_s=MARKER_S)
        return bool(answer.get("", b""))

    async def inspect(self, host_id: HostId, container_id: ContainerId) -> bytes:
        """Read the engine's inspect document of a container."""
        request = InspectRequest(container_id)
        answer = await self._session(host_id).calls.call(request, deadline_s=self._deadline_s())
        return answer.get("", b"")

    def open_stream(
        self, host_id: HostId, request: StreamRequest
    ) -> AbstractAsyncContextManager[OpenedStream]:
        """Open a stream; leaving ends it on the host, too. Raises HostAway."""
        return self._session(host_id).streams.open_stream(request)

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
            raise CallFailed(f"the engine's description of image {image} is not JSON") from None
        return detail

    async def pull_image(
        self,
        host_id: HostId,
        image: str,
        *,
        credentials: Credentials | None,
        on_progress: OnProgress,
    ) -> None:
        """Bring an image to a host."""
        await self._session(host_id).calls.call(
            PullRequest(image, credentials), deadline_s=self._long_s(), on_progress=on_progress
        )

    async def push_image(
        self,
        host_id: HostId,
        image: str,
        *,
        credentials: Credentials | None,
        on_progress: OnProgress,
    ) -> None:
        """Bring an image from a host to the registry in its name."""
        await self._session(host_id).calls.call(
            PushRequest(image, credentials), deadline_s=self._long_s(), on_progress=on_progress
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
        self,
        host_id: HostId,
        run: ImageRun,
        *,
        credentials: Credentials | None,
        on_progress: OnProgress,
    ) -> ContainerId:
        """Pull an image as its spec says, and start a container from it."""
        answer = await self._session(host_id).calls.call(
            RunRequest(run, credentials), deadline_s=self._long_s(), on_progress=on_progress
        )
        return ContainerId(answer.get("", b"").decode("ascii", "replace"))

    async def confirm(self, host_id: HostId) -> None:
        """An operator confirmed this manager to a host's agent."""
        self._session(host_id).confirm()

    def _session(self, host_id: HostId) -> HostSession:
        session = self._sessions.get(host_id)
        if session is None:
            host = self._store.memory.hosts.get(host_id)
            raise HostAway(f"host {host.name if host else host_id} is not in contact")
        return session

    def _deadline_s(self) -> float:
        return self._store.memory.settings.call_deadline_s

    def _long_s(self) -> float:
        """Return the deadline of calls that a registry or a large image may hold up."""
        settings = self._store.memory.settings
        return settings.pull_deadline_s + settings.call_deadline_s
