"""The peers that are measured side by side, each behind the same few calls."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Protocol

from bench.containers import remove_containers, start_containers, wait_empty
from bench.waiting import seconds_until
from berthbed import BerthBed
from testbed import Bed, BedError

_TIMEOUT_S = 180.0


class Peer(Protocol):
    """Something that keeps replicas running on all hosts."""

    @property
    def name(self) -> str:
        """How the report calls it."""

    def running(self) -> AbstractContextManager[None]:
        """Let it run inside the `with`, and nothing of it outside."""

    def start(self, replicas: int) -> float:
        """Ask for replicas and return the seconds until the peer says that all run."""

    def remove(self) -> None:
        """Remove the replicas and wait until their containers are gone."""


class Floor:
    """The engines alone: each makes its share, four containers at a time."""

    name = "floor"

    def __init__(self, bed: Bed, image: str) -> None:
        self._bed = bed
        self._image = image

    @contextmanager
    def running(self) -> Iterator[None]:
        """Do nothing: the engines always run."""
        yield

    def start(self, replicas: int) -> float:
        """Make and start the containers."""
        since = time.monotonic()
        start_containers(self._bed.hosts, self._image, count=replicas)
        return time.monotonic() - since

    def remove(self) -> None:
        """Remove all containers of all hosts."""
        remove_containers(self._bed.hosts)


class Berth:
    """A manager in the root namespace and an agent on each host."""

    name = "Berth"

    def __init__(self, instance: BerthBed, image: str) -> None:
        self.instance = instance
        #: The deployment that `start` made last.
        self.deployment_id = ""
        self._image = image
        self._numbers = count(1)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start the programs, and end them; their data stays."""
        self.instance.start()
        try:
            yield
        except BedError as error:
            raise BedError(f"{error}\n{self.instance.log_tails()}") from error
        finally:
            self.instance.stop()

    def start(self, replicas: int) -> float:
        """Post a deployment of one service and ask for it until its current state is 1."""
        self.deployment_id = f"bench-{next(self._numbers)}"
        berth = self.instance
        berth.api.get("/api/version")  # the connection is open before the clock starts
        since = time.monotonic()
        berth.deploy(self.deployment_id, image=self._image, replicas=replicas)
        return seconds_until(
            lambda: berth.deployment(self.deployment_id)["current_state"] == 1,
            since=since,
            timeout=_TIMEOUT_S,
            what=f"Berth to run {replicas} replicas",
        )

    def remove(self) -> None:
        """Stop and delete the deployment."""
        self.instance.remove(self.deployment_id, _TIMEOUT_S)
        wait_empty(self.instance.bed.hosts)
