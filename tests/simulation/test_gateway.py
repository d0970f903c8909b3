"""The endpoint for containers on real sockets, and keys on their way to it."""

import asyncio
import base64
import contextlib
import tracemalloc
from collections.abc import AsyncIterator, Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path

import msgspec
import pytest
import uvloop

from berth.agent.app import Agent
from berth.agent.gateway.connection import MAX_PER_SOURCE, Admits, Doorway
from berth.agent.gateway.endpoint import answer_request
from berth.agent.gateway.exchange import Request, Response
from berth.agent.gateway.gateway import Gateway
from berth.agent.gateway.key_copy import KeyCopy, SavedKeys
from berth.agent.gateway.peers import Peers
from berth.agent.gateway.server import HttpServer
from berth.agent.link.orders import Orders
from berth.agent.local.desired import Desired, Obeyed
from berth.agent.reports.facts import HostFactsReader
from berth.control.discovery.keys import delete_key, put_key
from berth.domain.discovery_records import Key
from berth.domain.errors import EngineUnreachable
from berth.domain.ids import InstanceId
from berth.domain.observed import EngineInfo
from berth.domain.settings import Settings
from berth.domain.states import HostState
from berth.protocol.messages import PROTOCOL_VERSION, KeySet, Welcome
from berth.testing.builders_agent import OWNER, LonelyAgent
from berth.testing.clock import FakeClock
from berth.testing.engine import SimulatedEngine
from simulation.fleet import SimulatedFleet

DEADLINE_S = 5.0


def echo(request: Request) -> Response:
    return Response(HTTPStatus.OK, f"{request.method} {request.target}".encode())


async def anyone(_: str) -> bool:
    return True


def a_doorway(admits: Admits = anyone, **limits: float) -> Doorway:
    return Doorway(admits, clock=FakeClock(), **limits)  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def serving(
    doorway: Doorway | None = None,
    *,
    answer: Callable[[Request], Response] = echo,
    request_s: float = 15.0,
) -> AsyncIterator[int]:
    server = HttpServer(answer, doorway=doorway or a_doorway(), request_s=request_s)
    port = await server.listen("127.0.0.1", 0)
    try:
        yield port
    finally:
        await server.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110  # nothing sets an event
            await asyncio.sleep(0.01)


