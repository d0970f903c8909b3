"""The driver's way of asking: versions, numbers of requests and connections, broken answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from berth.agent.engine.docker.engine import DockerEngine
from berth.agent.engine.protocol import ContainerRequest
from berth.domain.errors import (
    EngineError,
    EngineNotFound,
    EngineRefused,
    EngineTimeout,
    EngineUnreachable,
    PullFailed,
)
from berth.domain.ids import ContainerId
from berth.domain.images import Credentials
from berth.domain.observed import LogQuery
from berth.domain.spec import ContainerSpec

_ID = ContainerId("a1" * 32)
_REQUEST = ContainerRequest(
    name="web", hostname="web", spec=ContainerSpec(image="app:1"), labels={}
)
_VERSION: dict[str, object] = {"ApiVersion": "1.41", "MinAPIVersion": "1.12"}


class Server:
    """An engine's socket that answers what a test tells it to."""

    def __init__(self, folder: Path) -> None:
        self.socket = str(folder / "engine.sock")
        self.version = dict(_VERSION)
        #: Method and path of all requests, the version's apart.
        self.requests: list[str] = []
        self.connections: set[object] = set()
        self.headers: dict[str, str] = {}
        #: Set at the end, for answers that wait.
        self.over = asyncio.Event()
        self.answer: Callable[[web.Request], Awaitable[web.StreamResponse]] = self.say_created

    async def say_created(self, request: web.Request) -> web.StreamResponse:
        """Answer like a create."""
        return web.json_response({"Id": _ID}, status=201)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Note a request and answer it."""
        self.connections.add(request.transport)
        if request.path == "/version":
            return web.json_response(self.version)
        self.requests.append(f"{request.method} {request.path_qs}")
        self.headers = dict(request.headers)
        return await self.answer(request)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A listening socket."""
    server = Server(tmp_path)
    runner = web.ServerRunner(web.Server(server.take), shutdown_timeout=0.1)
    await runner.setup()
    await web.UnixSite(runner, server.socket).start()
    yield server
    server.over.set()
    await runner.cleanup()


@pytest.fixture
async def engine(server: Server) -> AsyncIterator[DockerEngine]:
    """The driver on that socket."""
    engine = DockerEngine(server.socket, read_s=2.0, change_s=2.0)
    yield engine
    await engine.close()


