"""Whoever has no credential neither fills the manager nor keeps its users from an answer."""

import asyncio
import contextlib

import pytest

from attacks.attackers import ATTACKS
from attacks.target import Target, User
from berth.testing.clock import settle

#: Its bounds hold on a quiet machine alone, so it runs under ``script/test --all``.
pytestmark = pytest.mark.slow

MB = 1024 * 1024

#: What an attack from one address may cost, and one from as many as there are connections for.
MOST_MB, MOST_MB_OF_MANY = 20, 32


@pytest.mark.parametrize("kind", ATTACKS)
async def test_an_attack_costs_little_and_keeps_no_user_out(target: Target, kind: str) -> None:
    user = User(target)
    await user.log_in()
    files, memory = target.open_files(), target.resident_bytes()
    asking = asyncio.create_task(user.go_on_asking())
    await target.suffer(kind)
    grown = target.resident_bytes() - memory
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    assert grown < (MOST_MB_OF_MANY if "many" in kind else MOST_MB) * MB
    assert user.asked >= 3
    assert user.slowest_s < 3.0
    assert user.largest_lag_s < 1.0
    async with asyncio.timeout(10):
        while target.open_files() > files + 5:
            await settle()
