"""The watch: every change of the feed, rendered and encoded once for all who watch."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable

import msgspec

from berth.api.http.responses import encode
from berth.api.http.sse import HEARTBEAT_S, render_message, render_problem_message
from berth.api.services import Services
from berth.api.streams.watch_objects import (
    Name,
    current_object,
    dependents_of,
    encode_object,
    objects_of,
)
from berth.runtime.ids import jitter
from berth.runtime.loop import Pass, Wakeup, run_loop
from berth.store.feed import Change

#: Messages that wait for one watcher; with more of them its stream ends.
MAX_WAITING = 2_000

#: At most this many changes are rendered before others get a turn.
SLICE = 50

#: Least time between two messages about what is computed from many records, such as a deployment's
#: state.
COMPUTED_S = 0.25


class EncodedChange(msgspec.Struct, frozen=True):
    """A change as it is sent."""

    kind: str
    data: bytes


class Subscriber:
    """One stream: what waits for it."""

    def __init__(self, kinds: frozenset[str], *, heartbeat: Callable[[], bytes]) -> None:
        self.kinds = kinds
        self._heartbeat = heartbeat
        # Each at its own time: many at once would hold everyone else up.
        self._silence_s = HEARTBEAT_S * jitter(0.6, 0.9)
        self.waiting: deque[bytes] = deque()
        self.changed = asyncio.Event()
        self.overflown = False
        #: Whether something was sent after the last id to go on from.
        self._behind = False

    def put(self, messages: Iterable[EncodedChange]) -> None:
        """Queue what this one wants; beyond the bound its stream ends."""
        if self.overflown:
            return
        wanted = [each.data for each in messages if each.kind in self.kinds]
        self.waiting.extend(wanted)
        self._behind = self._behind or bool(wanted)
        if len(self.waiting) > MAX_WAITING:
            self.overflown = True
            self.waiting.clear()
        self.changed.set()

    def settle(self, revision: int) -> None:
        """Send the stream the id that it can go on from, with the last message if that waits."""
        if not self._behind or self.overflown:
            return
        self._behind = False
        mark = b"id: %d\n" % revision
        self.waiting.append(mark + (self.waiting.pop() if self.waiting else b"\n"))
        self.changed.set()

    async def take(self) -> bytes:
        """Wait for messages and return all that there are; b"" when there were too many.

        When none come for long, returns a heartbeat.
        """
        try:
            async with asyncio.timeout(self._silence_s):
                while not self.waiting and not self.overflown:
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            if not self.waiting and not self.overflown:
                return self._heartbeat()
        data = b"".join(self.waiting)
        self.waiting.clear()
        return data


class WatchHub:
    """All watchers, and the loops that render for them while there are any."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._watchers: set[Subscriber] = set()
        self._changes: deque[Change] = deque()
        self._wakeup = Wakeup()
        #: What may have changed because something else did.
        self._touched: dict[Name, None] = {}
        self._touch = Wakeup()
        #: What was sent last of such objects, so that nothing is sent twice.
        self._sent: dict[Name, bytes] = {}
        #: Everything up to this revision was sent.
        self._position = 0
        #: And up to this one what is computed was sent, too: a stream can go on from it.
        self._settled = 0
        self._publishing_touched = False
        self._loops: list[asyncio.Task[None]] = []
        self._unlisten: Callable[[], None] = lambda: None

    def follow(self, since: int | None, kinds: frozenset[str]) -> AsyncGenerator[bytes, None]:
        """Begin a stream after a revision, or now; raises Resync when that is not known."""
        if since is not None:
            self._services.store.feed.check_known(since)
        return self._follow(since, kinds=kinds)

    async def _follow(
        self, since: int | None, *, kinds: frozenset[str]
    ) -> AsyncGenerator[bytes, None]:
        # From here on the watcher hears of all that comes; what was before is read after that.
        watcher = self._add(Subscriber(kinds, heartbeat=self._render_heartbeat))
        try:
            begun = self._position
            start = begun if since is None else since
            past = self._services.store.feed.changes_since(start) if start < begun else []
            yield _render_begin(start)
            older = [change for change in past if change.revision <= begun]
            async for messages in self._render_past(older):
                yield b"".join(each.data for each in messages if each.kind in kinds)
            if older:
                yield b"id: %d\n\n" % older[-1].revision
            while data := await watcher.take():
                yield data
            message = f"more than {MAX_WAITING} changes waited: read everything again"
            yield render_problem_message(message, code="resync")
        finally:
            self._remove(watcher)

    async def _render_past(self, past: list[Change]) -> AsyncGenerator[list[EncodedChange], None]:
        touched: dict[Name, None] = {}
        for start in range(0, len(past), SLICE):
            part = past[start : start + SLICE]
            yield self._render(part, touched)
            await asyncio.sleep(0)
        for name in touched:
            current = current_object(self._services, name)
            if current is not None:
                data = encode_object(current, revision=past[-1].revision)
                yield [EncodedChange(name[0], render_message(data))]

    def _add(self, watcher: Subscriber) -> Subscriber:
        store = self._services.store
        if not self._watchers:
            self._position = self._settled = store.memory.revision
            self._unlisten = store.feed.listen(self._hear)
            self._loops = [
                self._start("watch", self._publish_changes, wakeup=self._wakeup),
                self._start("watch: computed", self._publish_touched, wakeup=self._touch),
            ]
        self._watchers.add(watcher)
        return watcher

    def _start(self, name: str, one_pass: Pass, *, wakeup: Wakeup) -> asyncio.Task[None]:
        loop = run_loop(
            name, one_pass, wakeup=wakeup, resync_s=lambda: HEARTBEAT_S, clock=self._services.clock
        )
        return asyncio.create_task(loop, name=name)

    def _remove(self, watcher: Subscriber) -> None:
        self._watchers.discard(watcher)
        if self._watchers:
            return
        self._unlisten()
        for loop in self._loops:
            loop.cancel()
        self._loops = []
        for kept in (self._changes, self._touched, self._sent):
            kept.clear()

    def _hear(self, changes: list[Change]) -> None:
        self._changes.extend(changes)
        self._wakeup.set()

    async def _publish_changes(self) -> str:
        """Send what the feed published."""
        while self._changes:
            part = [self._changes.popleft() for _ in range(min(SLICE, len(self._changes)))]
            messages = self._render(part, self._touched)
            self._position = part[-1].revision
            self._publish(messages)
            if self._touched:
                self._touch.set()
            elif not self._publishing_touched:
                self._settle(self._position)
            await asyncio.sleep(0)
        return ""

    async def _publish_touched(self) -> str:
        """Send computed objects that are not as they were sent last, then rest a while."""
        touched, self._touched, position = self._touched, {}, self._position
        self._publishing_touched = True
        try:
            await self._publish_each(touched)
        finally:
            self._publishing_touched = False
        self._settle(position)
        if touched:
            await asyncio.sleep(COMPUTED_S)
        return ""

    async def _publish_each(self, touched: Iterable[Name]) -> None:
        for name in touched:
            current = current_object(self._services, name)
            shown = b"" if current is None else encode(current.object)
            if current is not None and self._sent.get(name) != shown:
                self._sent[name] = shown
                data = encode_object(current, revision=self._services.store.memory.revision)
                self._publish([EncodedChange(name[0], render_message(data))])
            elif current is None:
                self._sent.pop(name, None)
            await asyncio.sleep(0)

    def _render_heartbeat(self) -> bytes:
        return b": heartbeat\nid: %d\n\n" % self._settled

    def _settle(self, revision: int) -> None:
        self._settled = revision
        for watcher in self._watchers:
            watcher.settle(revision)

    def _publish(self, messages: list[EncodedChange]) -> None:
        for watcher in self._watchers:
            watcher.put(messages)

    def _render(self, changes: Iterable[Change], touched: dict[Name, None]) -> list[EncodedChange]:
        """Encode changes, each once."""
        messages = []
        for change in changes:
            objects = objects_of(self._services, change)
            touched |= dict.fromkeys(dependents_of(self._services, change))
            for each in objects:
                self._sent.pop((each.kind, each.id), None)  # it is not as it was sent last
                data = encode_object(each, revision=change.revision)
                messages.append(EncodedChange(each.kind, render_message(data)))
        return messages


def _render_begin(revision: int) -> bytes:
    data = encode({"revision": revision})
    return render_message(data, event="begin", message_id=str(revision))
