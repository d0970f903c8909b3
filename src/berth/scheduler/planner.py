"""Plans one deployment: fills, moves, replaces and ends until every slot is as wanted."""

from berth.domain.fleet import Fleet
from berth.domain.ids import AssignmentId, ServiceKey
from berth.domain.plan import (
    Ending,
    Exclusion,
    Placement,
    Plan,
    Reason,
    SlotExclusion,
    Stuck,
    Unplaced,
)
from berth.domain.records import Assignment, Deployment
from berth.domain.spec import ServiceSpec
from berth.domain.states import Availability
from berth.domain.wanted import is_gone, is_lost, unsettled_s, wanted_slots
from berth.scheduler.placing import Placer
from berth.scheduler.slots import SlotView, view_slot

#: A plan holds at most so many placements; the next pass goes on.
MAX_PLACEMENTS = 500


def plan_deployment(fleet: Fleet, deployment: Deployment, *, now: float) -> Plan:
    """Give what must change for the deployment to be as wanted; nothing when it is."""
    return _Planner(fleet, deployment, now=now).plan()


class _Planner:
    """Collects the changes of one plan; thrown away afterwards."""

    def __init__(self, fleet: Fleet, deployment: Deployment, *, now: float) -> None:
        self.fleet = fleet
        self.deployment = deployment
        self.now = now
        self.placer = Placer(fleet, deployment, now=now)
        self.placements: list[Placement] = []
        self.endings: dict[AssignmentId, Ending] = {}
        self.forget: list[AssignmentId] = []
        self.exclusions: list[SlotExclusion] = []
        self.unplaced: list[Unplaced] = []
        self.stuck: list[Stuck] = []
        self.unproven: set[ServiceKey] = set()
        self.again_at: float | None = None
        self.more = False

    def plan(self) -> Plan:
        by_slot: dict[ServiceKey, dict[int, list[Assignment]]] = {}
        for assignment in self.fleet.assignments_of(self.deployment.id):
            slots = by_slot.setdefault(assignment.service, {})
            slots.setdefault(assignment.slot, []).append(assignment)
        lower_phase_waits = False
        for services in _by_phase(self.deployment.services):
            waits = False
            for service in services:
                slots = by_slot.pop(service.key, {})
                waits |= self._plan_service(service, slots, may_update=not lower_phase_waits)
            lower_phase_waits |= waits
        for slots in by_slot.values():  # services that the text no longer has
            self._end_all([a for of_slot in slots.values() for a in of_slot], "service removed")
        return Plan(
            placements=tuple(self.placements),
            endings=tuple(self.endings.values()),
            forget=tuple(self.forget),
            exclusions=tuple(self.exclusions),
            unplaced=tuple(self.unplaced),
            stuck=tuple(self.stuck),
            unproven=frozenset(self.unproven),
            again_at=self.again_at,
            more=self.more,
        )

    def _plan_service(
        self, service: ServiceSpec, slots: dict[int, list[Assignment]], *, may_update: bool
    ) -> bool:
        """Plan one service and tell whether it still waits for something."""
        wanted = {w.slot: w for w in wanted_slots(self.fleet, self.deployment, service=service)}
        views = [
            view_slot(
                self.fleet,
                self.deployment,
                service=service,
                slot=slot,
                wanted=wanted.get(slot),
                assignments=slots.get(slot, []),
            )
            for slot in sorted(wanted.keys() | slots.keys())
        ]
        settling = self._settling(views)
        for view in views:
            self.forget.extend(a.id for a in view.gone)
            if view.wanted is None:
                self._empty(view)
            else:
                self._keep(view, settled=view.slot not in settling)
        under_way = [view for view in views if view.under_way or view.slot in settling]
        if may_update and not under_way and not self.deployment.paused:
            self._replace_next(views)
        self._tell_stuck(views, under_way)
        return any(view.wanted and (view.stale or not view.satisfied) for view in views)

    # --- slots that shall be empty ---

    def _empty(self, view: SlotView) -> None:
        reason = "stopped" if self.deployment.desired_state == 0 else "no longer wanted"
        self._end_all([*view.current, *view.stale], reason)
        self._end_all([a for a in view.lost if not self._dormant(view, a)], reason)

    def _dormant(self, view: SlotView, assignment: Assignment) -> bool:
        """Whether a per-host container only waits for its inactive host to return."""
        host = self.fleet.hosts.get(assignment.host_id)
        return (
            self.deployment.desired_state == 1
            and view.service.placement.availability is Availability.PER_HOST
            and self.deployment.quantities.get(view.service.key, 1) > 0
            and host is not None
            and host.pool_id == self.deployment.pool_id
        )

    def _end_all(self, assignments: list[Assignment], reason: str) -> None:
        for assignment in assignments:
            if is_gone(self.fleet, assignment):
                self.forget.append(assignment.id)
            elif assignment.wanted:
                self.endings[assignment.id] = Ending(assignment.id, reason)

    # --- slots that shall be filled ---

    def _keep(self, view: SlotView, *, settled: bool) -> None:
        """Fill an empty slot, end what is too much, move what fails."""
        self._end_all(list(view.current[1:]), "the slot is filled elsewhere")
        self._end_all(list(view.stale[1:]), "replaced")
        if view.satisfied:
            self._end_all([*(view.stale if settled else ()), *view.lost], "replaced")
        elif view.current:
            self._move_if_failing(view)
        elif view.empty:
            self._fill(view)

    def _fill(self, view: SlotView) -> None:
        if any(self._blocks(view, assignment) for assignment in view.ending):
            return  # the old one goes first: its port, name or volume is free then
        if view.lost:
            reason = self._why_not_replaced(view)
            if reason is not None:
                waiting = Unplaced(service=view.service.key, slot=view.slot, reasons=(reason,))
                self.unplaced.append(waiting)
                return
        self._place(view)

    def _blocks(self, view: SlotView, ending: Assignment) -> bool:
        """Whether a slot waits for a container that is asked to end.

        One on a host that is lost, or whose engine does not answer, may take for ever: it is
        waited for only when two of them could not be side by side.
        """
        if is_lost(self.fleet, ending):
            return False
        reachable = self.fleet.status_of(ending.host_id).metrics.engine_reachable
        return reachable or view.service.container.exclusive

    def _why_not_replaced(self, view: SlotView) -> Reason | None:
        """Tell why a slot whose host is lost is not placed elsewhere, now or at all."""
        host_id = view.lost[-1].host_id
        if view.service.container.has_home:
            message = "its volume is on a host that is inactive"
            return Reason(host_id, "volume_home", message)
        if self.fleet.observed.replacing_waits_until > self.now:
            message = "too many hosts fell silent at once; replacing waits for them to return"
            return Reason(host_id, "mass_silence", message)
        return None

    def _place(self, view: SlotView, *, avoid: Exclusion | None = None) -> bool:
        if len(self.placements) >= MAX_PLACEMENTS:
            self.more = True
            return False
        pinned = view.wanted.host_id if view.wanted else None
        answer = self.placer.place(
            view.service, view.slot, pinned=pinned, prefer=view.last_host, avoid=avoid
        )
        if isinstance(answer, Placement):
            self.placements.append(answer)
            return True
        if avoid is None:
            self.unplaced.append(answer)
        return False

    def _move_if_failing(self, view: SlotView) -> None:
        """Try another host for a container that fails where it is."""
        failing = view.current[0]
        report = self.fleet.report_of(failing.id)
        if report is None or not report.code or report.failures == 0:
            return
        patience = 1 if report.code in ("port_taken", "name_taken") else None
        if report.failures < (patience or self.fleet.settings.attempts_before_move):
            return
        exclusion = Exclusion(
            failing.host_id,
            report.code,
            report.message or "its container failed there",
            self.now + self.fleet.settings.backoff_max_s,
        )
        if self._place(view, avoid=exclusion):
            slot_id = (self.deployment.id, view.service.key, view.slot)
            self.exclusions.append(SlotExclusion(slot_id, exclusion))
            self._end_all([failing], f"moved: {exclusion.message}")

    # --- rollout: one slot of a service at a time ---

    def _settling(self, views: list[SlotView]) -> set[int]:
        """Give the slots whose new container has not run long enough for an update to go on."""
        if not any(view.wanted and view.stale for view in views):
            return set()
        slots: set[int] = set()
        for view in views:
            left_s = unsettled_s(self.fleet, view.current[0], now=self.now) if view.satisfied else 0
            if not view.wanted or left_s <= 0:
                continue
            slots.add(view.slot)
            self.again_at = min(self.again_at or self.now + left_s, self.now + left_s)
            report = self.fleet.report_of(view.current[0].id)
            if report is not None and report.failures:
                self.unproven.add(view.service.key)
        return slots

    def _replace_next(self, views: list[SlotView]) -> None:
        """Start the replacement of the next outdated slot; those that do not run go first."""
        waiting = [view for view in views if view.wanted and not view.current and view.stale]
        if not waiting:
            return
        view = min(waiting, key=lambda v: (self._runs(v.stale[0]), v.slot))
        stop_first = view.service.container.exclusive and self._same_place(view.stale[0])
        if stop_first:
            self._end_all(list(view.stale), "replaced, the old one first")
        else:
            self._place(view)

    def _same_place(self, stale: Assignment) -> bool:
        host = self.fleet.hosts.get(stale.host_id)
        return host is not None and host.pool_id == self.deployment.pool_id

    def _runs(self, assignment: Assignment) -> bool:
        report = self.fleet.report_of(assignment.id)
        return report is not None and not report.code

    def _tell_stuck(self, views: list[SlotView], under_way: list[SlotView]) -> None:
        """Tell which failing container holds a rollout up."""
        if not any(view.wanted and view.stale for view in views):
            return
        for view in under_way:
            report = self.fleet.report_of(view.current[0].id) if view.current else None
            if report is not None and report.code:
                message = report.message or report.code
                stuck = Stuck(service=view.service.key, slot=view.slot, message=message)
                self.stuck.append(stuck)
                return


def _by_phase(services: tuple[ServiceSpec, ...]) -> list[list[ServiceSpec]]:
    phases: dict[int, list[ServiceSpec]] = {}
    for service in services:
        phases.setdefault(service.phase, []).append(service)
    return [phases[phase] for phase in sorted(phases)]