def says(status: int, text: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Make an answer of a status and a text."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text)

    return answer


async def test_a_step_of_a_container_is_one_request(server: Server, engine: DockerEngine) -> None:
    await engine.create(_REQUEST)
    await engine.start(_ID)
    await engine.inspect(_ID)
    await engine.remove(_ID)
    assert server.requests == [
        "POST /v1.41/containers/create?name=web",
        f"POST /v1.41/containers/{_ID}/start",
        f"GET /v1.41/containers/{_ID}/json",
        f"DELETE /v1.41/containers/{_ID}?v=1&force=0",
    ]
    assert len(server.connections) == 1


async def test_a_container_that_is_gone_counts_as_removed(
    server: Server, engine: DockerEngine
) -> None:
    server.answer = says(404, '{"message": "No such container: a1"}')
    await engine.remove(_ID)
    assert len(server.requests) == 1


async def test_a_removal_by_someone_else_that_fails_is_made_up_for(server: Server) -> None:
    engine = DockerEngine(server.socket, read_s=2.0, change_s=0.1)

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/wait"):
            await server.over.wait()
        others = len([one for one in server.requests if one.startswith("DELETE")]) == 1
        words = "removal of container a1 is already in progress"
        return web.Response(status=409, text=words) if others else web.Response(status=204)

    server.answer = answer
    try:
        await engine.remove(_ID, force=True)
    finally:
        await engine.close()
    assert [one.split()[0] for one in server.requests] == ["DELETE", "POST", "DELETE"]


async def test_a_container_that_bears_the_name_already_counts_as_renamed(
    server: Server, engine: DockerEngine
) -> None:
    words = "Renaming a container with the same name as its current name"
    server.answer = says(400, words)
    await engine.rename(_ID, "web")
    server.answer = says(400, "Invalid container name")
    with pytest.raises(EngineRefused):
        await engine.rename(_ID, "w b")


@pytest.mark.parametrize("text", ["", "..", "../info", "a/b", "a?b", "a b"])
async def test_what_is_no_id_is_not_asked_for(
    server: Server, engine: DockerEngine, text: str
) -> None:
    with pytest.raises(EngineNotFound):
        await engine.inspect(ContainerId(text))
    assert server.requests == []


async def test_a_missing_network_or_neighbour_is_a_fault_of_the_settings(
    server: Server, engine: DockerEngine
) -> None:
    for words in ("No such container: db", "network blue not found"):
        server.answer = says(404, words)
        with pytest.raises(EngineRefused, match=words):
            await engine.create(_REQUEST)
    server.answer = says(404, "No such image: app:1")
    with pytest.raises(EngineNotFound):
        await engine.create(_REQUEST)


async def test_a_hundred_calls_run_side_by_side(server: Server, engine: DockerEngine) -> None:
    everybody = asyncio.Barrier(120)

    async def meet(request: web.Request) -> web.StreamResponse:
        async with asyncio.timeout(10):
            await everybody.wait()
        return web.json_response({"Id": _ID})

    server.answer = meet
    await asyncio.gather(*(engine.inspect(_ID) for _ in range(120)))
    assert len(server.requests) == 120


@pytest.mark.parametrize(
    ("newest", "oldest", "chosen"),
    [("1.41", "1.12", "1.41"), ("1.44", "1.24", "1.44"), ("1.99", "1.44", "1.51")],
)
async def test_the_newest_version_that_both_know_is_spoken(
    server: Server, engine: DockerEngine, newest: str, oldest: str, chosen: str
) -> None:
    server.version = {"ApiVersion": newest, "MinAPIVersion": oldest}
    await engine.start(_ID)
    assert server.requests == [f"POST /v{chosen}/containers/{_ID}/start"]


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ({"ApiVersion": "1.40", "MinAPIVersion": "1.12"}, "needs 1.41"),
        ({"ApiVersion": "1.99", "MinAPIVersion": "1.90"}, "wants API 1.90"),
        ({"hello": "world"}, "no container engine"),
    ],
)
async def test_an_engine_of_another_age_is_refused(
    server: Server, engine: DockerEngine, version: dict[str, object], words: str
) -> None:
    server.version = version
    with pytest.raises(EngineError, match=words):
        await engine.start(_ID)
    assert server.requests == []


async def test_an_engine_that_was_exchanged_is_asked_for_its_version_again(
    server: Server, engine: DockerEngine
) -> None:
    server.version = {"ApiVersion": "1.44"}
    await engine.start(_ID)
    server.version = dict(_VERSION)
    server.answer = says(400, "client version 1.44 is too new. Maximum supported is 1.41")
    with pytest.raises(EngineRefused):
        await engine.start(_ID)
    server.answer = says(204, "")
    await engine.start(_ID)
    assert server.requests[-1].startswith("POST /v1.41/")


async def test_podman_is_known_by_its_components(server: Server, engine: DockerEngine) -> None:
    server.version["Components"] = [{"Name": "Podman Engine", "Version": "5.0"}]
    server.answer = says(200, '{"ID": "E", "ServerVersion": "5.0"}')
    assert (await engine.info()).name == "Podman"


@pytest.mark.parametrize("text", ["", "[]", "{", "<html>"])
async def test_an_answer_that_cannot_be_read_is_an_engine_error(
    server: Server, engine: DockerEngine, text: str
) -> None:
    server.answer = says(200, text)
    for call in (engine.create(_REQUEST), engine.info(), engine.find_image("app:1")):
        with pytest.raises(EngineError, match="unusable"):
            await call