async def exchange(port: int, text: bytes, *, source: str = "127.0.0.1") -> bytes:
    """Send bytes and return all that is answered until the server closes."""
    async with asyncio.timeout(DEADLINE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
        writer.write(text)
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()


async def test_several_requests_are_answered_on_one_connection() -> None:
    async with serving() as port:
        answer = await exchange(
            port,
            b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
            b"GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        )
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert b"Connection: close\r\n" in answer
    assert answer.endswith(b"\r\n\r\nGET /b")


async def test_a_head_request_has_the_length_and_no_body() -> None:
    async with serving() as port:
        answer = await exchange(port, b"HEAD /a HTTP/1.0\r\n\r\n")
    assert b"Content-Length: 7\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


async def test_a_request_that_never_ends_is_cut_off() -> None:
    async with serving(request_s=0.05) as port:
        assert await exchange(port, b"GET /a HTTP/1.1\r\n") == b""


async def test_a_head_that_is_too_long_is_refused() -> None:
    async with serving() as port:
        answer = await exchange(port, b"GET /a HTTP/1.1\r\nx: " + b"x" * 70_000)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "head", [b"\x16\x03\x01 hello", b"GET", b"GET /a SPDY/3", b"GET / HTTP/1.1\r\nx"]
)
async def test_what_is_not_http_is_refused(head: bytes) -> None:
    async with serving() as port:
        assert b" 400 Bad Request\r\n" in await exchange(port, head + b"\r\n\r\n")


async def test_a_client_that_sends_its_last_request_is_answered() -> None:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        writer.write_eof()
        async with asyncio.timeout(DEADLINE_S):
            assert (await reader.read()).endswith(b"GET /a")
        writer.close()


def test_the_loop_of_the_program_serves_as_well() -> None:
    async def ask() -> bytes:
        async with serving() as port:
            return await exchange(port, b"GET /a HTTP/1.0\r\n\r\n")

    assert uvloop.run(ask()).endswith(b"GET /a")


async def test_a_request_may_name_the_whole_url() -> None:
    async with serving() as port:
        answer = await exchange(port, b"GET http://172.17.0.1:9109/a?b HTTP/1.0\r\n\r\n")
    assert answer.endswith(b"GET /a?b")


async def test_a_request_with_a_body_is_answered() -> None:
    async with serving() as port:
        put = b"PUT /a HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc"
        assert (await exchange(port, put)).endswith(b"PUT /a")


async def test_headers_without_end_are_cut_off() -> None:
    async with serving() as port:
        lines = b"".join(b"x-%d: %s\r\n" % (number, b"v" * 4000) for number in range(100))
        assert await exchange(port, b"GET /a HTTP/1.1\r\n" + lines) == b""


async def test_a_client_that_does_not_read_is_cut_off() -> None:
    doorway = a_doorway(answer_s=0.1)
    async with serving(
        doorway, answer=lambda _: Response(HTTPStatus.OK, b"x" * 50_000_000)
    ) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        await until(lambda: doorway.connections == 1)
        await until(lambda: doorway.connections == 0)
        writer.transport.abort()


async def test_clients_that_do_not_read_hold_little_memory() -> None:
    copy = a_large_copy()
    doorway = a_doorway(per_source=20)
    async with serving(doorway, answer=partial(answer_request, copy)) as port:
        tracemalloc.start()
        try:
            clients = [
                await asyncio.open_connection("127.0.0.1", port, limit=1024) for _ in range(20)
            ]
            for _, writer in clients:
                writer.write(b"GET /v1/kv/?recurse HTTP/1.1\r\nHost: x\r\n\r\n")
            await asyncio.gather(*(reader.readexactly(1024) for reader, _ in clients))
            assert tracemalloc.get_traced_memory()[1] < 20 * 400_000
        finally:
            tracemalloc.stop()
        for _, writer in clients:
            writer.transport.abort()


async def test_a_long_list_comes_whole_and_others_are_served_meanwhile() -> None:
    copy = a_large_copy()
    async with serving(answer=partial(answer_request, copy)) as port:
        long = asyncio.create_task(exchange(port, b"GET /v1/kv/?recurse HTTP/1.0\r\n\r\n"))
        short = await exchange(port, b"GET /v1/kv/k0?raw HTTP/1.0\r\n\r\n")
        assert short.endswith(b"v" * 1000)
        assert not long.done()
        pairs = msgspec.json.decode((await long).partition(b"\r\n\r\n")[2])
    assert len(pairs) == len(copy.keys or ())
    assert pairs[-1]["Value"] == base64.b64encode(b"v" * 1000).decode()


def a_large_copy() -> KeyCopy:
    """Build a copy with 10 MB of values."""
    keys = (
        Key(id=f"k{n}", value=b"v" * 1000, create_index=1, modify_index=1) for n in range(10_000)
    )
    return KeyCopy(SavedKeys(tuple(keys)))


async def test_more_connections_than_allowed_are_closed() -> None:
    doorway = a_doorway(at_most=1)
    async with serving(doorway) as port:
        _, held = await asyncio.open_connection("127.0.0.1", port)
        held.write(b"GET /")
        await until(lambda: doorway.connections == 1)
        assert await exchange(port, b"GET /a HTTP/1.0\r\n\r\n", source="127.0.0.2") == b""
        held.close()


async def test_a_container_with_many_idle_connections_locks_out_itself_alone() -> None:
    doorway = a_doorway()
    async with serving(doorway) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(40)]
        await until(lambda: doorway.connections == MAX_PER_SOURCE)
        get = b"GET /a HTTP/1.0\r\n\r\n"
        assert await exchange(port, get) == b""
        assert (await exchange(port, get, source="127.0.0.2")).endswith(b"GET /a")
        for _, writer in held:
            writer.transport.abort()
        await until(lambda: doorway.connections == 0)
        assert (await exchange(port, get)).endswith(b"GET /a")


