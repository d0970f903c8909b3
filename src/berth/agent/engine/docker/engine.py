"""Speaks to Docker, or to Podman's compatible socket, over the Docker Engine API."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from email.utils import parsedate_to_datetime

import msgspec

from berth.agent.engine.docker.commands import DockerCommands
from berth.agent.engine.docker.create_body import render_create, whole_seconds
from berth.agent.engine.docker.create_networks import MANY_NETWORKS
from berth.agent.engine.docker.errors import LIBRARY_ERRORS
from berth.agent.engine.docker.http import (
    CHANGE_S,
    READ_S,
    EngineHttp,
    EngineRequest,
    container_path,
    container_title,
)
from berth.agent.engine.docker.images import DockerImages
from berth.agent.engine.docker.logs import LogCutter, NewestLines, render_query
from berth.agent.engine.docker.networks import DockerNetworks
from berth.agent.engine.docker.parser import (
    EVENT_FILTER,
    EngineEventStream,
    parse_containers,
    parse_gateway,
    parse_info,
)
from berth.agent.engine.docker.streams import DockerStreams
from berth.agent.engine.docker.volumes import DockerVolumes
from berth.agent.engine.protocol import PING_S, Attachment, ContainerRequest
from berth.domain.engine_api import find_missing
from berth.domain.errors import (
    EngineConflict,
    EngineError,
    EngineNotFound,
    EngineRefused,
    EngineTimeout,
)
from berth.domain.ids import ContainerId
from berth.domain.observed import EngineContainer, EngineEvent, EngineInfo, LogChunk, LogQuery

#: Longest wait for a removal that someone else asked for, and how many such waits.
REMOVAL_S = 2.0
REMOVALS_AT_MOST = 5


class _Created(msgspec.Struct):
    id: str = msgspec.field(name="Id")


class DockerEngine:
    """An ``Engine`` behind a socket; create it inside a running event loop, and close it.

    Its own methods are those about containers; five parts have the others.
    """

    def __init__(self, address: str, *, read_s: float = READ_S, change_s: float = CHANGE_S) -> None:
        """Take the engine's address: ``unix:///run/docker.sock``, a path, or ``tcp://host:port``.

        ``read_s`` and ``change_s`` are the deadlines of calls that read and that change something;
        a stop has its grace and ``read_s``. Nothing is sent before the first call.
        """
        self._connection = connection = EngineHttp(address, read_s=read_s, change_s=change_s)
        images, networks = DockerImages(connection), DockerNetworks(connection)
        self.list_images, self.find_image = images.list_images, images.find_image
        self.inspect_image, self.read_history = images.inspect_image, images.read_history
        self.pull, self.push = images.pull, images.push
        self.tag_image, self.remove_image = images.tag_image, images.remove_image
        self.list_networks = networks.list_networks
        self.create_network, self.remove_network = networks.create_network, networks.remove_network
        self._connect = networks.connect
        self.list_volumes = DockerVolumes(connection).list_volumes
        self.execute = DockerCommands(connection).execute
        streams = DockerStreams(connection)
        self.follow_logs, self.run_program = streams.follow_logs, streams.run_program
        self.read_counters = streams.read_counters

    async def ping(self) -> None:
        """Ask for a sign of life."""
        deadline_s = min(PING_S, self._connection.read_s)
        call = EngineRequest("GET", "_ping", "ask the engine for a sign of life", deadline_s)
        await self._connection.send_unversioned(call)

    async def info(self) -> EngineInfo:
        """Ask the engine about itself, and negotiate the API version again."""
        api = await self._connection.negotiate(again=True)
        call = EngineRequest("GET", "info", "ask the engine about itself")
        answer = await self._connection.send(call)
        product, bridge = self._connection.product, await self._find_bridge()
        return self._connection.parse(
            call,
            lambda: parse_info(answer.body, api=api, engine=product, bridge_address=bridge),
        )

    async def _find_bridge(self) -> str:
        """Ask for the host's address on the default bridge, "" where the engine has none."""
        call = EngineRequest("GET", "networks/bridge", "inspect the default bridge")
        try:
            answer = await self._connection.send(call)
        except EngineNotFound:
            return ""
        return self._connection.parse(call, lambda: parse_gateway(answer.body))

    async def list_containers(self) -> list[EngineContainer]:
        """List all containers, stopped ones too, whoever made them."""
        call = EngineRequest("GET", "containers/json", "list the containers", query={"all": "1"})
        answer = await self._connection.send(call)
        return self._connection.parse(call, lambda: parse_containers(answer.body))

    async def inspect(self, container_id: ContainerId) -> bytes:
        """Return the engine's inspect document as JSON text."""
        path = f"{container_path(container_id)}/json"
        call = EngineRequest("GET", path, f"inspect {container_title(container_id)}")
        return (await self._connection.send(call)).body

    async def create(self, request: ContainerRequest) -> ContainerId:
        """Create a container without starting it, with a request for each further network."""
        api = await self._connection.negotiate()
        # The manager places nothing here that the engine would skip, once it knows the version.
        if missing := find_missing(request.spec, api):
            raise EngineRefused(missing)
        call = EngineRequest(
            "POST",
            "containers/create",
            f"create container '{request.name}' from image {request.spec.image}",
            query={"name": request.name},
            body=render_create(request, api=api),
        )
        try:
            answer = await self._connection.send(call)
        except EngineNotFound as error:
            if "image" in str(error).lower().partition("the engine says:")[2]:
                raise
            # The settings name another container, whose network or processes it shall join.
            raise EngineRefused(str(error)) from error
        created = self._connection.parse(
            call, lambda: msgspec.json.decode(answer.body, type=_Created)
        )
        container_id = ContainerId(created.id)
        if api < MANY_NETWORKS:
            await self._connect_further(container_id, request.networks[1:])
        return container_id

    async def _connect_further(
        self, container_id: ContainerId, attachments: tuple[Attachment, ...]
    ) -> None:
        """Join the networks that the request itself could not name; all of them or no container."""
        try:
            for attachment in attachments:
                await self._connect(container_id, attachment)
        except EngineError:
            await self.remove(container_id, force=True)
            raise

    async def start(self, container_id: ContainerId) -> None:
        """Start it; a running one stays as it is (304)."""
        await self._change(container_id, "start")

    async def stop(self, container_id: ContainerId, *, grace_s: float) -> None:
        """Ask it to end, kill it after ``grace_s``, rounded up to whole seconds."""
        await self._end("stop", container_id, grace_s=grace_s)

    async def kill(self, container_id: ContainerId, *, signal: str = "SIGKILL") -> None:
        """Send a signal to its main process."""
        await self._change(container_id, "kill", query={"signal": signal})

    async def restart(self, container_id: ContainerId, *, grace_s: float) -> None:
        """Stop and start it; keeps the id."""
        await self._end("restart", container_id, grace_s=grace_s)

    async def pause(self, container_id: ContainerId) -> None:
        """Freeze it."""
        await self._change(container_id, "pause")

    async def unpause(self, container_id: ContainerId) -> None:
        """Thaw it."""
        await self._change(container_id, "unpause")

    async def rename(self, container_id: ContainerId, name: str) -> None:
        """Rename it; bearing the name already is a success."""
        try:
            await self._change(container_id, "rename", query={"name": name})
        except EngineRefused as error:
            if "same name as its current" not in str(error):
                raise

    async def remove(self, container_id: ContainerId, *, force: bool = False) -> None:
        """Remove it with its anonymous volumes; one that is gone already is a success.

        Where someone else is removing it, their removal is waited for. It may fail, and then
        nobody says so: the own request is repeated in between.
        """
        call = EngineRequest(
            "DELETE",
            container_path(container_id),
            f"remove {container_title(container_id)}",
            query={"v": "1", "force": "1" if force else "0"},
            accept=(404,),
        )
        for _ in range(REMOVALS_AT_MOST):
            try:
                await self._connection.send(call)
            except EngineConflict as error:
                if "already in progress" not in str(error):
                    raise
                if await self._is_removed(container_id):
                    return
            else:
                return
        raise EngineTimeout(f"cannot remove {container_title(container_id)}: a removal that someone else "
                            "has asked for does not end")  # fmt: skip

    async def _is_removed(self, container_id: ContainerId) -> bool:
        """Wait a moment for the end of a removal that someone else has asked for."""
        call = EngineRequest(
            "POST",
            f"{container_path(container_id)}/wait",
            f"wait for the removal of {container_title(container_id)}",
            deadline_s=min(REMOVAL_S, self._connection.change_s),
            query={"condition": "removed"},
            accept=(404,),
        )
        try:
            await self._connection.send(call)
        except EngineTimeout:
            return False
        return True

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[EngineEvent]]:
        """Follow container and image events from the moment of entering.

        Events of up to one second before may come, too: Docker answers a moment before it
        subscribes, so the engine is asked to begin at its clock's last full second.
        """
        query = {"filters": EVENT_FILTER}
        if since := await self._ask_time():
            query["since"] = str(since)
        call = EngineRequest("GET", "events", "follow the engine's events", query=query)
        async with self._connection.stream(call) as response:
            stream = EngineEventStream(self._connection.lines(response, call), call.what)
            async with aclosing(stream):
                yield stream

    async def logs(
        self, container_id: ContainerId, query: LogQuery
    ) -> AsyncGenerator[LogChunk, None]:
        """Yield the output of a container up to now; an early end needs ``aclosing``."""
        what = f"read the log of {container_title(container_id)}"
        path = f"{container_path(container_id)}/logs"
        if query.tail is None or query.tail <= 0:
            call = EngineRequest("GET", path, what, query=render_query(query))
            async with aclosing(self._read_log(call, LogCutter(what))) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        newest, complete = NewestLines(query, query.tail), False
        while not complete:
            call = EngineRequest("GET", path, what, query=newest.render_query())
            cutter = LogCutter(what)
            async with aclosing(self._read_log(call, cutter)) as chunks:
                async for chunk in chunks:
                    newest.add(chunk)
            complete = newest.is_complete(cutter)
        for chunk in newest.chunks():
            yield chunk

    async def _read_log(
        self, call: EngineRequest, cutter: LogCutter
    ) -> AsyncGenerator[LogChunk, None]:
        async with self._connection.stream(call) as response:
            while True:
                try:
                    async with asyncio.timeout(self._connection.read_s):
                        piece = await response.content.readany()
                except LIBRARY_ERRORS as error:
                    raise self._connection.explain(error, call) from error
                if not piece:
                    break
                for chunk in cutter.feed(piece):
                    yield chunk
        for chunk in cutter.finish():
            yield chunk

    async def close(self) -> None:
        """Release the connections; running containers are not touched."""
        await self._connection.close()

    async def _change(
        self,
        container_id: ContainerId,
        verb: str,
        *,
        query: Mapping[str, str] | None = None,
        deadline_s: float | None = None,
    ) -> None:
        path = f"{container_path(container_id)}/{verb}"
        what = f"{verb} {container_title(container_id)}"
        await self._connection.send(EngineRequest("POST", path, what, deadline_s, query))

    async def _end(self, verb: str, container_id: ContainerId, *, grace_s: float) -> None:
        grace = whole_seconds(grace_s)
        deadline_s = grace + self._connection.read_s
        await self._change(container_id, verb, query={"t": str(grace)}, deadline_s=deadline_s)

    async def _ask_time(self) -> int | None:
        """Return the last full second on the engine's clock, none when it does not say."""
        answer = await self._connection.send(
            EngineRequest("GET", "_ping", "ask the engine for its time")
        )
        try:
            return int(parsedate_to_datetime(answer.date).timestamp())
        except ValueError:
            return None
