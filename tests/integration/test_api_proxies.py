"""The manager behind proxies: whose word about the origin of a request is taken."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from berth.api.app import create_app
from berth.api.connections.proxies import is_proxy, read_proxies
from berth.domain.errors import StartupError
from integration.api_bed import PASSWORD, USER, Bed

WRONG = {"username": USER, "password": "wrong"}
RIGHT = {"username": USER, "password": PASSWORD}


def client_of(bed: Bed, peer: str, *proxies: str) -> httpx.AsyncClient:
    """Return a client that connects from an address to a manager with these proxies."""
    app = create_app(replace(bed.services, proxies=read_proxies(proxies)))
    transport = httpx.ASGITransport(app=app, client=(peer, 5), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="https://berth.test")


def came_from(address: str) -> dict[str, Any]:
    return {"X-Forwarded-For": address}


def addresses(bed: Bed) -> list[str]:
    return [event.details.get("address", "") for event in bed.store.memory.events.values()]


async def test_one_who_guesses_behind_a_proxy_locks_no_one_else_out(bed: Bed) -> None:
    async with client_of(bed, "10.0.0.9", "10.0.0.0/24") as http:
        for _ in range(25):
            await http.post("/api/auth", json=WRONG, headers=came_from("192.0.2.1"))
        refused = await http.post("/api/auth", json=RIGHT, headers=came_from("192.0.2.1"))
        admitted = await http.post("/api/auth", json=RIGHT, headers=came_from("192.0.2.2"))
    assert (refused.status_code, admitted.status_code) == (429, 200)
    assert addresses(bed) == ["192.0.2.1", "192.0.2.2"]


async def test_who_guesses_from_many_addresses_of_one_ipv6_network_is_slowed_down(bed: Bed) -> None:
    app, codes = create_app(bed.services), set()
    for number in range(25):
        transport = httpx.ASGITransport(app=app, client=(f"2001:db8::{number + 1:x}", 5))
        async with httpx.AsyncClient(transport=transport, base_url="https://berth.test") as http:
            codes.add((await http.post("/api/auth", json=WRONG)).status_code)
    assert codes == {401, 429}
    assert len(addresses(bed)) == 1, "all of them have one event a minute"


@pytest.mark.parametrize(
    ("peer", "forwarded", "told"),
    [
        ("10.0.0.9", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.9", "203.0.113.5, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.9", "192.0.2.1, 10.0.0.8", "192.0.2.1"),
        ("::ffff:10.0.0.9", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.9", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.9", "nobody <b>", "10.0.0.9"),
        ("10.0.0.9", "", "10.0.0.9"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
    ],
)
async def test_only_a_trusted_proxy_says_where_a_request_comes_from(
    bed: Bed, peer: str, forwarded: str, told: str
) -> None:
    async with client_of(bed, peer, "10.0.0.0/24") as http:
        await http.post("/api/auth", json=RIGHT, headers=came_from(forwarded))
    assert addresses(bed) == [told]


async def test_without_the_option_nobody_is_believed(bed: Bed) -> None:
    async with client_of(bed, "127.0.0.1") as http:
        await http.post("/api/auth", json=RIGHT, headers=came_from("192.0.2.1"))
    assert addresses(bed) == ["127.0.0.1"]


@pytest.mark.parametrize("text", ["proxy.example.com", "10.0.0.1/8", "*", ""])
def test_a_proxy_that_is_no_address_ends_the_start(text: str) -> None:
    with pytest.raises(StartupError, match="--trusted-proxy takes an address"):
        read_proxies([text])


def test_an_address_that_an_ipv6_socket_shows_is_the_proxy_too() -> None:
    proxies = read_proxies(["10.0.0.0/24"])
    assert is_proxy("::ffff:10.0.0.9", proxies)
    assert not is_proxy("10.0.1.9", proxies)
