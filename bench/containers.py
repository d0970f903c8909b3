"""Containers straight through the engines: made, listed, killed and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from queue import Empty, SimpleQueue

import msgspec

from bench.engine_api import EngineApi, EngineError
from testbed import Host, wait_until

#: As many as a Berth agent has under way on its engine.
CONCURRENCY = 4


class Created(msgspec.Struct):
    """What the engine says of a container that it made."""

    Id: str


class Listed(msgspec.Struct):
    """One container of the engine's list."""

    Id: str
    State: str


def start_containers(hosts: Sequence[Host], image: str, *, count: int) -> None:
    """Make and start containers, spread evenly, and return when the last one runs."""
    shares: dict[str, int] = {host.name: 0 for host in hosts}
    for host, _ in zip(cycle(hosts), range(count), strict=False):
        shares[host.name] += 1
    _on_all(hosts, lambda host: [image] * shares[host.name], act=_start)


def start_container(engine: EngineApi, image: str) -> str:
    """Make and start one container and return its id."""
    created = engine.call("POST", "/containers/create", answer=Created, body={"Image": image})
    engine.call("POST", f"/containers/{created.Id}/start")
    return created.Id


def list_containers(host: Host, *, running: bool = False) -> list[Listed]:
    """Return all containers of a host, or those that run."""
    engine = EngineApi(host)
    try:
        path = f"/containers/json?all={int(not running)}"
        return engine.call("GET", path, answer=list[Listed])
    finally:
        engine.close()


def kill_container(host: Host, container_id: str) -> None:
    """Kill a container as its engine's users do."""
    engine = EngineApi(host)
    try:
        engine.call("POST", f"/containers/{container_id}/kill")
    finally:
        engine.close()


def remove_containers(hosts: Sequence[Host], timeout: float = 60) -> None:
    """Remove all containers of the hosts and wait until they are gone."""
    _on_all(hosts, lambda host: [listed.Id for listed in list_containers(host)], act=_remove)
    wait_empty(hosts, timeout)


def wait_empty(hosts: Sequence[Host], timeout: float = 60, *, running: bool = False) -> None:
    """Wait until no container is left, or until none runs."""
    wait_until(
        lambda: not any(list_containers(host, running=running) for host in hosts),
        timeout,
        what="the containers to be gone",
    )


def _start(engine: EngineApi, image: str) -> None:
    start_container(engine, image)


def _remove(engine: EngineApi, container_id: str) -> None:
    try:
        engine.call("DELETE", f"/containers/{container_id}?force=1")
    except EngineError as error:
        if ": 404 " not in str(error):
            raise


def _on_all(
    hosts: Sequence[Host],
    items: Callable[[Host], Iterable[str]],
    *,
    act: Callable[[EngineApi, str], None],
) -> None:
    """Act on each host's items, on all hosts side by side; raises the first failure."""
    with ThreadPoolExecutor(max_workers=CONCURRENCY * len(hosts)) as pool:
        work = []
        for host in hosts:
            waiting: SimpleQueue[str] = SimpleQueue()
            for item in items(host):
                waiting.put(item)
            work += [pool.submit(_work_off, host, waiting, act=act) for _ in range(CONCURRENCY)]
    for done in work:
        done.result()


def _work_off(
    host: Host, waiting: SimpleQueue[str], *, act: Callable[[EngineApi, str], None]
) -> None:
    engine = EngineApi(host)
    try:
        while True:
            act(engine, waiting.get_nowait())
    except Empty:
        return
    finally:
        engine.close()
