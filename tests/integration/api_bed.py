"""A manager's API on a real store, with agents that only answer calls."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import argon2
import httpx
import msgspec

from berth.api.app import create_app
from berth.api.routes.authentication import make_bearer
from berth.api.services import Services, VersionInfo
from berth.control.accounts.users import ADMIN_ID, create_admin
from berth.control.hosts.join_token import JoinToken
from berth.control.images.registries import create_shipped_registry
from berth.control.pools import create_shipped_pools
from berth.domain.calls import Logs
from berth.domain.errors import CallFailed, HostAway
from berth.domain.fleet import HostStatus
from berth.domain.ids import ContainerId, HostId, PoolId
from berth.domain.images import ImageDetail
from berth.domain.observed import (
    EngineContainer,
    EngineImage,
    HostFacts,
    HostMetrics,
    InventoryItem,
    LogQuery,
)
from berth.domain.records import Host, Token, TokenKind, Tombstone
from berth.domain.states import HostState
from berth.domain.streams import Piece, Stream, StreamRequest
from berth.protocol.socket import SessionSocket
from berth.runtime.ids import new_uuid
from berth.runtime.secrets import Secrets, make_key
from berth.store.store import Store
from berth.testing.agents import IdleAgents
from berth.testing.clock import FakeClock
from event_words import assert_whole

USER, PASSWORD = "admin", "correct horse"
MB = 1024 * 1024

#: A definition of one service, and one of two.
ONE = "version: 2\nservices:\n  web:\n    image: nginx\n"
TWO = "version: 2\nservices:\n  web:\n    image: nginx\n  db:\n    image: redis\n"


class FakeAgents(IdleAgents):
    """Answers calls and holds sessions, and notes what was asked."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.images: dict[str, ImageDetail] = {}
        self.logs = Logs(b"", b"")
        self.queries: list[LogQuery] = []
        self.inspected: list[str] = []
        self.confirmed: list[str] = []
        #: Hosts whose engine has the mark of the one that joins.
        self.marked: set[str] = set()
        #: Where questions for a mark meet before any is answered.
        self.meeting = asyncio.Barrier(1)
        self.frames: list[bytes] = []
        #: Where sessions came from.
        self.addresses: list[str] = []
        self.away = False
        #: Pieces that a stream of a container gives, and those that were sent to it.
        self.pieces: dict[str, asyncio.Queue[Piece | None]] = {}
        self.sent: asyncio.Queue[Piece] = asyncio.Queue()
        self.opened: list[StreamRequest] = []
        #: Streams that are open.
        self.open = 0
        self.failure: CallFailed | None = None

    async def read_logs(
        self, host_id: HostId, container_id: ContainerId, *, query: LogQuery
    ) -> Logs:
        self._check(host_id)
        self.queries.append(query)
        return self.logs

    async def inspect(self, host_id: HostId, container_id: ContainerId) -> bytes:
        self._check(host_id)
        self.inspected.append(container_id)
        return self.documents[container_id]

    async def describe_image(self, host_id: HostId, image: str) -> ImageDetail:
        self._check(host_id)
        if image not in self.images:
            raise CallFailed(f"no such image: {image}", code="not_found")
        return self.images[image]

    def say(self, container_id: str, *pieces: Piece | None) -> None:
        """Let streams of a container give pieces; none ends them."""
        queue = self.pieces.setdefault(container_id, asyncio.Queue())
        for piece in pieces:
            queue.put_nowait(piece)

    @contextlib.asynccontextmanager
    async def open_stream(self, host_id: HostId, request: StreamRequest) -> AsyncIterator[Stream]:
        self._check(host_id)
        self.opened.append(request)
        self.open += 1
        try:
            yield FakeStream(self, request.container_id or host_id)
        finally:
            self.open -= 1

    async def confirm(self, host_id: HostId) -> None:
        self._check(host_id)
        self.confirmed.append(host_id)

    async def serve(self, socket: SessionSocket, host: Host, *, address: str) -> str:
        """Send every frame back until the agent is gone, and return a long refusal."""
        self.addresses.append(address)
        with contextlib.suppress(EOFError):
            while True:
                frame = await socket.receive_bytes()
                self.frames.append(frame)
                await socket.send_bytes(host.name.encode() + b":" + frame)
        return f"{host.name} is refused: " + "é" * 100

    async def find_marker(self, host_id: HostId, name: str) -> bool:
        """Return what the test says."""
        async with self.meeting:
            return host_id in self.marked

    async def dismiss(self, socket: SessionSocket, tombstone: Tombstone) -> str:
        """Say so."""
        await socket.send_bytes(tombstone.name.encode() + b" is dismissed")
        return ""

    def _check(self, host_id: HostId) -> None:
        if self.away:
            raise HostAway(f"host {host_id} is away")
        if self.failure is not None:
            raise self.failure


class FakeStream:
    """A stream to a host that gives what the test says."""

    def __init__(self, agents: FakeAgents, key: str) -> None:
        self._agents = agents
        self._pieces = agents.pieces.setdefault(key, asyncio.Queue())

    async def receive(self) -> Piece | None:
        return await self._pieces.get()

    async def send(self, piece: Piece) -> None:
        self._agents.sent.put_nowait(piece)


