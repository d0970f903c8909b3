"""The order in which eligible hosts are tried: beside what belongs together, policy, spread."""

from collections.abc import Set

from berth.domain.ids import ServiceKey
from berth.domain.records import Deployment
from berth.domain.spec import ServiceSpec
from berth.domain.states import Policy
from berth.scheduler.host_room import HostRoom

#: Smaller is better; the host's name breaks the last tie, so equal Fleets lead to equal plans.
Rank = tuple[int, float, int, int, str, str]

_MB = 1024 * 1024
#: A container placed a moment ago shows in no metric yet; it counts as this much.
_PLACED_BYTES = 64 * _MB
_PLACED_CPU_PERCENT = 5.0


def rank(
    deployment: Deployment,
    service: ServiceSpec,
    *,
    room: HostRoom,
    group: Set[ServiceKey] = frozenset(),
) -> Rank:
    """Return a host's rank for one more slot of the service; ``group`` is what belongs together."""
    of_service = room.by_service.get((deployment.id, service.key), 0)
    policy = _POLICIES[service.placement.policy](room)
    # Its own slots are spread.
    beside = (group & room.services) - {service.key}
    return -len(beside), policy, of_service, room.assignments, room.host.name, room.host.id


def _random(_: HostRoom) -> float:
    return 0.0


def _memory(room: HostRoom) -> float:
    free = room.memory_bytes - max(room.used_bytes, room.reserved_bytes)
    # Steps of 64 MB: two hosts that are nearly equal are spread over, not filled one by one.
    return -float((free - room.placed * _PLACED_BYTES) // _PLACED_BYTES)


def _cpu(room: HostRoom) -> float:
    idle = max(0.0, 100.0 - room.cpu_percent - room.placed * _PLACED_CPU_PERCENT / room.cpus)
    return -float(round(idle * room.cpus / 5.0))


def _pack(room: HostRoom) -> float:
    return -float(room.assignments)


_POLICIES = {
    Policy.RANDOM: _random,
    Policy.MEMORY: _memory,
    Policy.CPU: _cpu,
    Policy.PACK: _pack,
}