async def test_a_refusal_that_is_no_json_is_quoted(server: Server, engine: DockerEngine) -> None:
    server.answer = says(502, "bad gateway")
    with pytest.raises(EngineError, match=r"cannot start container a1a1a1a1a1a1: .* bad gateway"):
        await engine.start(_ID)


async def test_a_silent_engine_runs_into_the_deadline(server: Server) -> None:
    async def wait(request: web.Request) -> web.StreamResponse:
        await server.over.wait()
        return web.Response()

    server.answer = wait
    engine = DockerEngine(server.socket, read_s=0.05, change_s=0.1)
    with pytest.raises(EngineTimeout, match=r"within 0.05 s"):
        await engine.inspect(_ID)
    with pytest.raises(EngineTimeout, match=r"within 0.1 s"):
        await engine.start(_ID)
    with pytest.raises(EngineTimeout, match=r"within 1.05 s"):
        await engine.stop(_ID, grace_s=0.4)
    await engine.close()


async def test_a_connection_that_breaks_inside_an_answer_is_unreachable(
    server: Server, engine: DockerEngine
) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "100"})
        await answer.prepare(request)
        await answer.write(b"[")
        assert request.transport is not None
        request.transport.close()
        return answer

    server.answer = break_off
    with pytest.raises(EngineUnreachable):
        await engine.list_containers()
    with pytest.raises(EngineUnreachable):
        [chunk async for chunk in engine.logs(_ID, LogQuery())]


