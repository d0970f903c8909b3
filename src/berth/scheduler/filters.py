"""Rules by which a host cannot take a slot; the first that applies is the reason."""

from collections.abc import Callable, Mapping

import msgspec

from berth.domain.engine_api import find_missing
from berth.domain.ids import HostId
from berth.domain.plan import Exclusion, Reason
from berth.domain.spec import ServiceSpec
from berth.domain.states import Availability, Duty
from berth.scheduler.host_room import HostRoom
from berth.scheduler.together import Bond


class Question(msgspec.Struct, frozen=True):
    """What a slot asks of a host."""

    service: ServiceSpec
    #: The only host that will do, for a per-host slot.
    pinned: HostId | None = None
    exclusions: Mapping[HostId, Exclusion] = {}
    #: What must be on the host, too.
    bonds: tuple[Bond, ...] = ()


#: Code of the refusal for an external volume that the host does not have.
EXTERNAL_VOLUME = "external_volume"

#: Returns (code, message) when the host is out of the question, else none.
Filter = Callable[[Question, HostRoom], tuple[str, str] | None]


def _inactive(_: Question, room: HostRoom) -> tuple[str, str] | None:
    if not room.active:
        return "inactive", "the host is inactive"
    if not room.engine_reachable:
        return "engine_unreachable", "the host's engine does not answer"
    if room.held:
        return "held", "the host's agent waits until an operator confirms this manager"
    return None


def _duty(_: Question, room: HostRoom) -> tuple[str, str] | None:
    if room.host.duty is Duty.ACTIVE:
        return None
    return room.host.duty.value, f"the host is {room.host.duty.value} and takes no new containers"


def _elsewhere(question: Question, room: HostRoom) -> tuple[str, str] | None:
    if question.pinned is not None and room.host.id != question.pinned:
        return "pinned", "the slot belongs to another host"
    return None


def _tag(question: Question, room: HostRoom) -> tuple[str, str] | None:
    rules = question.service.placement
    tags = list(rules.required_tags)
    if rules.availability is Availability.PER_TAG:
        tags.append(rules.tag)
    missing = next((tag for tag in tags if tag not in room.host.tags), None)
    return ("tag_missing", f"the host does not have the tag {missing!r}") if missing else None


def _constraint(question: Question, room: HostRoom) -> tuple[str, str] | None:
    rules = question.service.placement
    if rules.hostname and rules.hostname not in (room.host.name, room.host.id):
        return "constraint", f"the service may only run on host {rules.hostname!r}"
    if room.host.name in rules.not_hostnames:
        return "constraint", f"the service must not run on host {room.host.name!r}"
    return None


def _engine_api(question: Question, room: HostRoom) -> tuple[str, str] | None:
    if room.engine_api is None:
        return None
    missing = find_missing(question.service.container, room.engine_api)
    return ("engine_api", missing) if missing else None


def _volumes(question: Question, room: HostRoom) -> tuple[str, str] | None:
    for key in question.service.container.volume_sources:
        if key not in room.services:
            return (
                "volumes_from",
                f"no container of service {key}, whose volumes it uses, is on the host",
            )
    return None


def _external_volumes(question: Question, room: HostRoom) -> tuple[str, str] | None:
    for name in question.service.external_volumes:
        if room.volumes is None:
            return EXTERNAL_VOLUME, (
                f"it is not known yet whether the host has the volume {name!r}; if that stays so, "
                f"its agent (Berth {room.agent_version or 'of an unknown version'}) may be too old "
                "to report volumes: install the manager's version there"
            )
        if name not in room.volumes:
            return EXTERNAL_VOLUME, f"external volume {name!r} does not exist on the host"
    return None


def _external_links(question: Question, room: HostRoom) -> tuple[str, str] | None:
    for name in question.service.container.linked_containers:
        if name not in room.running:
            return "external_links", f"no container {name!r}, which it links to, runs on the host"
    return None


def _together(question: Question, room: HostRoom) -> tuple[str, str] | None:
    for bond in question.bonds:
        if bond.service not in room.services:
            return bond.refusal
    return None


def _excluded(question: Question, room: HostRoom) -> tuple[str, str] | None:
    exclusion = question.exclusions.get(room.host.id)
    return (exclusion.code, exclusion.message) if exclusion else None


def _ports(question: Question, room: HostRoom) -> tuple[str, str] | None:
    for port in question.service.container.static_ports:
        holder = room.port_holder(port)
        if holder is not None:
            return "port_taken", f"host port {port.host}/{port.protocol} is used by {holder}"
    return None


def _name(question: Question, room: HostRoom) -> tuple[str, str] | None:
    name = question.service.container.container_name
    holder = room.name_holder(name) if name else None
    return ("name_taken", f"the container name {name!r} is used by {holder}") if holder else None


def _memory(question: Question, room: HostRoom) -> tuple[str, str] | None:
    spec = question.service.container
    if room.memory_bytes == 0:
        return None
    if spec.memory_bytes > room.memory_bytes:
        return "memory", (
            f"the memory limit of {_mb(spec.memory_bytes)} MB is more than "
            f"the host's {_mb(room.memory_bytes)} MB"
        )
    free = room.memory_bytes - room.reserved_bytes
    if spec.memory_reservation_bytes > free:
        return "memory", (
            f"{_mb(spec.memory_reservation_bytes)} MB of memory are needed, "
            f"only {_mb(max(free, 0))} MB are not reserved"
        )
    return None


def _cpus(question: Question, room: HostRoom) -> tuple[str, str] | None:
    wanted = question.service.container.cpus_reservation
    if not wanted or not room.facts_known:
        return None
    # Sums of halves and tenths are inexact: what is a hair too much still fits.
    free = room.cpus - room.reserved_cpus + 1e-6
    if wanted <= free:
        return None
    return "cpus", (
        f"{wanted:g} processors are needed, only {max(free, 0):.2g} of {room.cpus} are not reserved"
    )


def _mb(number_of_bytes: int) -> int:
    return number_of_bytes // (1024 * 1024)


#: The most telling reasons first.
FILTERS: tuple[Filter, ...] = (
    _elsewhere,
    _inactive,
    _duty,
    _tag,
    _constraint,
    _engine_api,
    _volumes,
    _external_volumes,
    _together,
    _external_links,
    _ports,
    _name,
    _memory,
    _cpus,
    _excluded,
)


def find_refusal(question: Question, room: HostRoom) -> Reason | None:
    """Return the first reason against the host, or none when it is eligible."""
    for check in FILTERS:
        refusal = check(question, room)
        if refusal is not None:
            return Reason(room.host.id, *refusal)
    return None
