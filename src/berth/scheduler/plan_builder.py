"""A plan while it is made: what the rules for slots and services add to."""

from berth.domain.fleet import Fleet
from berth.domain.ids import AssignmentId, HostId, ServiceKey
from berth.domain.plan import (
    Ending,
    Exclusion,
    Placement,
    Plan,
    Reason,
    Renewal,
    SlotExclusion,
    Stuck,
    Unplaced,
)
from berth.domain.records import Assignment, Deployment, Host
from berth.domain.slots import is_gone
from berth.domain.volume_homes import find_home, name_tie
from berth.scheduler.placer import Placer
from berth.scheduler.slots import SlotView
from berth.scheduler.together import Together

#: At most this many placements in a plan; the next pass goes on.
MAX_PLACEMENTS = 500


class PlanBuilder:
    """Collects the changes of one plan; thrown away afterwards."""

    def __init__(
        self, fleet: Fleet, deployment: Deployment, *, together: Together, now: float
    ) -> None:
        self.fleet = fleet
        self.deployment = deployment
        self.now = now
        self.placements: list[Placement] = []
        self.endings: dict[AssignmentId, Ending] = {}
        self.forget: list[AssignmentId] = []
        self.exclusions: list[SlotExclusion] = []
        self.unplaced: list[Unplaced] = []
        self.held: list[Unplaced] = []
        self.renewals: list[Renewal] = []
        self.begun: list[ServiceKey] = []
        self.stuck: list[Stuck] = []
        self.looping: list[Stuck] = []
        self.failed: Stuck | None = None
        self.ended_badly: list[Stuck] = []
        self.unproven: set[ServiceKey] = set()
        #: False once a slot is outdated, on its way, or watched.
        self.settled = True
        self._placer = Placer(fleet, deployment, together=together, now=now)
        self._again_at: float | None = None
        self._more = False

    def finish(self) -> Plan:
        """Return the plan."""
        return Plan(
            placements=tuple(self.placements),
            endings=tuple(self.endings.values()),
            forget=tuple(self.forget),
            exclusions=tuple(self.exclusions),
            unplaced=tuple(self.unplaced),
            held=tuple(self.held),
            renewals=tuple(self.renewals),
            begun=tuple(self.begun),
            stuck=tuple(self.stuck),
            looping=tuple(self.looping),
            failed=self.failed,
            ended_badly=tuple(self.ended_badly),
            settled=self.settled and not self._more,
            unproven=frozenset(self.unproven),
            again_at=self._again_at,
            more=self._more,
        )

    def plan_again_in(self, wait_s: float) -> None:
        """Ask for another plan after a time, unless one is asked for earlier."""
        at = self.now + wait_s
        self._again_at = at if self._again_at is None else min(self._again_at, at)

    def end_all(self, assignments: list[Assignment], reason: str) -> None:
        """End assignments, and forget those of which nothing is left."""
        for assignment in assignments:
            if is_gone(self.fleet, assignment):
                self.forget.append(assignment.id)
            elif assignment.wanted:
                self.endings[assignment.id] = Ending(assignment.id, reason)

    def place(self, view: SlotView, *, avoid: Exclusion | None = None) -> bool:
        """Place a slot and return whether that worked; if not, note why, unless it has a host."""
        answer = self.try_to_place(view, avoid=avoid)
        if isinstance(answer, Unplaced) and avoid is None:
            self.unplaced.append(answer)
        return isinstance(answer, Placement)

    def try_to_place(
        self, view: SlotView, *, avoid: Exclusion | None = None
    ) -> Placement | Unplaced | None:
        """Place a slot, or return the reasons against it; none when this plan holds no more."""
        if len(self.placements) >= MAX_PLACEMENTS:
            self._more = True
            return None
        home = self.find_home(view)
        pinned = view.wanted.host_id if view.wanted else None
        answer = self._placer.place(
            view.service,
            view.slot,
            pinned=home.id if home is not None else pinned,
            prefer=view.last_host,
            avoid=avoid,
        )
        if isinstance(answer, Placement):
            self.placements.append(answer)
        elif home is not None:
            return _at_home(view, home, refused=answer)
        return answer

    def find_home(self, view: SlotView) -> Host | None:
        """Return the host that the slot is tied to by its volume, or none."""
        return find_home(self.fleet, self.deployment, service=view.service, slot=view.slot)

    def must_wait(self, view: SlotView) -> bool:
        """Return whether no host could take the slot, and note why."""
        reason = self._placer.find_missing_key(view.service)
        if reason is not None:
            self.unplaced.append(_because(view, reason))
        return reason is not None

    def wait(self, view: SlotView, code: str, *, message: str, host_id: HostId) -> None:
        """Leave a slot empty, with the one reason that counts."""
        self.unplaced.append(_because(view, Reason(host_id, code, message)))

    def hold(self, view: SlotView, code: str, *, message: str, host_id: HostId) -> None:
        """Leave a filled slot where it is although it should go, with the reason."""
        self.held.append(_because(view, Reason(host_id, code, message)))


def _because(view: SlotView, reason: Reason) -> Unplaced:
    return Unplaced(service=view.service.key, slot=view.slot, reasons=(reason,))


def _at_home(view: SlotView, home: Host, *, refused: Unplaced) -> Unplaced:
    """Return that a slot waits for the host that holds its volume, and for what there."""
    why = next((each.message for each in refused.reasons if each.host_id == home.id), "")
    if not why:
        return refused
    message = f"{name_tie(view.service)} is on host {home.name}: {why}"
    return _because(view, Reason(home.id, "volume_home", message))
