"""The pass over what runs: keys of published ports appear and go with their containers."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from functools import partial

from berth.discovery.key_answers import check_name
from berth.domain.discovery_records import Key
from berth.domain.endpoints import derive_keys
from berth.domain.errors import Unavailable
from berth.domain.fleet import Fleet
from berth.domain.ids import AssignmentId, HostId
from berth.domain.observed import ContainerReport
from berth.domain.records import Actor
from berth.domain.states import Attempt
from berth.domain.table import TableView
from berth.reconcilers.defects import DEFECT, Defect, Defects, describe_failure
from berth.reconcilers.proxies import drop_stale_proxies, find_stale_proxies
from berth.runtime.clock import Clock
from berth.runtime.loop import Wakeup
from berth.store.draft import Draft
from berth.store.feed import Change
from berth.store.store import Store

log = logging.getLogger(__name__)

#: Passes that have something to do follow each other after this: what happens meanwhile shares
#: one transaction.
PAUSE_S = 0.1
#: At most this many assignments are compared, or written in one command, before others get a turn.
CHUNK = 250


class DiscoveryReconciler:
    """Keeps the set of assignments to compare, and writes the keys that differ."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._dirty: set[AssignmentId] = set()
        self._all_at = 0.0
        self._defects = Defects(store, key="keys_failed", cannot="have its keys written")
        self.wakeup = Wakeup()
        self._unlisten = store.feed.listen(self._note)

    def close(self) -> None:
        """Stop listening to changes."""
        self._unlisten()

    def resync_s(self) -> float:
        """Return the longest time between two comparisons of everything."""
        return self._store.memory.settings.resync_s

    async def reconcile_keys(self) -> str:
        """Write the keys of what changed, or of everything when the resync is due."""
        now = self._clock.monotonic()
        if self._all_at == 0.0 or now - self._all_at >= self.resync_s():
            self._all_at = now
            memory = self._store.memory
            self._dirty.update(assignment.id for assignment in memory.assignments.values())
            self._dirty.update(key.assignment_id for key in memory.keys.values() if key.system)
            if find_stale_proxies(memory):
                await self._store.run(drop_stale_proxies)
        if not self._dirty:
            return ""
        dirty, self._dirty = self._dirty, set()
        try:
            failed: dict[str, Defect] = {}
            written = await self._write(await self._find_stale(dirty, failed), failed)
            await self._defects.settle(dirty, failed=failed)
        except BaseException:
            self._dirty |= dirty
            raise
        await self._clock.sleep(PAUSE_S)
        return f"{written} keys of containers changed" if written else ""

    async def _find_stale(
        self, dirty: Iterable[AssignmentId], failed: dict[str, Defect]
    ) -> list[AssignmentId]:
        """Return whose keys differ; one whose keys cannot be told holds up no other."""
        memory = self._store.memory
        fleet = memory.fleet
        stale: list[AssignmentId] = []
        for count, assignment_id in enumerate(dirty, 1):
            try:
                if _find_changes(fleet, memory.keys, assignment_id=assignment_id):
                    stale.append(assignment_id)
            except DEFECT as failure:
                failed[assignment_id] = _describe(fleet, assignment_id, failure=failure)
            if count % CHUNK == 0:
                await asyncio.sleep(0)
        return stale

    async def _write(self, stale: list[AssignmentId], failed: dict[str, Defect]) -> int:
        chunks = [stale[start : start + CHUNK] for start in range(0, len(stale), CHUNK)]
        return sum(await asyncio.gather(*(self._write_chunk(ids, failed) for ids in chunks)))

    async def _write_chunk(self, ids: list[AssignmentId], failed: dict[str, Defect]) -> int:
        """Write keys in one command; after a failure halves are tried, down to the one at fault."""
        try:
            return await self._store.run(partial(write_keys, assignment_ids=ids))
        except Unavailable:
            raise
        except DEFECT as failure:
            if len(ids) == 1:
                failed[ids[0]] = _describe(self._store.memory.fleet, ids[0], failure=failure)
                return 0
        middle = len(ids) // 2
        written = [await self._write_chunk(half, failed) for half in (ids[:middle], ids[middle:])]
        return sum(written)

    def _note(self, changes: list[Change]) -> None:
        for change in changes:
            if change.table == "reports":
                if _gist(change.before) != _gist(change.after):
                    self._dirty.add(AssignmentId(change.key))
            elif change.table == "assignments":
                if change.after is None:
                    self._dirty.add(AssignmentId(change.key))
            elif change.table in ("hosts", "host_status"):
                self._note_host(change)
            elif change.table == "keys" and change.before is not None and change.before.system:
                self._dirty.add(change.before.assignment_id)
        if self._dirty:
            self.wakeup.set()

    def _note_host(self, change: Change) -> None:
        before, after = change.before, change.after
        if change.table == "host_status" and before is not None and after is not None:
            addresses = [status.facts and status.facts.address for status in (before, after)]
            if before.state is after.state and addresses[0] == addresses[1]:
                return
        assignments = self._store.memory.fleet.assignments_on(HostId(change.key))
        self._dirty.update(assignment.id for assignment in assignments)


def write_keys(draft: Draft, assignment_ids: Iterable[AssignmentId]) -> int:
    """Write what differs of the assignments' keys; return how many keys changed."""
    fleet = draft.fleet
    count = 0
    for assignment_id in assignment_ids:
        for name, value in _find_changes(fleet, draft.keys, assignment_id=assignment_id).items():
            count += 1
            if value is None:
                draft.keys.drop(name)
            else:
                draft.write_key(name, value, assignment_id=assignment_id)
    return count


def _find_changes(
    fleet: Fleet, keys: TableView[Key], *, assignment_id: AssignmentId
) -> Mapping[str, bytes | None]:
    """Return the values that an assignment's keys must get, none for those that must go."""
    assignment = fleet.assignments.get(assignment_id)
    wanted = derive_keys(fleet, assignment) if assignment is not None else {}
    if wanted is None:
        return {}
    changes: dict[str, bytes | None] = {
        key.id: None for key in keys.find("assignment", assignment_id) if key.id not in wanted
    }
    for name, value in wanted.items():
        known = keys.get(name)
        check_name(name)
        owner = known.assignment_id if known is not None else assignment_id
        # A key belongs to the first assignment that reported its container.
        others = owner != assignment_id and owner in fleet.assignments
        if not others and (known is None or known.value != value or owner != assignment_id):
            changes[name] = value
    return changes


def _describe(fleet: Fleet, assignment_id: AssignmentId, *, failure: Exception) -> Defect:
    log.error("the keys of assignment %s cannot be written", assignment_id, exc_info=failure)
    reason = describe_failure(failure)
    assignment = fleet.assignments.get(assignment_id)
    if assignment is None:
        return Defect(Actor("assignment", assignment_id, assignment_id), None, reason)
    slot = f"{assignment.slot}.{assignment.service}.{assignment.deployment_id}"
    deployment = Actor("deployment", assignment.deployment_id, assignment.deployment_id)
    return Defect(deployment, Actor("container", slot, slot), reason)


def _gist(report: ContainerReport | None) -> object:
    """Return what of a report decides about keys."""
    if report is None or report.state is not Attempt.RUNNING:
        return None
    return report.container_id, report.ports
