"""What engines say becomes the right error, with words to act on and without passwords."""

import aiohttp
import pytest

from berth.agent.engine.docker.errors import from_exception, from_refusal, redact
from berth.domain.errors import (
    EngineConflict,
    EngineError,
    EngineNotFound,
    EngineRefused,
    EngineTimeout,
    EngineUnreachable,
    NameTaken,
    PortTaken,
)

_SAID: list[tuple[int, str, type[EngineError]]] = [
    (500, "driver failed programming: Bind for 0.0.0.0:80 failed: port is already allocated", PortTaken),
    (500, "Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use",
     PortTaken),
    (500, "failed to bind host port for 0.0.0.0:80:172.17.0.2:80/tcp", PortTaken),
    (500, "rootlessport listen tcp 0.0.0.0:8080: bind: address already in use", PortTaken),
    (409, 'Conflict. The container name "/web" is already in use by container "a1".', NameTaken),
    (500, 'creating container storage: the container name "web" is already in use by a1',
     NameTaken),
    (404, "No such image: app:1", EngineNotFound),
    (404, "No such container: a1", EngineNotFound),
    (404, 'no container with name or ID "a1" found: no such container', EngineNotFound),
    (404, "network blue not found", EngineRefused),
    (409, "removal of container a1 is already in progress", EngineConflict),
    (409, "You cannot remove a running container a1.", EngineConflict),
    (500, "Container a1 is not paused", EngineConflict),
    (500, "a1 is not running: container state improper", EngineConflict),
    (400, "invalid mount config for type bind: source path does not exist", EngineRefused),
    (400, 'OCI runtime create failed: exec: "xyz": executable file not found', EngineRefused),
    (500, 'OCI runtime create failed: exec: "xyz": executable file not found in $PATH',
     EngineRefused),
    (500, "could not select device driver with capabilities: [[gpu]]", EngineRefused),
    (501, "configured logging driver does not support reading", EngineRefused),
    (500, "OCI runtime create failed: mkdir: no space left on device", EngineError),
    (500, "something else", EngineError),
    (503, "", EngineError),
]  # fmt: skip


@pytest.mark.parametrize(("status", "said", "error"), _SAID)
def test_a_refusal_becomes_its_error(status: int, said: str, error: type[EngineError]) -> None:
    assert type(from_refusal(status, said, what="start container a1")) is error


@pytest.mark.parametrize(
    ("said", "start"),
    [
        ((f"driver failed on endpoint web ({'0' * 64}): Bind for 0.0.0.0:80 failed: port is already "
         "allocated"), "host port 80 is in use: cannot start container a1: "),
        ("Error starting userland proxy: listen tcp6 [::]:8443: bind: address already in use",
         "host port 8443 is in use: "),
        ("failed to bind host port for 10.0.0.5:81:172.17.0.2:80/tcp", "host port 81 is in use: "),
        ("bind: address already in use", "a host port is in use: cannot start container a1: "),
    ],
)  # fmt: skip
def test_a_taken_port_is_named_first_where_nothing_cuts_it_off(said: str, start: str) -> None:
    assert str(from_refusal(500, said, what="start container a1")).startswith(start)


def test_a_full_disk_is_no_fault_of_the_settings() -> None:
    error = from_refusal(500, "runtime create failed: no space left on device", what="start")
    assert not isinstance(error, EngineRefused)


def test_a_refusal_says_what_failed_and_why() -> None:
    error = from_refusal(500, " boom \n", what="start container a1")
    assert str(error) == "cannot start container a1: the engine says: boom"
    assert "status 500" in str(from_refusal(500, "", what="start container a1"))
    assert len(str(from_refusal(500, "x" * 10_000, what="start container a1"))) < 1_100


def test_passwords_do_not_show() -> None:
    assert redact("login s3cret failed at https://me:s3cret@r.org/v2/", "s3cret") == (
        "login *** failed at https://***@r.org/v2/"
    )
    assert redact("tcp://me:word@10.0.0.5:2375") == "tcp://***@10.0.0.5:2375"
    assert "s3cret" not in str(from_refusal(500, "bad login s3cret", what="pull", secret="s3cret"))


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (TimeoutError(), EngineTimeout),
        (aiohttp.ServerTimeoutError(), EngineTimeout),
        (ConnectionRefusedError("refused"), EngineUnreachable),
        (aiohttp.ServerDisconnectedError(), EngineUnreachable),
        (aiohttp.ClientPayloadError("cut"), EngineUnreachable),
        (ValueError("not JSON"), EngineError),
        (aiohttp.ClientError("odd"), EngineError),
    ],
)
def test_an_exception_becomes_its_error(raised: Exception, error: type[EngineError]) -> None:
    made = from_exception(raised, "list the containers", address="unix:///e.sock", deadline_s=30.0)
    assert type(made) is error
    assert str(made).startswith("cannot list the containers: ")
    assert "unix:///e.sock" in str(made)


def test_a_timeout_says_how_long_it_was() -> None:
    made = from_exception(TimeoutError(), "start", address="/e.sock", deadline_s=60.0)
    assert "within 60 s" in str(made)
