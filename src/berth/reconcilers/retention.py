"""The pass that keeps history bounded: old events, closed tasks, cleared statuses, ended tokens."""

from berth.domain.audit import AUDIT_KEYS
from berth.domain.states import Severity
from berth.store.draft import Draft, NewEvent
from berth.store.store import Store

INTERVAL_S = 20.0
KEEP_EVENTS = 1_000
KEEP_TASKS = 250
KEEP_STATUSES = 1_000
KEEP_REPLAYS = 5_000
KEEP_REPLAYS_S = 24 * 3600.0
#: A deleted host that comes back later learns that nobody knows it, and keeps what it has.
KEEP_TOMBSTONES = 1_000
KEEP_TOMBSTONES_S = 90 * 24 * 3600.0


class Retention:
    """Drops what is older than what is kept."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def drop_old(self) -> str:
        """Drop the oldest of each kind beyond its bound; tasks that are open stay."""
        dropped = await self._store.run(_drop_old)
        return f"dropped {dropped} old records" if dropped else ""


def _drop_old(draft: Draft) -> int:
    events = _find_old_events(draft, audit=False) + _find_old_events(draft, audit=True)
    closed = [task for task in draft.tasks.values() if task.status.closed]
    closed.sort(key=lambda task: task.created_at)
    tasks = [task.id for task in closed[: max(0, len(draft.tasks) - KEEP_TASKS)]]
    statuses = sorted(draft.statuses.values(), key=lambda s: (not s.clear_event_id, s.generation))
    old_statuses = [status.id for status in statuses[: max(0, len(statuses) - KEEP_STATUSES)]]
    tokens = [t.id for t in draft.tokens.values() if t.expires_at and t.expires_at < draft.now]
    for event_id in events:
        draft.events.drop(str(event_id))
    for task_id in tasks:
        draft.tasks.drop(task_id)
    for status_id in old_statuses:
        draft.statuses.drop(status_id)
    for token_id in tokens:
        draft.tokens.drop(token_id)
    others = _drop_old_replays(draft) + _drop_old_tombstones(draft)
    return len(events) + len(tasks) + len(old_statuses) + len(tokens) + others


def _find_old_events(draft: Draft, *, audit: bool) -> list[int]:
    """Return the oldest of what users did, or of all else: neither pushes the other out."""
    ids = (event.id for event in draft.events.values() if (event.key in AUDIT_KEYS) is audit)
    return sorted(ids)[:-KEEP_EVENTS]


def _drop_old_tombstones(draft: Draft) -> int:
    newest_first = sorted(draft.tombstones.values(), key=lambda each: -each.deleted_at)
    old = [
        each
        for position, each in enumerate(newest_first)
        if position >= KEEP_TOMBSTONES or each.deleted_at + KEEP_TOMBSTONES_S < draft.now
    ]
    for each in old:
        draft.tombstones.drop(each.id)
        for status in draft.statuses.find("subject", ("host", each.id)):
            draft.clear_status(
                NewEvent(
                    key=status.event.key,
                    severity=Severity.CLEARED,
                    summary=f"deleted host {each.name} is forgotten",
                    actor=status.event.actor,
                )
            )
    return len(old)


def _drop_old_replays(draft: Draft) -> int:
    """Forget requests that are not recognised any more, and the oldest beyond their bound."""
    newest_first = sorted(draft.replays.values(), key=lambda replay: -replay.created_at)
    old = [
        replay.id
        for position, replay in enumerate(newest_first)
        if position >= KEEP_REPLAYS or replay.created_at + KEEP_REPLAYS_S < draft.now
    ]
    for replay_id in old:
        draft.replays.drop(replay_id)
    return len(old)