class Bed:
    """The API with its store, agents, clock, and a caller who is logged in."""

    def __init__(self, services: Services, *, agents: FakeAgents, clock: FakeClock) -> None:
        self.services = services
        self.store = services.store
        self.agents = agents
        self.clock = clock
        self.ready = True
        self.app = create_app(services)
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="https://berth.test")
        self.bearer = ""

    async def log_in(self) -> None:
        """Get the bearer token and send it from now on."""
        session = await self.open_session()
        answer = await self.http.get("/api/token", headers={"Authorization": f"Session {session}"})
        self.send_bearer(answer.json()["token"])

    async def admit(self) -> None:
        """Log in without the steps that take time."""
        text, new = make_bearer(self.services)
        token = Token(
            id=new.token_hash,
            kind=TokenKind.BEARER,
            user_id=ADMIN_ID,
            created_at=self.clock.now(),
            ciphertext=new.ciphertext,
        )
        await self.store.run(lambda draft: draft.tokens.put(token))
        self.send_bearer(text)

    def send_bearer(self, token: str) -> None:
        """Send a bearer token from now on."""
        self.bearer = token
        self.http.headers["Authorization"] = f"Bearer {token}"

    async def open_session(self, password: str = PASSWORD) -> str:
        """Log in and give the session token."""
        body = {"username": USER, "password": password}
        answer = await self.http.post("/api/auth", json=body)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["token"]
        return token

    async def get(self, path: str, *, code: int = 200, **options: Any) -> Any:
        """GET, expect a code, and give the JSON."""
        return await self.ask("GET", path, code=code, **options)

    async def post(self, path: str, *, code: int = 200, **options: Any) -> Any:
        """POST, expect a code, and give the JSON."""
        return await self.ask("POST", path, code=code, **options)

    async def put(self, path: str, *, code: int = 200, **options: Any) -> Any:
        """PUT, expect a code, and give the JSON."""
        return await self.ask("PUT", path, code=code, **options)

    async def delete(self, path: str, *, code: int = 200, **options: Any) -> Any:
        """DELETE, expect a code, and give the JSON."""
        return await self.ask("DELETE", path, code=code, **options)

    async def ask(self, method: str, path: str, *, code: int, **options: Any) -> Any:
        """Send a request, expect a code, and give the JSON."""
        answer = await self.http.request(method, path, **options)
        assert answer.status_code == code, answer.text
        return answer.json()

    async def refused(self, method: str, path: str, **options: Any) -> tuple[int, str, str]:
        """Send a request that is refused; give status, code and field of its first error."""
        answer = await self.http.request(method, path, **options)
        first = answer.json()["errors"][0]
        assert first["message"]
        return answer.status_code, first["code"], first.get("field", "")

    async def add_host(self, name: str, *, pool: str = "default", memory_mb: int = 4096) -> Host:
        """Add a host whose agent is in contact."""
        host = Host(
            id=HostId(new_uuid()),
            name=name,
            pool_id=PoolId(pool),
            engine_id=f"engine-{name}",
            credential_hash="",
            created_at=self.clock.now(),
        )
        await self.store.run(lambda draft: draft.hosts.put(host))
        facts = HostFacts(
            hostname=name,
            engine_id=host.engine_id,
            cpus=2,
            memory_bytes=memory_mb * MB,
            engine_version="26.1.0",
            address="10.0.0.5",
            interfaces={"eth0": "10.0.0.5"},
            public_address="203.0.113.7",
        )
        self.set_status(host, facts=facts, metrics=HostMetrics(cpu_percent=1.4, memory_percent=8.0))
        return host

    def set_status(self, host: Host, **members: Any) -> None:
        """Let the dispatcher have observed something of a host."""
        known = self.store.memory.observed.hosts.get(host.id)
        status = known or HostStatus(
            host_id=host.id, state=HostState.ACTIVE, last_seen=self.clock.now()
        )
        changed = msgspec.structs.replace(status, **members)
        self.store.memory.observed.hosts[host.id] = changed

    def add_container(
        self, host: Host, container_id: str, *, inspect: bytes = b"", **members: Any
    ) -> EngineContainer:
        """Let an engine run a container."""
        values = {"name": f"c-{container_id[:6]}", "image": "nginx", "state": "running"}
        container = EngineContainer(id=ContainerId(container_id), **(values | members))
        items = self.store.memory.observed.inventory.setdefault(host.id, {})
        items[container.id] = InventoryItem(container, inspect)
        return container

    def add_image(self, host: Host, image_id: str, **members: Any) -> EngineImage:
        """Let an engine have an image."""
        image = EngineImage(id=image_id, **members)
        self.store.memory.observed.images.setdefault(host.id, {})[image.id] = image
        return image

    async def deploy(self, deployment_id: str = "myapp", **members: Any) -> Any:
        """Make a deployment and give it."""
        body = {"deployment_id": deployment_id, "stack": {"content": ONE}} | members
        return (await self.post("/api/v2/deployments/", json=body))["deployment"]


@functools.cache
def hash_once() -> str:
    """Hash the password for all tests."""
    return argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)


@contextlib.asynccontextmanager
async def open_bed(url: str, directory: Path) -> AsyncIterator[Bed]:
    """Open a store on an empty database, and the API on it."""
    clock, agents = FakeClock(), FakeAgents()
    store = await Store.open(url, clock=clock, new_instance_id=new_uuid, lock_path=None)
    secrets = Secrets(make_key())
    bed: Bed | None = None
    services = Services(
        store=store,
        clock=clock,
        secrets=secrets,
        agents=agents,
        sessions=agents,
        join_token=JoinToken(directory, "ab" * 32),
        ca_pem="PEM",
        version=VersionInfo(version="1.2.3"),
        ready=lambda: bed is not None and bed.ready,
        manager_name="manager-1",
        started_at=clock.now(),
    )
    try:
        await store.run(create_shipped_pools)
        await store.run(lambda draft: create_shipped_registry(draft, "0" * 16))
        hashed = hash_once()
        await store.run(lambda draft: create_admin(draft, USER, password_hash=hashed))
        bed = Bed(services, agents=agents, clock=clock)
        yield bed
        await bed.http.aclose()
        assert_whole(store.memory)
    finally:
        await store.close()
        secrets.close()
