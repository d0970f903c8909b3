"""What all measurements share: the hosts, the peers on them and what disturbed them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench.peers import Berth, Floor, Peer
from bench.swarm import Swarm
from bench.waiting import wait_quiet
from berthbed import BerthBed
from testbed import Bed

HOSTS = 3
_IMAGE = "busybox:1"
#: Cores of other programs beyond which a part counts as disturbed.
_DISTURBED = 0.3


@dataclass
class Site:
    """Three hosts that have the image, and the peers."""

    bed: Bed
    image: str
    floor: Floor
    berth: Berth
    swarm: Swarm
    rounds: int
    #: Seconds for which a part may wait until other programs are idle.
    patience: float
    #: Cores that other programs used before each part, or after it where that was more.
    foreign_cores: list[float]

    @classmethod
    @contextmanager
    def up(
        cls, rounds: int, *, patience: float = 0, foreign_cores: list[float] | None = None
    ) -> Iterator[Site]:
        """Make the bed; everything is gone at the end. What disturbs is added to the list."""
        noted = [] if foreign_cores is None else foreign_cores
        with Bed.up(hosts=HOSTS) as bed:
            image = bed.image(_IMAGE)
            for host in bed.hosts:
                host.docker("pull", "--quiet", image)
            swarm = Swarm(bed, image)
            with swarm.running():
                pass  # the bridge that it leaves on each host is there from the first round on
            with BerthBed(bed) as instance:
                floor, berth = Floor(bed, image), Berth(instance, image)
                yield cls(bed, image, floor, berth, swarm, rounds, patience, noted)

    def settle(self) -> None:
        """Wait until nothing is under way on the bed."""
        self.foreign_cores.append(wait_quiet(self.bed, patience=self.patience))

    def time_start(self, peer: Peer, replicas: int) -> float:
        """Let a peer start replicas and remove them; return the seconds until all ran.

        With patience, what other programs disturbed is measured again, twice at most. Whether
        it was is seen before and after it, never from the time it took.
        """
        for may_repeat in (True, True, False):
            self.settle()
            seconds = peer.start(replicas)
            disturbed = max(self.foreign_cores.pop(), wait_quiet(self.bed))
            peer.remove()
            if disturbed <= _DISTURBED or not may_repeat or not self.patience:
                break
        self.foreign_cores.append(disturbed)
        return seconds


def in_turn(peers: Sequence[Peer], number: int) -> list[Peer]:
    """Return the peers of a round: forwards, then backwards, and so on."""
    return list(peers) if number % 2 == 0 else list(reversed(peers))
