"""Slots that belong to the containers of other services are where those have them."""

import msgspec

from berth.domain.fleet import Fleet
from berth.domain.ids import HostId, ServiceKey
from berth.domain.records import Assignment, Deployment
from berth.domain.slots import is_job, is_lost, is_satisfied
from berth.domain.spec import ServiceSpec
from berth.domain.states import Attempt
from berth.domain.volume_homes import find_home
from berth.scheduler.slots import SlotView
from berth.scheduler.together import Together


class VolumeSources:
    """Knows the hosts that have what each service takes volumes of, or is bound to."""

    def __init__(self, fleet: Fleet, deployment: Deployment, *, together: Together) -> None:
        self._fleet = fleet
        self._deployment = deployment
        self._together = together
        self._hosts: dict[ServiceKey, frozenset[HostId]] = {}

    def follow(self, view: SlotView) -> SlotView:
        """Return the view with what is on other hosts than its sources as outdated.

        Nothing is while there is no host to go to; and the run of a job is not broken off.
        """
        if not view.current or not self._is_bound(view):
            return view
        hosts = self._hosts_for(view.service)
        straying = [a for a in view.current if hosts and a.host_id not in hosts]
        if not straying or any(self._is_job_that_ran(a) for a in straying):
            return view
        current = tuple(a for a in view.current if a not in straying)
        return msgspec.structs.replace(
            view,
            current=current,
            stale=(*view.stale, *straying),
            satisfied=bool(current) and is_satisfied(self._fleet, current[0]),
            strays=not current,
        )

    def _is_bound(self, view: SlotView) -> bool:
        """Return whether it follows others; one with a volume of its own stays where that is."""
        service = view.service
        if service.container.volume_sources:
            return True
        if not self._together.bonds_of(service):
            return False
        home = find_home(self._fleet, self._deployment, service=service, slot=view.slot)
        return home is None or not service.container.has_home

    def _is_job_that_ran(self, assignment: Assignment) -> bool:
        report = self._fleet.report_of(assignment.id)
        ran = report is None or report.state >= Attempt.RUNNING
        return ran and is_job(self._deployment, assignment)

    def _hosts_for(self, service: ServiceSpec) -> frozenset[HostId]:
        """Return the hosts that have a container of each source, of those that have any at all."""
        known = self._hosts.get(service.key)
        if known is None:
            found: dict[ServiceKey, set[HostId]] = {}
            for assignment in self._fleet.assignments_of(self._deployment.id):
                if assignment.wanted and not is_lost(self._fleet, assignment):
                    found.setdefault(assignment.service, set()).add(assignment.host_id)
            bound = (bond.service for bond in self._together.bonds_of(service))
            named = (*service.container.volume_sources, *bound)
            each = [found[key] for key in named if key in found]
            known = frozenset(set.intersection(*each)) if each else frozenset()
            self._hosts[service.key] = known
        return known
