"""The test-bed keeps what it promises to the tests that use it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed import Bed, BedError, Host, Image, wait_until, why_unavailable
from testbed.teardown import find_leftovers

pytestmark = pytest.mark.e2e

_DEADLINE = 10.0


@pytest.fixture(scope="module", autouse=True)
def _available() -> None:
    reason = why_unavailable()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def bed(_available: None) -> Iterator[Bed]:
    """A bed of two hosts with a web server each on port 8080."""
    with Bed.up(hosts=2) as made:
        for host in made.hosts:
            host.docker("run", "-d", "--name", "web", "-p", "8080:80", made.image("web:1"))
        yield made


@pytest.fixture
def own_bed(_available: None) -> Iterator[Bed]:
    """A bed of one host that a test may ruin."""
    with Bed.up(hosts=1) as made:
        yield made


def test_a_published_port_answers_from_the_root_namespace(bed: Bed) -> None:
    for host in bed.hosts:
        assert wait_for_answer(f"http://{host.ip}:8080/") == "1"


def test_a_published_port_answers_from_hosts_and_their_containers(bed: Bed) -> None:
    first, second = bed.hosts
    for ip in (first.ip, second.ip, "127.0.0.1"):
        assert first.call("busybox", "wget", "-q", "-O-", f"http://{ip}:8080/") == "1"
    for ip in (first.ip, second.ip):
        assert first.docker("exec", "web", "fetch", f"http://{ip}:8080/") == "1"


def test_a_container_reaches_the_gateway(bed: Bed) -> None:
    url = f"http://{bed.registry.address}/v2/"
    assert bed.hosts[0].docker("exec", "web", "fetch", url) == "{}"


def test_each_host_has_its_own_name_and_engine(bed: Bed) -> None:
    facts = [json.loads(host.docker("info", "--format", "{{json .}}")) for host in bed.hosts]
    assert [fact["Name"] for fact in facts] == ["h1", "h2"]
    assert facts[0]["ID"] != facts[1]["ID"]
    assert bed.hosts[0].call("hostname").strip() == "h1"


def test_a_cut_host_is_silent_until_it_is_healed(bed: Bed) -> None:
    first, second = bed.hosts
    second.cut()
    assert fetch(f"http://{second.ip}:8080/") is None
    assert fetch(f"http://{first.ip}:8080/") == "1"
    second.heal()
    assert wait_for_answer(f"http://{second.ip}:8080/") == "1"


def test_a_hung_engine_is_silent_while_its_containers_answer(bed: Bed) -> None:
    host = bed.hosts[0]
    host.hang()
    assert not host.engine_answers()
    assert fetch(f"http://{host.ip}:8080/") == "1"
    host.unhang()
    assert host.docker("ps", "--quiet") != ""


def test_a_crashed_host_comes_back_with_its_containers_ended(own_bed: Bed) -> None:
    host = own_bed.hosts[0]
    host.docker("run", "-d", "--name", "web", "-p", "8080:80", own_bed.image("web:1"))
    host.crash()
    assert host.engine_pid is None
    assert fetch(f"http://{host.ip}:8080/") is None
    host.restart_engine()
    assert host.docker("ps", "-a", "--format", "{{.Names}} {{.State}}") == "web exited"
    host.docker("start", "web")
    assert wait_for_answer(f"http://{host.ip}:8080/") == "1"


def test_containers_outlive_a_killed_engine(own_bed: Bed) -> None:
    host = own_bed.hosts[0]
    host.docker("run", "-d", "--name", "web", "-p", "8080:80", own_bed.image("web:1"))
    host.kill_engine()
    assert wait_for_answer(f"http://{host.ip}:8080/") == "1"
    host.restart_engine()
    assert host.engine_answers()


def test_a_program_runs_on_its_host_under_its_own_pid(own_bed: Bed) -> None:
    host = own_bed.hosts[0]
    agent = host.run(["sleep", "600"])
    wait_until(lambda: runs_sleep(agent.pid), _DEADLINE, what="the program to start")
    own = Path(f"/proc/{agent.pid}/ns/net").stat().st_ino
    assert own == Path(f"/run/netns/{host.namespace}").stat().st_ino
    host.crash(with_agent=True)
    assert agent.wait(timeout=_DEADLINE) == -signal.SIGKILL


@pytest.mark.slow
def test_a_host_that_is_added_later_joins_the_others(own_bed: Bed) -> None:
    added = own_bed.add_host()
    added.docker("run", "-d", "-p", "8080:80", own_bed.image("web:2"))
    url = f"http://{added.ip}:8080/"
    assert wait_for_answer(url) == "2"
    assert own_bed.hosts[0].call("busybox", "wget", "-q", "-O-", url) == "2"


def test_a_locked_registry_wants_its_password(own_bed: Bed) -> None:
    host = own_bed.hosts[0]
    locked = own_bed.start_registry(auth=("ann", "secret"))
    with pytest.raises(BedError, match="no basic auth credentials"):
        host.docker("pull", locked.image("web:1"))
    host.docker("login", "-u", "ann", "-p", "secret", locked.address)
    host.docker("pull", locked.image("web:1"))
    assert locked.address != own_bed.registry.address


def test_an_image_of_ones_own_can_be_pushed(own_bed: Bed) -> None:
    image = Image(cmd=("cat", "/note"), files={"/note": b"hello"}, ballast=1_000_000)
    name = own_bed.registry.push_image("shop/api", "3", image=image)
    assert own_bed.hosts[0].docker("run", "--rm", name) == "hello"


@pytest.mark.slow
def test_standard_images_end_as_their_names_say(own_bed: Bed) -> None:
    host = own_bed.hosts[0]
    with pytest.raises(BedError, match="exit code 1"):
        host.docker("run", own_bed.image("exits:1"))
    codes = {}
    for name in ("busybox", "web", "stubborn"):
        host.docker("run", "-d", "--name", f"a-{name}", own_bed.image(f"{name}:1"))
        host.docker("stop", "--time", "2", f"a-{name}")
        codes[name] = host.docker("inspect", "-f", "{{.State.ExitCode}}", f"a-{name}")
    assert codes == {"busybox": "0", "web": "0", "stubborn": "137"}


def test_two_beds_at_once_do_not_meet(bed: Bed, own_bed: Bed) -> None:
    assert bed.subnet != own_bed.subnet
    url = f"http://{bed.hosts[0].ip}:8080/"
    with pytest.raises(BedError):
        own_bed.hosts[0].call("busybox", "timeout", "1", "busybox", "wget", "-q", "-O-", url)


def test_down_leaves_nothing_even_of_paused_and_hung_things() -> None:
    with Bed.up(hosts=2) as bed:
        occupy(bed.hosts[0], bed)
        bed.hosts[1].hang()
        assert find_leftovers(bed.id) != []
    assert find_leftovers(bed.id) == []


@pytest.mark.slow
def test_a_bed_of_a_killed_program_is_removed_by_the_next() -> None:
    abandoned = make_in_a_program_and_kill_it()
    assert any(found.startswith("process") for found in find_leftovers(abandoned))
    with Bed.up(hosts=0):
        assert find_leftovers(abandoned) == []


def occupy(host: Host, bed: Bed) -> None:
    """Leave all kinds of things on a host that a removal may stumble over."""
    host.docker("run", "-d", "--name", "paused", "-v", "/data", bed.image("stubborn:1"))
    host.docker("pause", "paused")
    host.docker("network", "create", "own")
    host.docker("run", "-d", "--network", "own", "-p", "80:80", bed.image("web:1"))
    host.docker("run", "-d", "--cgroup-parent", "/", bed.image("busybox:1"))


def fetch(url: str) -> str | None:
    """Return what a URL answers; none when it does not within a second."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return str(answer.read().decode())
    except OSError:
        return None


def wait_for_answer(url: str) -> str | None:
    """Return the first answer of a URL."""
    wait_until(lambda: fetch(url) is not None, _DEADLINE, what=f"an answer of {url}")
    return fetch(url)


def runs_sleep(pid: int) -> bool:
    """Return whether a process became the `sleep` it was asked to be."""
    return Path(f"/proc/{pid}/comm").read_text().strip() == "sleep"


def make_in_a_program_and_kill_it() -> str:
    """Return the id of a bed that a program made before it was killed."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    argv = [sys.executable, __file__]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environment) as maker:
        assert maker.stdout is not None
        abandoned = maker.stdout.readline().strip()
        maker.kill()
    assert abandoned != ""
    return abandoned


def make_and_wait() -> None:
    """Be a program that makes a bed, says its id and never removes it."""
    bed = Bed.up(hosts=1)
    occupy(bed.hosts[0], bed)
    print(bed.id, flush=True)
    signal.pause()


if __name__ == "__main__":
    make_and_wait()
