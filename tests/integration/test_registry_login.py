"""Logins at registries: each challenge, TLS, and what must not get a password."""

import asyncio
import base64
import ssl
from pathlib import Path

import pytest

from berth.control.images.registry_login import LoginOutcome, log_in
from berth.runtime import tls
from berth.runtime.clock import SystemClock
from integration.fake_registry import FakeRegistry, serve_registry

LOGIN = ("captain", "s3cret")
BASIC = f"Basic {base64.b64encode(b'captain:s3cret').decode()}"


async def try_login(
    registry: FakeRegistry, *, username: str = LOGIN[0], password: str = LOGIN[1], trust: Path
) -> LoginOutcome:
    """Log in at a registry, trusting what stands in a folder."""
    return await log_in(registry.address, username=username, password=password, certificates=trust)


async def serve_tls(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a server's context, and the certificate of its authority."""
    files = await asyncio.to_thread(
        tls.read_or_make, folder, names=frozenset({"127.0.0.1"}), now=SystemClock().now()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.chain, files.key)
    return context, files.ca


@pytest.mark.parametrize("bearer", [False, True])
async def test_the_right_password_is_taken(tmp_path: Path, bearer: bool) -> None:
    async with serve_registry(FakeRegistry(login=LOGIN, bearer=bearer)) as registry:
        outcome = await try_login(registry, trust=tmp_path)
    assert outcome == LoginOutcome(True, "Validated successfully.")
    assert BASIC in registry.authorizations


@pytest.mark.parametrize("bearer", [False, True])
async def test_a_wrong_password_is_told_without_showing_it(tmp_path: Path, bearer: bool) -> None:
    async with serve_registry(FakeRegistry(login=LOGIN, bearer=bearer)) as registry:
        outcome = await try_login(registry, password="wr0ng-one", trust=tmp_path)
    assert not outcome.valid
    assert "refuses this user name or password" in outcome.message
    assert "wr0ng-one" not in outcome.message


async def test_an_open_registry_lets_everybody_in(tmp_path: Path) -> None:
    async with serve_registry(FakeRegistry()) as registry:
        assert (await try_login(registry, username="", trust=tmp_path)).valid


@pytest.mark.parametrize("bearer", [False, True])
async def test_a_closed_registry_wants_a_user_name(tmp_path: Path, bearer: bool) -> None:
    async with serve_registry(FakeRegistry(login=LOGIN, bearer=bearer)) as registry:
        outcome = await try_login(registry, username="", trust=tmp_path)
    assert not outcome.valid
    assert "user name" in outcome.message


async def test_a_trusted_certificate_is_taken(tmp_path: Path) -> None:
    context, ca = await serve_tls(tmp_path / "tls")
    async with serve_registry(FakeRegistry(login=LOGIN, bearer=True), context=context) as registry:
        trusted = tmp_path / "certs.d" / registry.address
        trusted.mkdir(parents=True)
        (trusted / "ca.crt").write_bytes(ca.read_bytes())
        assert (await try_login(registry, trust=tmp_path / "certs.d")).valid


async def test_an_untrusted_certificate_gets_no_password_not_even_in_clear(tmp_path: Path) -> None:
    context, _ = await serve_tls(tmp_path / "tls")
    async with serve_registry(FakeRegistry(login=LOGIN), context=context) as registry:
        outcome = await try_login(registry, trust=tmp_path)
    assert not outcome.valid
    assert "certificate is not trusted" in outcome.message
    assert registry.authorizations == []


async def test_a_token_service_elsewhere_gets_no_password_in_clear(tmp_path: Path) -> None:
    context, ca = await serve_tls(tmp_path / "tls")
    async with (
        serve_registry(FakeRegistry(login=LOGIN, bearer=True)) as thief,
        serve_registry(
            FakeRegistry(bearer=True, realm=f"http://{thief.address}/token"), context=context
        ) as registry,
    ):
        trusted = tmp_path / registry.address
        trusted.mkdir()
        (trusted / "ca.crt").write_bytes(ca.read_bytes())
        outcome = await try_login(registry, trust=tmp_path)
    assert not outcome.valid
    assert thief.authorizations == []


async def test_what_is_no_registry_is_told(tmp_path: Path) -> None:
    async with serve_registry(FakeRegistry(status=404)) as registry:
        outcome = await try_login(registry, trust=tmp_path)
    assert outcome.message.endswith("it answers 404 to /v2/")


async def test_a_registry_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with serve_registry(FakeRegistry()) as registry:
        pass
    outcome = await try_login(registry, trust=tmp_path)
    assert not outcome.valid
    assert "cannot be reached" in outcome.message


async def test_a_silent_registry_does_not_hold_up_the_caller(tmp_path: Path) -> None:
    async with serve_registry(FakeRegistry(silent=True)) as registry:
        outcome = await log_in(
            registry.address, username="", password="", certificates=tmp_path, deadline_s=0.3
        )
    assert not outcome.valid
    assert "did not answer" in outcome.message
