"""The join over HTTPS: the token pins the instance's authority."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from berth.agent.app import run_agent
from berth.agent.data_directory import Identity
from berth.agent.link.transport import NoConnection, Stranger, dial
from berth.agent.options import AgentOptions
from berth.domain.errors import StartupError
from berth.runtime.clock import SystemClock
from berth.runtime.exit_codes import Exit
from berth.runtime.tls import TlsFiles, read_or_make
from berth.testing.builders_agent import OWNER, an_assignment
from berth.testing.engine import SimulatedEngine
from simulation.agent_side import FakeManager, RunningAgent, until

OWNER_IDENTITY = {
    "instance_id": OWNER.instance_id,
    "host_id": OWNER.host_id,
    "name": "host-1",
    "credential": "secret",
}


def make_certificates(folder: Path) -> TlsFiles:
    folder.mkdir()
    names = frozenset({"some.other.name"})
    return read_or_make(folder, names=names, now=SystemClock().now())


@pytest.fixture
def certificates(tmp_path: Path) -> TlsFiles:
    return make_certificates(tmp_path / "tls")


@pytest.fixture
async def manager(certificates: TlsFiles) -> AsyncIterator[FakeManager]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.chain, certificates.key)
    manager = FakeManager(ca=certificates.ca_pem(), tls=context)
    await manager.start()
    yield manager
    await manager.stop()


async def test_a_join_over_https_trusts_the_authority_of_the_token(
    manager: FakeManager, certificates: TlsFiles, tmp_path: Path
) -> None:
    manager.assignments["a1"] = an_assignment("a1")
    token = f"berth-join-1.secret.{certificates.ca_fingerprint()}"
    async with RunningAgent(manager, SimulatedEngine(), folder=tmp_path / "agent", token=token):
        await manager.until_running("a1")


async def test_a_manager_with_another_authority_gets_no_secret(
    manager: FakeManager, tmp_path: Path
) -> None:
    other = make_certificates(tmp_path / "other").ca_fingerprint()
    options = AgentOptions(
        data_dir=tmp_path / "agent",
        manager_url=manager.url,
        join_token=f"berth-join-1.secret.{other}",
    )
    with pytest.raises(StartupError, match="not the one that the join token is from") as caught:
        await run_agent(options, engine=SimulatedEngine(), stopped=asyncio.Event())
    assert caught.value.exit_code == Exit.JOIN_REFUSED
    assert manager.joins == []


@pytest.mark.parametrize(
    ("days", "words"), [(30, "is not valid yet"), (-11 * 366, "is not valid any more")]
)
async def test_a_certificate_outside_of_its_time_is_laid_to_a_clock(
    tmp_path: Path, days: int, words: str
) -> None:
    now = SystemClock().now()
    names = frozenset({"some.other.name"})
    files = read_or_make(tmp_path / "tls", names=names, now=now + days * 24 * 3600)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files.chain, files.key)
    manager = await FakeManager(tls=context).start()
    identity = Identity(**OWNER_IDENTITY, ca=files.ca_pem())
    try:
        async with aiohttp.ClientSession() as http:
            with pytest.raises(NoConnection, match="clock of this host") as caught:
                await dial(http, manager.url, identity=identity, now=lambda: now)
    finally:
        await manager.stop()
    assert words in str(caught.value)
    assert not isinstance(caught.value, Stranger)


async def test_a_session_is_not_opened_with_another_authority(
    manager: FakeManager,
    certificates: TlsFiles,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    token = f"berth-join-1.secret.{certificates.ca_fingerprint()}"
    folder = tmp_path / "agent"
    async with RunningAgent(manager, SimulatedEngine(), folder=folder, token=token):
        await until(lambda: manager.heard)
    other = make_certificates(tmp_path / "other")
    await manager.stop()
    manager.heard.clear()
    assert manager.tls is not None
    manager.tls.load_cert_chain(other.chain, other.key)
    await manager.start()
    with caplog.at_level(logging.WARNING, "berth.agent.link.connector"):
        async with RunningAgent(manager, SimulatedEngine(), folder=folder, token=token):
            await until(lambda: "certificate verify failed" in caplog.text)
    assert manager.heard == []