def bridges(**subnets: str) -> SimulatedEngine:
    """Build an engine that has these networks besides its own, each with its driver's name."""
    engine = SimulatedEngine("host-1")
    for name, subnet in subnets.items():
        engine.add_network(name, driver=name.partition("_")[0], subnet=subnet)
    return engine


async def test_only_addresses_of_the_engines_bridges_are_served() -> None:
    engine = bridges(bridge_1="127.0.0.8/29", macvlan="127.0.0.16/29")
    peers = Peers(engine, clock=FakeClock())
    async with serving(a_doorway(peers.admits)) as port:
        get = b"GET /a HTTP/1.0\r\n\r\n"
        assert (await exchange(port, get, source="127.0.0.9")).endswith(b"GET /a")
        assert await exchange(port, get, source="127.0.0.17") == b""
        assert await exchange(port, get, source="127.0.0.1") == b""


async def test_a_network_that_was_just_made_is_served_at_once() -> None:
    engine, clock = bridges(), FakeClock()
    peers = Peers(engine, clock=clock)
    assert not await peers.admits("10.0.0.2")
    await clock.advance(1.0)
    engine.add_network("new", driver="bridge", subnet="10.0.0.0/24")
    assert await peers.admits("10.0.0.2")


async def test_containers_are_served_while_the_engine_does_not_answer() -> None:
    engine, clock = bridges(), FakeClock()
    peers = Peers(engine, clock=clock)
    assert await peers.admits("172.17.0.2")
    await clock.advance(3600.0)
    engine.down()
    assert await peers.admits("172.17.0.2")
    assert not await peers.admits("10.0.0.2")


async def test_many_clients_wait_for_a_hanging_engine_once() -> None:
    engine, clock = bridges(), FakeClock()
    peers = Peers(engine, clock=clock)
    assert await peers.admits("172.17.0.2")
    await clock.advance(3600.0)
    before = engine.calls["list_networks"]
    engine.plant("list_networks", EngineUnreachable("it hangs"), times=8)
    answers = await asyncio.gather(*(peers.admits("172.17.0.2") for _ in range(8)))
    await clock.advance(1.0)
    assert all([*answers, await peers.admits("172.17.0.2")])
    assert engine.calls["list_networks"] - before == 1


def a_host(bridge: str) -> HostFactsReader:
    host = HostFactsReader(FakeClock())
    tell_bridge(host, bridge)
    return host


def tell_bridge(host: HostFactsReader, bridge: str) -> None:
    host.note_engine(
        EngineInfo(id="e", name="Docker", version="1", api_version="1", bridge_address=bridge)
    )


async def test_keys_are_served_at_the_bridge_wherever_that_is() -> None:
    host = a_host("")
    gateway = Gateway(KeyCopy(), host, engine=bridges(), clock=FakeClock(), port=0)
    await gateway.reconcile_address()
    assert gateway.address == ""
    tell_bridge(host, "127.0.0.2")
    await gateway.reconcile_address()
    assert gateway.address == "127.0.0.2"
    first = gateway.bound
    tell_bridge(host, "127.0.0.3")
    await gateway.reconcile_address()
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection("127.0.0.2", first)
    _, writer = await asyncio.open_connection("127.0.0.3", gateway.bound)
    writer.close()
    await gateway.close()


