"""The programs: options, exit codes, what they write, how they start and how they end."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from berthbed import Api, BerthBed
from berthbed.berthbed import BERTH
from e2e.looking import SOON, on_engine, on_engines
from e2e.texts import service, text
from testbed import Bed, wait_until
from testbed.command import program_environment


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run berth to its end, which must come within 20 s."""
    return subprocess.run(
        [*BERTH, *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        env={**program_environment(), **environment},
        check=False,
    )


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """Programs to end after the test."""
    programs: list[subprocess.Popen[str]] = []
    yield programs
    for program in programs:
        program.kill()
        program.communicate()


def start(
    programs: list[subprocess.Popen[str]], *arguments: str, **environment: str
) -> subprocess.Popen[str]:
    """Start berth; what it says can be read from its `stderr`."""
    program = subprocess.Popen(
        [*BERTH, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env={**program_environment(), **environment},
    )
    programs.append(program)
    return program


@pytest.fixture
def clients() -> Iterator[list[Api]]:
    """Clients to close after the test."""
    made: list[Api] = []
    yield made
    for api in made:
        api.close()


def start_manager(
    programs: list[subprocess.Popen[str]], data: Path, *, clients: list[Api], **environment: str
) -> Api:
    """Start a manager with plain HTTP on a free port; return a client of it when it serves."""
    address = f"127.0.0.1:{free_port()}"
    arguments = ("manager", "--data", str(data), "--listen", address, "--plain-http")
    program = start(programs, *arguments, **environment)
    clients.append(Api(f"http://{address}"))
    wait_until(
        lambda: program.poll() is not None or clients[-1].answers(), SOON, what="it to serve"
    )
    assert program.poll() is None, program.communicate()[1]
    return clients[-1]


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that a program said; there is no traceback and nothing else."""
    lines = [line for line in done.stderr.splitlines() if " INFO " not in line]
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_the_password_of_admin_comes_from_the_environment(
    started: list[subprocess.Popen[str]], clients: list[Api], tmp_path: Path
) -> None:
    api = start_manager(
        started, tmp_path / "m", clients=clients, BERTH_ADMIN_PASSWORD="given by me"
    )
    api.log_in("admin", "given by me")
    assert not (tmp_path / "m" / "admin-password").exists()


def test_without_one_a_password_is_written_for_its_owner_alone(
    started: list[subprocess.Popen[str]], clients: list[Api], tmp_path: Path
) -> None:
    api = start_manager(started, tmp_path / "m", clients=clients, BERTH_ADMIN_PASSWORD="")
    file = tmp_path / "m" / "admin-password"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    api.log_in("admin", file.read_text().strip())


def test_health_needs_no_token_and_metrics_do(
    started: list[subprocess.Popen[str]], clients: list[Api], tmp_path: Path
) -> None:
    api = start_manager(
        started, tmp_path / "m", clients=clients, BERTH_ADMIN_PASSWORD="given by me"
    )
    assert [api.ask("GET", path).status for path in ("/healthz", "/readyz")] == [200, 200]
    assert api.ask("GET", "/metrics").status == 401
    api.log_in("admin", "given by me")
    metrics = api.ask("GET", "/metrics")
    assert metrics.status == 200
    assert "berth_" in metrics.text


def test_a_fresh_instance_ships_with_its_library(berth: BerthBed) -> None:
    services = berth.api.get("/api/v2/services/")["services"]
    stacks = berth.api.get("/api/v2/stacks/")["stacks"]
    assert {"helloworld", "cadvisor", "mongodb"} <= {each["service_id"] for each in services}
    assert "Redis-Cluster" in {each["service_id"] for each in stacks}


def test_the_join_token_is_the_same_until_it_is_rotated(berth: BerthBed) -> None:
    first = berth.join_token()
    assert berth.join_token() == first
    rotated = berth.api.post("/api/v2/hosts/join_token/rotate")["join_token"]
    assert berth.join_token() == rotated != first
    berth.manager.terminate()
    assert berth.join_token() == rotated


def test_sigterm_ends_manager_and_agents_within_ten_seconds_and_no_container(
    berth: BerthBed,
) -> None:
    berth.deploy("stays", replicas=3)
    berth.wait_running("stays")
    before = on_engines(berth, "stays")
    for program in (berth.manager, *berth.agents):
        begun = time.monotonic()
        assert program.terminate() == 0
        assert time.monotonic() - begun < 10
        assert "ERROR" not in program.log_tail(3)
    assert on_engines(berth, "stays") == before


def test_an_agent_ends_on_request_also_while_manager_and_engine_are_away(berth: BerthBed) -> None:
    berth.manager.terminate()
    berth.bed.hosts[0].hang()
    assert berth.agents[0].terminate(timeout=10) == 0


def test_up_runs_manager_and_agent_for_one_machine(
    own_bed: Bed, started: list[subprocess.Popen[str]], clients: list[Api], tmp_path: Path
) -> None:
    host = own_bed.hosts[0]
    listen = f"127.0.0.1:{free_port()}"
    options = ["--data", str(tmp_path / "up"), "--listen", listen, "--plain-http"]
    program = start(
        started, "up", *options, "--engine", host.socket, BERTH_ADMIN_PASSWORD="given by me"
    )
    clients.append(api := Api(f"http://{listen}"))
    wait_until(api.answers, SOON, what="up to serve")
    api.log_in("admin", "given by me")
    body = {"deployment_id": "one", "stack": {"content": text(service(own_bed.image("web:1")))}}
    api.post("/api/v2/deployments/", body)
    wait_until(lambda: on_engine(host, "one"), SOON, what="a container")
    program.terminate()
    assert program.wait(10) == 0
    assert list(on_engine(host, "one")) == ["0.app.one"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("manager",),
        ("manager", "--data", "/tmp", "--listen", "nowhere"),
        ("agent", "--data", "/tmp"),
        ("agent", "--nonsense"),
    ],
)
def test_a_wrong_option_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "error:" in done.stderr.splitlines()[-1]


def test_an_unknown_word_is_named_with_a_way_to_find_the_right_one() -> None:
    done = run("nonsense")
    assert done.returncode == 2
    first, *rest = done.stderr.splitlines()
    assert "'nonsense'" in first
    assert "berth --help" in rest[-1]


@pytest.mark.parametrize("program", ["manager", "agent", "join-token"])
def test_a_data_directory_that_cannot_be_is_one_sentence(program: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    more = ["--manager", "http://127.0.0.1:1", "--join", "berth-join-1.x.-"]
    done = run(program, "--data", str(file / "below"), *(more if program == "agent" else []))
    assert done.returncode == 3
    assert str(file) in one_sentence(done)


def test_a_data_directory_that_cannot_be_written_is_one_sentence() -> None:
    done = run("manager", "--data", "/proc/berth")
    assert done.returncode == 3
    assert "/proc/berth" in one_sentence(done)


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run("manager", "--data", str(tmp_path / "m"), "--listen", address)
    assert done.returncode == 6
    assert address in one_sentence(done)


def test_an_address_of_another_machine_is_one_sentence(tmp_path: Path) -> None:
    done = run("manager", "--data", str(tmp_path / "m"), "--listen", "192.0.2.1:8443")
    assert done.returncode == 6
    assert "192.0.2.1:8443" in one_sentence(done)


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql://127.0.0.1:1/none"])
def test_a_database_that_does_not_answer_is_one_sentence(url: str, tmp_path: Path) -> None:
    listen = f"127.0.0.1:{free_port()}"
    done = run("manager", "--data", str(tmp_path / "m"), "--listen", listen, "--database", url)
    assert done.returncode in (2, 7)
    assert one_sentence(done)


def test_a_second_manager_on_the_same_data_is_refused_and_the_first_goes_on(
    berth: BerthBed,
) -> None:
    listen = f"127.0.0.1:{free_port()}"
    done = run("manager", "--data", str(berth.data), "--listen", listen)
    assert done.returncode == 4
    assert str(berth.data) in one_sentence(done)
    assert berth.api.answers()


def test_a_second_agent_on_the_same_data_is_refused(berth: BerthBed) -> None:
    data = berth.agent_data(berth.bed.hosts[0])
    done = run("agent", "--data", str(data), "--manager", berth.url)
    assert done.returncode == 4
    assert str(data) in one_sentence(done)


def test_an_agent_without_identity_and_token_is_told_what_it_lacks(tmp_path: Path) -> None:
    done = run("agent", "--data", str(tmp_path / "a"), "--manager", "https://127.0.0.1:1")
    assert done.returncode == 5
    assert "join token" in one_sentence(done)


def test_a_join_token_of_nobody_is_refused(berth: BerthBed, tmp_path: Path) -> None:
    kind, _, fingerprint = berth.join_token().split(".")
    wrong = f"{kind}.{'0' * 32}.{fingerprint}"
    arguments = ["--manager", berth.url, "--join", wrong]
    engine = berth.bed.hosts[0].socket
    done = run("agent", "--data", str(tmp_path / "a"), *arguments, "--engine", engine)
    assert done.returncode == 5
    assert "refused the join" in one_sentence(done)


def test_an_agent_with_the_wrong_fingerprint_refuses_to_join(
    berth: BerthBed, tmp_path: Path
) -> None:
    kind, secret, _ = berth.join_token().split(".")
    wrong = f"{kind}.{secret}.{'0' * 64}"
    arguments = ["--manager", berth.url, "--join", wrong]
    engine = berth.bed.hosts[0].socket
    done = run("agent", "--data", str(tmp_path / "a"), *arguments, "--engine", engine)
    assert done.returncode == 5
    assert "not the one that the join token is from" in one_sentence(done)


def test_an_agent_waits_for_an_engine_and_a_manager_that_are_away(
    started: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    arguments = ["--manager", "http://127.0.0.1:1", "--join", "berth-join-1.x.-"]
    engine = f"unix://{tmp_path}/none.sock"
    agent = start(started, "agent", "--data", str(tmp_path / "a"), *arguments, "--engine", engine)
    assert agent.stderr is not None
    assert "the join waits for the container engine" in agent.stderr.readline()
    agent.terminate()
    assert agent.wait(10) == 0


def test_a_data_directory_is_for_its_owner_alone(berth: BerthBed) -> None:
    agent = berth.agent_data(berth.bed.hosts[0])
    secret = [berth.data / "secret-key", *agent.glob("*")]
    shared = [path for path in secret if path.exists() and path.stat().st_mode & 0o077]
    assert [path.name for path in shared if path.is_file()] == []
    assert os.stat(berth.data).st_mode & 0o077 == 0
