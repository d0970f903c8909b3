"""The rolling replacement of a service's outdated containers, by its update policy."""

from berth.domain.deployment_view import is_unhealthy
from berth.domain.observed import ContainerReport
from berth.domain.plan import Placement, Stuck, Unplaced
from berth.domain.records import Assignment
from berth.domain.slots import (
    describe_result,
    find_result,
    is_job,
    starting_left_s,
    suits_host,
    unsettled_s,
)
from berth.domain.spec import ContainerSpec, ServiceSpec
from berth.domain.states import Attempt, Duty
from berth.domain.volume_homes import name_tie
from berth.scheduler.plan_builder import PlanBuilder
from berth.scheduler.slot_rules import blocks
from berth.scheduler.slots import SlotView

#: Refusals that end with an old container, when the new one needs no more than it.
_ROOM = ("memory", "cpus")


class ServiceRollout:
    """What of a service is outdated, on its way, failing, and next."""

    def __init__(self, making: PlanBuilder, service: ServiceSpec, *, views: list[SlotView]) -> None:
        self.making = making
        self.service = service
        self.views = [view for view in views if view.wanted is not None]
        rollout = making.deployment.rollout
        self.policy = service.rollback if rollout == "rollback" else service.update
        self.is_first = rollout == "start"
        self.watched = rollout in ("update", "rollback") or any(view.stale for view in self.views)
        #: Slots whose new container has not run long enough for an update to go on.
        self.settling = self._find_settling() if self.watched else frozenset()

    def plan(self, *, may_update: bool) -> None:
        """Replace as many as may be under way; call it when the empty slots are filled."""
        failures = self._find_failures() if self.watched else {}
        tolerated = self._tolerates(len(failures))
        key = self.service.key
        placed = {p.slot for p in self.making.placements if p.service == key}
        under_way = [view for view in self.views if self._is_under_way(view, placed)]
        busy = [view for view in under_way if not tolerated or view.slot not in failures]
        begun = 0
        if tolerated:
            at_once = self.policy.parallelism or len(self.views)
            begun = self._replace_next(at_once - len(busy), may_update=may_update)
        if under_way or begun or any(view.stale for view in self.views):
            self.making.settled = False
        if failures and not (tolerated and (busy or begun)):
            self._note_stuck(failures, tolerated=tolerated)
        if self.making.deployment.rollout:
            self._monitor()

    def _monitor(self) -> None:
        """Hold the end of a rollout open until what runs has run for the time of its watch.

        In a first rollout a container may fail a few times: many services wait for others in this way.
        """
        making, patience = self.making, self.making.fleet.settings.attempts_before_move
        for view in self.views:
            report = making.fleet.report_of(view.current[0].id) if view.current else None
            if view.satisfied and find_result(making.fleet, view.current[0]) is None:
                left_s = self._unproven_s(view)
                if making.settled and left_s > 0:
                    making.settled = False
                    making.plan_again_in(left_s)
            elif self.is_first and report is not None and _count_failures(view, report) >= patience:
                message = report.message or report.code
                making.looping.append(
                    Stuck(service=self.service.key, slot=view.slot, message=message)
                )

    def _unproven_s(self, view: SlotView) -> float:
        making = self.making
        monitor_s = self.policy.monitor_s or making.fleet.settings.rollout_monitor_s
        return unsettled_s(making.fleet, view.current[0], now=making.now, monitor_s=monitor_s)

    def _find_settling(self) -> frozenset[int]:
        making, slots = self.making, set()
        for view in self.views:
            if not view.satisfied or find_result(making.fleet, view.current[0]) is not None:
                continue
            left_s = self._unsettled_s(view)
            if left_s <= 0:
                continue
            slots.add(view.slot)
            making.plan_again_in(left_s)
            report = making.fleet.report_of(view.current[0].id)
            if report is not None and report.failures:
                making.unproven.add(self.service.key)
        return frozenset(slots)

    def _unsettled_s(self, view: SlotView) -> float:
        making, monitor_s = self.making, self.policy.monitor_s
        return unsettled_s(making.fleet, view.current[0], now=making.now, monitor_s=monitor_s)

    def _is_under_way(self, view: SlotView, placed: set[int]) -> bool:
        """Whether a slot is on its way to a container that is up to date and relied on."""
        if view.satisfied:
            return view.slot in self.settling
        if not view.empty:
            return bool(view.current)
        ending = any(blocks(self.making, view, ending=each) for each in view.ending)
        return ending or view.slot in placed

    def _find_failures(self) -> dict[int, str]:
        """Return what is wrong with new containers, by slot."""
        found = {view.slot: self._why_failing(view) for view in self.views}
        return {slot: why for slot, why in found.items() if why}

    def _why_failing(self, view: SlotView) -> str:
        if view.satisfied or not view.current or view.current[0].id in self.making.endings:
            return ""
        result = find_result(self.making.fleet, view.current[0])
        if result is not None:
            return f"it {describe_result(self.making.fleet, view.current[0], code=result)}"
        report = self.making.fleet.report_of(view.current[0].id)
        if report is not None and report.code:
            return report.message or report.code
        if report is not None and is_unhealthy(report):
            left_s = starting_left_s(self.making.fleet, view.current[0], now=self.making.now)
            if left_s <= 0:
                return report.message or "it is unhealthy"
            self.making.plan_again_in(left_s)
        return ""

    def _tolerates(self, failures: int) -> bool:
        """Whether the rollout goes on in spite of this many failing slots."""
        if self.policy.on_failure == "continue":
            return True
        return failures <= self.policy.max_failure_ratio * len(self.views)

    def _note_stuck(self, failures: dict[int, str], *, tolerated: bool) -> None:
        """Note which failing container holds the rollout up, or ends it."""
        slot = min(failures)
        stuck = Stuck(
            service=self.service.key, slot=slot, message=failures[slot], passed_by=tolerated
        )
        self.making.stuck.append(stuck)
        deployment = self.making.deployment
        returns = self.policy.on_failure == "rollback" and deployment.rollout == "update"
        if returns and not tolerated and not deployment.paused and self.making.failed is None:
            self.making.failed = stuck

    def _replace_next(self, places: int, *, may_update: bool) -> int:
        """Begin to replace outdated slots, those that do not run first; return how many."""
        outdated = [view for view in self.views if view.stale and not view.current]
        if not outdated or places <= 0:
            return 0
        may_update = may_update and not self.making.deployment.paused and not self._must_wait()
        begun = 0
        for view in sorted(outdated, key=lambda v: (self._runs(v.stale[0]), v.slot)):
            if begun == places:
                break
            if may_update or view.strays or self._is_drained(view.stale[0]):
                begun += self._replace(view)
        return begun

    def _must_wait(self) -> bool:
        """Whether the delay between one slot and the next is not over."""
        if not self.policy.delay_s:
            return False
        left_s = max(
            (
                self._unsettled_s(view) + self.policy.delay_s
                for view in self.views
                if view.satisfied and view.current[0].id in self.making.fleet.observed.running_since
            ),
            default=0.0,
        )
        if left_s > 0:
            self.making.plan_again_in(left_s)
        return left_s > 0

    def _runs(self, assignment: Assignment) -> bool:
        report = self.making.fleet.report_of(assignment.id)
        return report is not None and not report.code

    def _is_drained(self, stale: Assignment) -> bool:
        """Whether it is up to date and goes only because its host was drained."""
        host = self.making.fleet.hosts.get(stale.host_id)
        deployment = self.making.deployment
        return (
            host is not None
            and host.duty is Duty.DRAINED
            and host.pool_id == deployment.pool_id
            and stale.spec_hash == deployment.hash_of(self.service)
        )

    def _replace(self, view: SlotView) -> bool:
        """Begin with one slot: its new container first where both can be side by side."""
        making, container, order = self.making, self.service.container, self.policy.order
        if making.must_wait(view) or self._is_held_at_home(view):
            return False
        if self._is_running_job(view.stale[0]):
            making.end_all(list(view.stale), "replaced: the old run ends first")
            return True
        stop_first = order == "stop-first" or container.exclusive
        if view.strays or not self._takes_new(view.stale[0]):
            return making.place(view)
        if not stop_first:
            return self._place_beside(view)
        elsewhere = order == "start-first" and not container.has_home
        if elsewhere and isinstance(making.try_to_place(view), Placement):
            return True
        # A slot that found no host may do so for a reason that every new container has.
        waits = any(each.service == self.service.key for each in making.unplaced)
        if waits and not _fits_in_place(container, view.stale[0].spec):
            return False
        making.end_all(list(view.stale), "replaced: the old container stops first")
        return True

    def _is_running_job(self, stale: Assignment) -> bool:
        """Whether it is a job and not done: two runs of one are never side by side."""
        fleet, deployment = self.making.fleet, self.making.deployment
        report = fleet.report_of(stale.id)
        started = report is not None and report.state >= Attempt.RUNNING
        return is_job(deployment, stale) and started and find_result(fleet, stale) is None

    def _place_beside(self, view: SlotView) -> bool:
        """Place the new container; where no host has room for both, the old one may go first."""
        making, stale = self.making, view.stale[0]
        answer = making.try_to_place(view)
        if not isinstance(answer, Unplaced):
            return answer is not None
        crowded = any(r.code in _ROOM for r in answer.reasons if r.host_id == stale.host_id)
        may_stop = crowded and self.policy.order == ""
        if may_stop and _fits_in_place(self.service.container, stale.spec):
            making.end_all(
                list(view.stale),
                "replaced: the old container stops first, since no host has room for both",
            )
            return True
        making.unplaced.append(answer)
        return False

    def _is_held_at_home(self, view: SlotView) -> bool:
        """Whether the host of its volume takes no new container; then the old one stays, and why."""
        making = self.making
        home = making.find_home(view)
        if home is None or (home.duty is Duty.ACTIVE and suits_host(self.service, home)):
            return False
        why = f"is {home.duty.value}" if home.duty is not Duty.ACTIVE else "does not meet its rules"
        tie = name_tie(self.service)
        message = f"{tie} is on host {home.name}, which {why}: the old container stays"
        making.hold(view, "volume_home", message=message, host_id=home.id)
        return True

    def _takes_new(self, stale: Assignment) -> bool:
        """Whether the new container may be where the old one is."""
        host = self.making.fleet.hosts.get(stale.host_id)
        return (
            host is not None
            and host.pool_id == self.making.deployment.pool_id
            and host.duty is Duty.ACTIVE
            and suits_host(self.service, host)
        )


def _fits_in_place(new: ContainerSpec, old: ContainerSpec) -> bool:
    """Whether a new container asks for nothing of a host that the old one does not hold."""
    ports = {(port.host, port.protocol, port.ip) for port in old.static_ports}
    return (
        all((port.host, port.protocol, port.ip) in ports for port in new.static_ports)
        and new.container_name in ("", old.container_name)
        and new.memory_reservation_bytes <= old.memory_reservation_bytes
        and new.cpus_reservation <= old.cpus_reservation
    )


def _count_failures(view: SlotView, report: ContainerReport) -> int:
    """Count the failures of a slot in a row, with those before its container moved."""
    return view.current[0].failures + report.failures
