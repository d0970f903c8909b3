"""Records what agents report, and turns it into events, in batches."""

import asyncio
import logging
from typing import Any

import msgspec

from berth.dispatcher.recoveries import Recoveries
from berth.dispatcher.report_events import events_of_report
from berth.domain.errors import Unavailable
from berth.domain.fleet import HostStatus
from berth.domain.ids import AssignmentId, HostId
from berth.domain.observed import ContainerReport, HostMetrics, merge_report
from berth.domain.records import Host
from berth.domain.states import Attempt
from berth.domain.usage import History, HostUsage
from berth.protocol.messages import Images, Inventory, Report, Volumes
from berth.protocol.rules import check_listed, weigh_image, weigh_item
from berth.protocol.streams import UsageReport
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup
from berth.store.draft import Draft, NewEvent
from berth.store.store import Store

log = logging.getLogger(__name__)

#: Longest wait of observed events for more of them, to share one transaction.
EVENT_BATCH_S = 0.25
#: More than this wait only while the store fails; the oldest are dropped then.
MAX_WAITING_EVENTS = 10_000

#: At most this many ends of pulls are remembered, so that each becomes one event.
MAX_PULLS_KNOWN = 10_000

ObservedChange = tuple[str, str, Any, Any]


class Observer:
    """The only writer of what is observed."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._events: list[NewEvent] = []
        self._pulling: set[tuple[HostId, str]] = set()
        #: End of the newest pull with an event, by the agent's clock.
        self._pulled_at: dict[tuple[HostId, str], float | None] = {}
        self._recoveries = Recoveries(store.memory)
        self.wakeup = Wakeup()

    def clear_recovered(self) -> None:
        """Clear the statuses of slots that failed and run for long enough now."""
        self.add_events(self._recoveries.find_recovered(self._clock.now()))

    def status_of(self, host_id: HostId) -> HostStatus:
        """Return what is known of a host."""
        return self._store.memory.fleet.status_of(host_id)

    def record_status(self, status: HostStatus) -> None:
        """Store a host's status; published when more than metrics changed."""
        hosts = self._store.memory.observed.hosts
        before = hosts.get(status.host_id)
        hosts[status.host_id] = status
        if before is None or _gist(before) != _gist(status):
            self._store.observe([("host_status", status.host_id, before, status)])

    def forget_host(self, host_id: HostId) -> None:
        """Forget what was observed of a host that no longer exists."""
        observed = self._store.memory.observed
        observed.hosts.pop(host_id, None)
        observed.inventory.pop(host_id, None)
        observed.images.pop(host_id, None)
        observed.volumes.pop(host_id, None)
        observed.usage.pop(host_id, None)
        self._pulling = {pull for pull in self._pulling if pull[0] != host_id}

    def forget_assignment(self, assignment_id: AssignmentId) -> None:
        """Forget what was reported of an assignment that no longer exists."""
        observed = self._store.memory.observed
        observed.reports.pop(assignment_id, None)
        observed.running_since.pop(assignment_id, None)

    def record_mass_silence(self, *, until: float) -> None:
        """Store until when lost slots are not placed elsewhere; 0 when they are."""
        self._store.memory.observed.replacing_waits_until = until

    def record_contact(self, host_id: HostId, metrics: HostMetrics) -> None:
        """Store the time of contact and the metrics that came with it."""
        status, now = self.status_of(host_id), self._clock.now()
        self.record_status(
            msgspec.structs.replace(
                status,
                last_seen=now,
                metrics=metrics,
                clock_ahead_s=metrics.clock - now if metrics.clock else 0.0,
            )
        )

    def record_report(self, host: Host, report: Report) -> None:
        """Merge the reports of a host's assignments; those of unknown ones are accepted silently.

        A full report is evidence about what it does not name: an ending assignment is gone, and
        of a wanted one nothing exists.
        """
        changes: list[ObservedChange] = []
        reports = self._store.memory.observed.reports
        for new in report.containers:
            assignment = self._store.memory.assignments.get(new.assignment_id)
            if assignment is None or assignment.host_id != host.id:
                continue
            before = reports.get(new.assignment_id)
            after = merge_report(before, new)
            if after == before:
                continue
            reports[new.assignment_id] = after
            self._note_running(before, after)
            changes.append(("reports", new.assignment_id, before, after))
            events = events_of_report(host, assignment, before=before, after=after)
            self.add_events(self._once_per_image(host, events, pulled_at=after.pulled_at))
            self._recoveries.note(host, assignment, report=after, events=events)
        if report.full:
            named = {container.assignment_id for container in report.containers}
            changes += self._record_absent(host, named)
        if changes:
            self._store.observe(changes)

    def _note_running(self, before: ContainerReport | None, after: ContainerReport) -> None:
        since = self._store.memory.observed.running_since
        if after.state is not Attempt.RUNNING:
            since.pop(after.assignment_id, None)
        elif (
            before is None or before.attempt != after.attempt or before.state is not Attempt.RUNNING
        ):
            since[after.assignment_id] = self._clock.now()

    def _record_absent(self, host: Host, named: set[AssignmentId]) -> list[ObservedChange]:
        changes: list[ObservedChange] = []
        reports = self._store.memory.observed.reports
        for assignment in self._store.memory.fleet.assignments_on(host.id):
            if assignment.id in named:
                continue
            before = reports.pop(assignment.id, None)
            self._store.memory.observed.running_since.pop(assignment.id, None)
            after = None if assignment.wanted else _gone(assignment.id, before)
            if after is not None:
                reports[assignment.id] = after
            if before != after:
                changes.append(("reports", assignment.id, before, after))
        return changes

    def record_list(self, host: Host, listed: Inventory | Images | Volumes) -> None:
        """Store what a host's engine lists."""
        match listed:
            case Inventory():
                self.record_inventory(host, listed)
            case Images():
                self.record_images(host, listed)
            case Volumes():
                self.record_volumes(host, listed)

    def record_inventory(self, host: Host, inventory: Inventory) -> None:
        """Store which containers the host's engine lists; the ids that differ are published.

        Raises ProtocolError for more than a host may list.
        """
        of_hosts = self._store.memory.observed.inventory
        before = of_hosts.get(host.id, {})
        items = {} if inventory.full else dict(before)
        for item in inventory.items:
            items[item.container.id] = item
        for container_id in inventory.gone:
            items.pop(container_id, None)
        check_listed(items.values(), weigh_item)
        of_hosts[host.id] = items
        gone = tuple(each for each in before if each not in items)
        changed = tuple(
            each.container.id
            for each in inventory.items
            if before.get(each.container.id) != each and each.container.id in items
        )
        self._store.observe([("inventory", host.id, gone, changed)])

    def record_images(self, host: Host, images: Images) -> None:
        """Store which images the host's engine lists.

        Raises ProtocolError for more than a host may list.
        """
        of_hosts = self._store.memory.observed.images
        listed = {} if images.full else dict(of_hosts.get(host.id, {}))
        for image in images.items:
            listed[image.id] = image
        for image_id in images.gone:
            listed.pop(image_id, None)
        check_listed(listed.values(), weigh_image)
        of_hosts[host.id] = listed
        self._store.observe([("images", host.id, None, None)])

    def record_volumes(self, host: Host, volumes: Volumes) -> None:
        """Store which volumes the host's engine has; slots that wait for one are looked at."""
        self._store.memory.observed.volumes[host.id] = frozenset(volumes.names)
        self._store.observe([("volumes", host.id, None, None)])

    def record_usage(self, host: Host, report: UsageReport) -> None:
        """Keep what the host and its containers use; of containers that are gone it is forgotten."""
        usage = self._store.memory.observed.usage.setdefault(host.id, HostUsage())
        usage.host.add(report.host)
        listed = self._store.memory.observed.inventory.get(host.id, {})
        for container_id, measured in report.containers.items():
            if container_id in listed:
                usage.containers.setdefault(container_id, History()).add(measured)
        for gone in [each for each in usage.containers if each not in listed]:
            del usage.containers[gone]

    def _once_per_image(
        self, host: Host, events: list[NewEvent], *, pulled_at: float | None
    ) -> list[NewEvent]:
        """Leave out events of a pull that has one, however many containers wait for it."""
        new: list[NewEvent] = []
        for event in events:
            pull = (host.id, event.details.get("image", ""))
            if event.makes_status:
                self._pulling.discard(pull)
            elif event.key == "image_pull":
                known = pulled_at is not None and self._pulled_at.get(pull) == pulled_at
                if known or pull in self._pulling:
                    continue
                self._pulling.add(pull)
            elif event.key == "image_pulled":
                if pull not in self._pulling:
                    continue
                self._pulling.discard(pull)
                self._pulled_at[pull] = pulled_at
                if len(self._pulled_at) > MAX_PULLS_KNOWN:
                    del self._pulled_at[next(iter(self._pulled_at))]
            new.append(event)
        return new

    def add_events(self, events: list[NewEvent]) -> None:
        """Queue events for the next batch."""
        if events:
            self._events += events
            self.wakeup.set()

    async def flush_events(self) -> str:
        """Write the queued events in one transaction; kept when the store fails."""
        if not self._events:
            return ""
        await self._clock.sleep(EVENT_BATCH_S)
        batch, self._events = self._events, []

        def command(draft: Draft) -> None:
            for event in batch:
                if event.makes_status and event.severity == 0:
                    draft.clear_status(event)
                else:
                    draft.record_event(event)

        try:
            await self._store.run(command)
        except (Unavailable, asyncio.CancelledError):
            self._events = (batch + self._events)[-MAX_WAITING_EVENTS:]
            raise
        return ""


def _gist(status: HostStatus) -> tuple[Any, ...]:
    seen = status.facts, status.protocol, status.metrics.engine_reachable
    return status.state, status.held, *seen


def _gone(assignment_id: AssignmentId, before: ContainerReport | None) -> ContainerReport:
    if before is None:
        return ContainerReport(
            assignment_id=assignment_id,
            attempt=0,
            state=Attempt.REMOVED,
            agent_epoch=0,
            sequence=0,
        )
    return msgspec.structs.replace(before, state=Attempt.REMOVED, paused=False)