async def test_an_address_in_use_is_tried_again() -> None:
    other = HttpServer(echo, doorway=a_doorway())
    port = await other.listen("127.0.0.1", 0)
    gateway = Gateway(
        KeyCopy(), a_host("127.0.0.1"), engine=bridges(), clock=FakeClock(), port=port
    )
    await gateway.reconcile_address()
    assert gateway.address == ""
    await other.close()
    await gateway.reconcile_address()
    assert gateway.address == "127.0.0.1"
    await gateway.close()


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[SimulatedFleet]:
    fleet = await SimulatedFleet.up(tmp_path, hosts=2)
    yield fleet
    await fleet.down()


def value(agent: Agent | None, name: str) -> bytes | None:
    key = agent.keys.keys.get(name) if agent is not None and agent.keys.keys else None
    return key.value if key is not None else None


def all_have(fleet: SimulatedFleet, name: str, *, value_is: bytes | None) -> bool:
    return all(value(host.agent, name) == value_is for host in fleet.hosts.values())


async def put(fleet: SimulatedFleet, **keys: bytes) -> None:
    for name, content in keys.items():
        await fleet.store.run(partial(put_key, name=name, value=content))


async def test_every_agent_has_each_key_while_it_exists(fleet: SimulatedFleet) -> None:
    await put(fleet, a=b"1")
    await fleet.until(lambda: all_have(fleet, "a", value_is=b"1"))
    await put(fleet, a=b"2")
    await fleet.until(lambda: all_have(fleet, "a", value_is=b"2"))
    await fleet.store.run(lambda draft: delete_key(draft, "a"))
    await fleet.until(lambda: all_have(fleet, "a", value_is=None))


async def test_many_large_values_come_in_several_frames(fleet: SimulatedFleet) -> None:
    await put(fleet, **{f"k{number}": b"v" * 500_000 for number in range(8)})
    await fleet.until(
        lambda: all(all_have(fleet, f"k{n}", value_is=b"v" * 500_000) for n in range(8))
    )
    await fleet.hosts["h1"].stop_agent()
    fleet.hosts["h1"].start_agent()
    await fleet.until(lambda: all_have(fleet, "k7", value_is=b"v" * 500_000))


async def test_an_agent_knows_the_keys_after_a_restart_without_the_manager(
    fleet: SimulatedFleet,
) -> None:
    await put(fleet, a=b"1")
    await fleet.until(lambda: all_have(fleet, "a", value_is=b"1"))
    await fleet.stop_manager()
    for host in fleet.hosts.values():
        await host.stop_agent()
        host.start_agent()
    assert all_have(fleet, "a", value_is=b"1")


async def test_what_changed_while_an_agent_was_away_is_there_when_it_returns(
    fleet: SimulatedFleet,
) -> None:
    await put(fleet, gone=b"1")
    await fleet.until(lambda: all_have(fleet, "gone", value_is=b"1"))
    fleet.hosts["h1"].wire.cut = True
    await fleet.until(lambda: fleet.state("h1") is HostState.INACTIVE)
    await fleet.store.run(lambda draft: delete_key(draft, "gone"))
    await put(fleet, new=b"2")
    fleet.hosts["h1"].wire.cut = False
    await fleet.until(
        lambda: all_have(fleet, "new", value_is=b"2") and all_have(fleet, "gone", value_is=None)
    )


async def test_an_agent_that_does_not_obey_keeps_its_keys() -> None:
    agent = LonelyAgent(SimulatedEngine("host-1"), FakeClock())
    desired = Desired(Obeyed(instance_id=OWNER.instance_id))
    copy = KeyCopy(SavedKeys((Key(id="a", value=b"1", create_index=1, modify_index=1),)))
    orders = Orders(agent.shared, agent.supervisor, desired=desired, keys=copy)
    orders.welcome(
        Welcome(
            protocol=PROTOCOL_VERSION,
            instance_id=InstanceId("another"),
            epoch=1,
            settings=Settings(),
            host_name="h",
            pool_id="default",
        )
    )
    orders.take(KeySet(sequence=0, first=True, last=True, keys=()))
    assert copy.keys is not None
    assert [key.id for key in copy.keys.below("")] == ["a"]
