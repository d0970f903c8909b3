"""A man in the middle of a join: he relays the true authority and adds his own."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from berth.agent.app import run_agent
from berth.agent.data_directory import DataDirectory, Identity
from berth.agent.link.join import MAX_ANSWER_BYTES
from berth.agent.options import AgentOptions
from berth.domain.errors import StartupError
from berth.domain.ids import HostId, InstanceId
from berth.runtime.clock import SystemClock
from berth.runtime.exit_codes import Exit
from berth.runtime.tls import TlsFiles, read_one_certificate, read_or_make
from berth.testing.engine import SimulatedEngine
from simulation.agent_side import FakeManager, until


def make_authority(folder: Path, *, padded: bool = True) -> TlsFiles:
    """Make an authority whose text ends with padding, where lenient readers of base64 stop."""
    for number in range(100):
        files = read_or_make(
            folder / str(number), names=frozenset({"any"}), now=SystemClock().now()
        )
        if bool(len(read_one_certificate(files.ca_pem())) % 3) is padded:
            return files
    raise AssertionError("no such authority came in 100 tries")


@contextlib.asynccontextmanager
async def man_in_the_middle(tmp_path: Path, *, says: str) -> AsyncIterator[FakeManager]:
    """Run a server with a certificate of its own authority, which answers a text as authority."""
    own = make_authority(tmp_path / "own")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own.chain, own.key)
    server = FakeManager(ca=says.replace("OWN", own.ca_pem()), tls=context)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def options_for(server: FakeManager, true: TlsFiles, *, tmp_path: Path) -> AgentOptions:
    return AgentOptions(
        data_dir=tmp_path / "agent",
        manager_url=server.url,
        join_token=f"berth-join-1.secret.{true.ca_fingerprint()}",
    )


@pytest.mark.parametrize(
    "combine",
    [
        lambda true: true + "OWN",
        lambda true: "OWN" + true,
        lambda true: "OWN",
        lambda true: true.replace("-----END", "AAAA\n-----END"),
        lambda true: "text before\n" + true,
        lambda true: true + "text after",
        lambda true: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" + true,
        lambda _: "",
    ],
)
async def test_a_join_ends_where_anything_but_the_true_authority_is_answered(
    combine: Callable[[str], str], tmp_path: Path
) -> None:
    true = make_authority(tmp_path / "true")
    async with man_in_the_middle(tmp_path, says=combine(true.ca_pem())) as server:
        options = options_for(server, true, tmp_path=tmp_path)
        with pytest.raises(StartupError, match="not the one that the join token is from") as end:
            async with asyncio.timeout(10):
                await run_agent(options, engine=SimulatedEngine(), stopped=asyncio.Event())
    assert end.value.exit_code is Exit.JOIN_REFUSED
    assert server.joins == []


@pytest.mark.parametrize("padded", [True, False])
async def test_who_only_relays_the_true_authority_gets_no_join_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, padded: bool
) -> None:
    true = make_authority(tmp_path / "true", padded=padded)
    async with man_in_the_middle(tmp_path, says=true.ca_pem()) as server:
        await log_of_a_try(options_for(server, true, tmp_path=tmp_path), caplog)
        assert "certificate verify failed" in caplog.text
        assert server.joins == []


async def test_an_endless_answer_is_not_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    true = make_authority(tmp_path / "true")
    async with man_in_the_middle(tmp_path, says="x" * MAX_ANSWER_BYTES) as server:
        await log_of_a_try(options_for(server, true, tmp_path=tmp_path), caplog)
        assert f"more than {MAX_ANSWER_BYTES} bytes" in caplog.text


async def log_of_a_try(options: AgentOptions, caplog: pytest.LogCaptureFixture) -> None:
    """Run an agent until it has logged that its join did not succeed."""
    stopped = asyncio.Event()
    running = asyncio.create_task(run_agent(options, engine=SimulatedEngine(), stopped=stopped))
    await until(lambda: "tried again" in caplog.text)
    stopped.set()
    await running


@pytest.mark.parametrize("ca", ["TRUE OWN", "TRUE and more", "garbage"])
async def test_an_identity_that_trusts_a_second_authority_is_refused_at_the_start(
    tmp_path: Path, ca: str
) -> None:
    true, own = make_authority(tmp_path / "true"), make_authority(tmp_path / "own")
    text = ca.replace("TRUE", true.ca_pem()).replace("OWN", own.ca_pem())
    keep_identity(tmp_path / "agent", ca=text)
    options = AgentOptions(data_dir=tmp_path / "agent")
    with pytest.raises(StartupError, match="Rotate the join token") as end:
        await run_agent(options, engine=SimulatedEngine(), stopped=asyncio.Event())
    assert end.value.exit_code is Exit.DATA_DIR


def keep_identity(folder: Path, *, ca: str) -> None:
    directory = DataDirectory(folder)
    directory.open()
    directory.write_identity(
        Identity(
            instance_id=InstanceId("i"),
            host_id=HostId("h"),
            name="h",
            credential="secret",
            ca=ca,
            manager_url="https://manager.test",
        )
    )
    directory.close()