def has_log(*lines: bytes) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Answer with a log whose long lines are split, and whose tail counts the parts, as Docker."""
    time, longest = b"2026-01-31T12:34:56.123456789Z ", 16 * 1024
    entries: list[bytes] = []
    for stream, text in (line.split(b":", 1) for line in lines):
        whole = text + b"\n"
        for start in range(0, len(whole), longest):
            data = time + whole[start : start + longest]
            entries.append(bytes([int(stream), 0, 0, 0]) + len(data).to_bytes(4, "big") + data)

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"".join(entries[-int(request.query["tail"]) :]))

    return answer


async def read_tail(engine: DockerEngine, tail: int, **query: bool) -> list[tuple[str, bytes]]:
    """Return streams and texts of the newest lines."""
    chunks = [chunk async for chunk in engine.logs(_ID, LogQuery(tail=tail, **query))]
    lines = ((chunk.stream, line) for chunk in chunks for line in chunk.data.splitlines())
    return [(stream, line.partition(b" ")[2]) for stream, line in lines]


@pytest.mark.parametrize("tail", [1, 3, 20, 29])
async def test_as_many_lines_come_as_are_wanted_and_long_ones_are_whole(
    server: Server, engine: DockerEngine, tail: int
) -> None:
    texts = [b"%d" % number + b"x" * 34_000 for number in range(30)]
    server.answer = has_log(*(b"1:" + text for text in texts))
    assert await read_tail(engine, tail) == [("stdout", text) for text in texts[-tail:]]
    assert len(server.requests) <= 2


async def test_a_log_with_fewer_lines_than_are_wanted_comes_whole(
    server: Server, engine: DockerEngine
) -> None:
    server.answer = has_log(b"1:a", b"2:" + b"b" * 40_000, b"1:c")
    lines = [("stdout", b"a"), ("stderr", b"b" * 40_000), ("stdout", b"c")]
    assert await read_tail(engine, 50) == lines
    assert await read_tail(engine, 3) == lines


async def test_short_lines_are_one_request_and_counted_before_a_stream_is_chosen(
    server: Server, engine: DockerEngine
) -> None:
    server.answer = has_log(b"1:a", b"2:b", b"1:c")
    assert await read_tail(engine, 2, stderr=False) == [("stdout", b"c")]
    assert len(server.requests) == 1


async def test_lines_longer_than_what_is_kept_are_marked_as_cut(
    server: Server, engine: DockerEngine
) -> None:
    server.answer = has_log(b"1:" + b"x" * (3 << 20), b"1:end")
    first, *_, last = await read_tail(engine, 3)
    assert first[1].endswith(b"x [cut, goes on in the next line]")
    assert last == ("stdout", b"end")


async def test_a_cut_pull_is_not_taken_for_a_whole_one(
    server: Server, engine: DockerEngine
) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        answer.enable_chunked_encoding()
        await answer.prepare(request)
        await answer.write(b'{"status": "Downloading", "id": "a"}\n')
        assert request.transport is not None
        request.transport.close()
        return answer

    server.answer = break_off
    with pytest.raises(EngineUnreachable):
        await engine.pull("app:1")


async def test_a_pull_names_repository_and_tag_and_sends_a_login_only_if_given(
    server: Server, engine: DockerEngine
) -> None:
    await engine.pull("host:5000/shop/app:v1")
    assert server.requests == [
        "POST /v1.41/images/create?fromImage=host:5000/shop/app&tag=v1",
        "GET /v1.41/images/host:5000/shop/app:v1/json",
    ]
    assert "X-Registry-Auth" not in server.headers


async def test_a_failed_pull_shows_no_password(server: Server, engine: DockerEngine) -> None:
    server.answer = says(500, '{"message": "login me:s3cret refused by https://me:s3cret@host"}')
    with pytest.raises(PullFailed) as caught:
        await engine.pull("app:1", credentials=Credentials("me", "s3cret", "host"))
    assert "X-Registry-Auth" in server.headers
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__!r}"


async def test_an_error_inside_a_pull_is_a_failed_pull(
    server: Server, engine: DockerEngine
) -> None:
    server.answer = says(200, '{"status": "x"}\n{"error": "denied to s3cret"}\n')
    with pytest.raises(PullFailed, match=r"cannot pull image app:1: .*denied to \*\*\*"):
        await engine.pull("app:1", credentials=Credentials("me", "s3cret", "host"))


async def test_a_bug_in_the_progress_callback_is_not_hidden(
    server: Server, engine: DockerEngine
) -> None:
    def fail(progress: object) -> None:
        raise ValueError("mine")

    server.answer = says(200, '{"status": "Pulling fs layer", "id": "a"}\n')
    with pytest.raises(ValueError, match="mine"):
        await engine.pull("app:1", progress=fail)


async def test_events_begin_at_the_engines_last_full_second(
    server: Server, engine: DockerEngine
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(headers={"Date": "Tue, 14 Nov 2023 22:13:20 GMT"})

    server.answer = answer
    async with engine.events() as events:
        with pytest.raises(EngineUnreachable, match="ended the stream"):
            await anext(events)
    assert "since=1700000000" in server.requests[-1]


async def test_events_of_no_interest_are_passed_over_however_they_are_cut(
    server: Server, engine: DockerEngine
) -> None:
    lines = "".join(
        f'{{"Type": "container", "Action": "{action}", "Actor": {{"ID": "a1"}}}}\n'
        for action in ("exec_start: sh", "start", "die")
    ).encode()

    async def answer(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for piece in (lines[:70], lines[70:200], lines[200:]):
            await answer.write(piece)
        return answer

    server.answer = answer
    async with engine.events() as events:
        assert [(await anext(events)).action for _ in range(2)] == ["start", "die"]


async def test_a_closed_driver_says_so() -> None:
    engine = DockerEngine("/nowhere.sock")
    await engine.close()
    await engine.close()
    with pytest.raises(EngineUnreachable, match="closed"):
        await engine.info()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/nowhere.sock", "No such file"),
        ("tcp://127.0.0.1:1", "tcp://127.0.0.1:1"),
        ("carrier-pigeon://coop", "cannot be used"),
    ],
)
async def test_an_address_where_nothing_answers_is_unreachable(address: str, words: str) -> None:
    engine = DockerEngine(address)
    with pytest.raises(EngineUnreachable, match=words):
        await engine.info()
    await engine.close()
