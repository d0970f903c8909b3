"""Plans one deployment: fills, moves, replaces and ends until every slot is as wanted."""

from berth.domain.fleet import Fleet
from berth.domain.ids import ServiceKey
from berth.domain.plan import Plan, Stuck
from berth.domain.records import Assignment, Deployment
from berth.domain.slots import describe_result, find_result, is_lost, wanted_slots
from berth.domain.spec import ServiceSpec
from berth.scheduler.plan_builder import PlanBuilder
from berth.scheduler.rollout import ServiceRollout
from berth.scheduler.slot_rules import plan_empty_slot, plan_renewal, plan_wanted_slot
from berth.scheduler.slots import SlotView, view_slot
from berth.scheduler.start_order import Order, Standing, measure_standing
from berth.scheduler.together import Together
from berth.scheduler.volume_sources import VolumeSources

#: The assignments of a service by slot.
_Slots = dict[int, list[Assignment]]


def plan_deployment(fleet: Fleet, deployment: Deployment, *, now: float) -> Plan:
    """Return what must change for the deployment to be as wanted; nothing when it is."""
    return _Planner(fleet, deployment, now=now).plan()


class _Planner:
    """Walks the services in their order, or backwards when all shall stop."""

    def __init__(self, fleet: Fleet, deployment: Deployment, *, now: float) -> None:
        self.fleet = fleet
        self.deployment = deployment
        self.order = Order(deployment.services)
        together = Together(deployment, self.order.services)
        self.making = PlanBuilder(fleet, deployment, together=together, now=now)
        self.standings: dict[ServiceKey, Standing] = {}
        self.planned: set[ServiceKey] = set()
        self.sources = VolumeSources(fleet, deployment, together=together)

    def plan(self) -> Plan:
        by_slot: dict[ServiceKey, _Slots] = {}
        for assignment in self.fleet.assignments_of(self.deployment.id):
            slots = by_slot.setdefault(assignment.service, {})
            slots.setdefault(assignment.slot, []).append(assignment)
        if self.deployment.desired_state == 0:
            self._stop(by_slot)
        else:
            for service in self.order.services:
                self._plan_service(service, by_slot.get(service.key, {}))
        for key in by_slot.keys() - self.planned:  # services that the text no longer has
            self.making.end_all([a for of in by_slot[key].values() for a in of], "service removed")
        return self.making.finish()

    def _plan_service(self, service: ServiceSpec, slots: _Slots) -> None:
        making, views = self.making, self._view(service, slots)
        rollout = ServiceRollout(making, service, views=views)
        gate = self._find_gate(service, views)
        placed = len(making.placements)
        for view in views:
            making.forget.extend(a.id for a in view.gone)
            if view.wanted is None:
                plan_empty_slot(making, view)
            else:
                settled = view.slot not in rollout.settling
                plan_wanted_slot(making, view, settled=settled, gate=gate)
                self._note_bad_end(view)
        waits = self.order.comes_after_one_that_waits(service, self.standings)
        rollout.plan(may_update=not waits)
        plan_renewal(making, views)
        if len(making.placements) > placed:
            self._note_begun(service)
        self._note_standing(service, views)

    def _note_standing(self, service: ServiceSpec, views: list[SlotView]) -> None:
        self.planned.add(service.key)
        if self.order.matters:
            self.standings[service.key] = measure_standing(self.fleet, service, views=views)

    def _view(self, service: ServiceSpec, slots: _Slots) -> list[SlotView]:
        wanted = {w.slot: w for w in wanted_slots(self.fleet, self.deployment, service=service)}
        return [
            self.sources.follow(
                view_slot(
                    self.fleet,
                    self.deployment,
                    service=service,
                    slot=slot,
                    wanted=wanted.get(slot),
                    assignments=slots.get(slot, []),
                )
            )
            for slot in sorted(wanted.keys() | slots.keys())
        ]

    def _find_gate(self, service: ServiceSpec, views: list[SlotView]) -> str:
        """Return what the service's first fill waits for; "" once it has begun."""
        if not self.order.matters or service.key in self.deployment.begun:
            return ""
        if any(view.current or view.stale or view.lost for view in views):
            self._note_begun(service)
            return ""
        gate = self.order.find_gate(service, self.standings)
        if gate and any(view.wanted for view in views):
            self.making.settled = False
        return gate

    def _note_begun(self, service: ServiceSpec) -> None:
        known = (*self.deployment.begun, *self.making.begun)
        if self.order.matters and service.key not in known:
            self.making.begun.append(service.key)

    def _stop(self, by_slot: dict[ServiceKey, _Slots]) -> None:
        """End the last services first; the others when those have left nothing behind."""
        left: set[ServiceKey] = set()
        for service in reversed(self.order.services):
            views = self._view(service, by_slot.get(service.key, {}))
            later = self.order.stops_after(service, left)
            for view in views:
                self.making.forget.extend(a.id for a in view.gone)
                if not later:
                    plan_empty_slot(self.making, view)
                if self._has_left(view):
                    left.add(service.key)
            self.planned.add(service.key)

    def _has_left(self, view: SlotView) -> bool:
        """Whether a container of the slot is still to go, on a host that can be heard."""
        return any(
            not is_lost(self.fleet, each)
            and self.fleet.status_of(each.host_id).metrics.engine_reachable
            for each in (*view.current, *view.stale, *view.ending)
        )

    def _note_bad_end(self, view: SlotView) -> None:
        """Note a container that ran once and failed."""
        result = find_result(self.fleet, view.current[0]) if view.current else None
        if result:
            message = describe_result(self.fleet, view.current[0], code=result)
            stuck = Stuck(service=view.service.key, slot=view.slot, message=message)
            self.making.ended_badly.append(stuck)
