"""Finds a host for each slot of a service; the cost grows with placements."""

import heapq

from berth.domain.fleet import Fleet
from berth.domain.ids import HostId
from berth.domain.plan import Exclusion, Placement, Reason, Unplaced
from berth.domain.records import Deployment
from berth.domain.spec import ServiceSpec
from berth.domain.volume_homes import find_home
from berth.scheduler.filters import EXTERNAL_VOLUME, Question, find_refusal
from berth.scheduler.host_room import HostRoom, Rooms
from berth.scheduler.ranking import Rank, rank
from berth.scheduler.together import SHARED_VOLUME, Bond, Together


class Placer:
    """Places slots of one deployment, one after the other, against shrinking room."""

    def __init__(
        self, fleet: Fleet, deployment: Deployment, *, together: Together, now: float
    ) -> None:
        self._fleet = fleet
        self._deployment = deployment
        self._now = now
        self._together = together
        self._rooms: Rooms | None = None
        self._heaps: dict[str, list[tuple[Rank, HostRoom]]] = {}

    @property
    def rooms(self) -> Rooms:
        """The pool's hosts; built at the first need."""
        if self._rooms is None:
            self._rooms = Rooms(self._fleet, self._deployment)
        return self._rooms

    def place(
        self,
        service: ServiceSpec,
        slot: int,
        *,
        pinned: HostId | None = None,
        prefer: HostId | None = None,
        avoid: Exclusion | None = None,
    ) -> Placement | Unplaced:
        """Return the best host that is not refused, or the reasons of all.

        ``prefer`` is tried first; ``avoid`` is left out besides the slot's recorded exclusions.
        """
        missing = self.find_missing_key(service)
        if missing is not None:
            return Unplaced(service=service.key, slot=slot, reasons=(missing,))
        exclusions = self._exclusions(service, slot)
        if avoid is not None:
            exclusions[avoid.host_id] = avoid
        question = Question(service, pinned, exclusions, self._bonds(service, slot))
        room = self._preferred(question, pinned or prefer)
        ranked = None if room is not None else self._best(question)
        room = room or ranked
        if room is None:
            return Unplaced(service=service.key, slot=slot, reasons=self._explain(question))
        room.hold(self._deployment.id, service.key, spec=service.container)
        room.placed += 1
        room.services.add(service.key)
        if ranked is not None:
            true = self._rank(service, ranked)
            heapq.heappush(self._heap(service), (true, ranked))
        return Placement(
            service=service.key,
            slot=slot,
            host_id=room.host.id,
            spec_hash=self._deployment.hash_of(service),
        )

    def find_missing_key(self, service: ServiceSpec) -> Reason | None:
        """Return which missing key a template of the service reads: no host could help."""
        for key in service.uses.needs_keys:
            if key not in self._fleet.keys:
                return Reason(HostId(""), "missing_key", f"the key {key!r} does not exist")
        return None

    def _bonds(self, service: ServiceSpec, slot: int) -> tuple[Bond, ...]:
        """Return what must be beside a slot; where it has its volume already, that stays with it."""
        bonds = self._together.bonds_of(service)
        if not any(bond.code == SHARED_VOLUME for bond in bonds):
            return bonds
        home = find_home(self._fleet, self._deployment, service=service, slot=slot)
        if home is None or not service.container.has_home:
            return bonds
        return tuple(bond for bond in bonds if bond.code != SHARED_VOLUME)

    def _rank(self, service: ServiceSpec, room: HostRoom) -> Rank:
        group = self._together.group_of(service)
        return rank(self._deployment, service, room=room, group=group)

    def _exclusions(self, service: ServiceSpec, slot: int) -> dict[HostId, Exclusion]:
        recorded = self._fleet.planned.exclusions.get((self._deployment.id, service.key, slot), ())
        return {e.host_id: e for e in recorded if e.until > self._now}

    def _preferred(self, question: Question, host_id: HostId | None) -> HostRoom | None:
        room = self.rooms.get(host_id) if host_id is not None else None
        return room if room is not None and find_refusal(question, room) is None else None

    def _best(self, question: Question) -> HostRoom | None:
        """Take hosts in order of rank until one is not refused.

        Ranks in the heap may be out of date, but only too good (room shrinks): a host whose rank
        got worse is put back with the true one.
        """
        if question.pinned is not None:
            return None
        service = question.service
        heap = self._heap(service)
        refused: list[tuple[Rank, HostRoom]] = []
        found: HostRoom | None = None
        while heap:
            seen, room = heapq.heappop(heap)
            true = self._rank(service, room)
            if true != seen:
                heapq.heappush(heap, (true, room))
            elif find_refusal(question, room) is None:
                found = room
                break
            else:
                refused.append((seen, room))
        for entry in refused:
            # Only hosts refused for this slot alone go back: room shrinks, the others stay refused.
            if entry[1].host.id in question.exclusions:
                heapq.heappush(heap, entry)
        return found

    def _heap(self, service: ServiceSpec) -> list[tuple[Rank, HostRoom]]:
        heap = self._heaps.get(service.key)
        if heap is None:
            question = Question(service, bonds=self._together.bonds_of(service))
            heap = [
                (self._rank(service, room), room)
                for room in self.rooms
                if find_refusal(question, room) is None
            ]
            heapq.heapify(heap)
            self._heaps[service.key] = heap
        return heap

    def _explain(self, question: Question) -> tuple[Reason, ...]:
        reasons = [find_refusal(question, room) for room in self.rooms]
        refusals = tuple(reason for reason in reasons if reason is not None)
        if refusals:
            return _sum_up(refusals)
        nobody = f"the pool {self._deployment.pool_id!r} has no hosts"
        return (Reason(HostId(""), "no_hosts", nobody),)


def _sum_up(refusals: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Say in one sentence that no host has an external volume."""
    first = refusals[0]
    everywhere = all((each.code, each.message) == (first.code, first.message) for each in refusals)
    lacking = "does not exist on the host"
    if not everywhere or first.code != EXTERNAL_VOLUME or not first.message.endswith(lacking):
        return refusals
    hosts = "the host" if len(refusals) == 1 else f"none of {len(refusals)} hosts"
    verb = "does not exist on" if len(refusals) == 1 else "exists on"
    message = f"{first.message.removesuffix(lacking)}{verb} {hosts}"
    return (Reason(HostId(""), first.code, message),)
