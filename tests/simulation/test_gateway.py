"""The endpoint for containers on real sockets, and keys on their way to it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus
from pathlib import Path

import pytest

from berth.agent.app import Agent
from berth.agent.gateway.gateway import Gateway
from berth.agent.gateway.key_copy import KeyCopy, SavedKeys
from berth.agent.gateway.server import HttpServer, Request, Response
from berth.agent.link.orders import Orders
from berth.agent.local.desired import Desired, Obeyed
from berth.agent.reports.facts import HostFactsReader
from berth.control.discovery.keys import delete_key, put_key
from berth.domain.discovery_records import Key
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


@contextlib.asynccontextmanager
async def serving(**deadlines: float) -> AsyncIterator[int]:
    server = HttpServer(echo, **deadlines)
    port = await server.listen("127.0.0.1", 0)
    try:
        yield port
    finally:
        await server.close()


async def exchange(port: int, text: bytes) -> bytes:
    """Send bytes and give all that is answered until the server closes."""
    async with asyncio.timeout(DEADLINE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
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
            port, b"GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\nConnection: close\r\n\r\n"
        )
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert answer.endswith(b"Connection: close\r\n\r\nGET /b")


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


async def test_what_is_not_http_is_refused() -> None:
    async with serving() as port:
        assert (await exchange(port, b"\x16\x03\x01 hello\r\n\r\n")).startswith(b"HTTP/1.1 400 ")


async def test_a_client_that_does_not_read_is_cut_off() -> None:
    server = HttpServer(lambda _: Response(HTTPStatus.OK, b"x" * 50_000_000), answer_s=0.1)
    port = await server.listen("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    async with asyncio.timeout(DEADLINE_S):
        while server.connections != 1:  # noqa: ASYNC110  # nothing sets an event
            await asyncio.sleep(0)
        while server.connections:  # noqa: ASYNC110  # nothing sets an event
            await asyncio.sleep(0.01)
    writer.transport.abort()
    del reader
    await server.close()


async def test_more_connections_than_allowed_are_closed() -> None:
    server = HttpServer(echo, at_most=1)
    port = await server.listen("127.0.0.1", 0)
    _, held = await asyncio.open_connection("127.0.0.1", port)
    held.write(b"GET /")
    async with asyncio.timeout(DEADLINE_S):
        while server.connections != 1:  # noqa: ASYNC110  # nothing sets an event
            await asyncio.sleep(0)
    assert await exchange(port, b"GET /a HTTP/1.1\r\n\r\n") == b""
    held.close()
    await server.close()


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
    gateway = Gateway(KeyCopy(), host, clock=FakeClock(), port=0)
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
    other = HttpServer(echo)
    port = await other.listen("127.0.0.1", 0)
    gateway = Gateway(KeyCopy(), a_host("127.0.0.1"), clock=FakeClock(), port=port)
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
