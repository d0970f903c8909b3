"""How far a change of a deployment is, from what the watch tells: values in, lines out."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from berth.cli.screen.table import cut
from berth.cli.screen.words import many
from berth.client import Change
from berth.client.records.workloads import Container, Deployment, SlotItem, Task

#: A service with more slots is shown in numbers.
MAX_CELLS = 48

#: With more services only those that move are shown.
MAX_SERVICES = 12

#: Cells of a slot, in the order in which they are drawn.
NEW, DONE, STARTING, FAILING, OLD, WAITING = "■", "✓", "◪", "◆", "□", "⬚"
ORDER = NEW + DONE + STARTING + FAILING + OLD + WAITING

#: What is followed.
KINDS = ("deployment", "container", "slot", "task")

_DIGITS = re.compile(r"\d+")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One service, as it is drawn."""

    service: str
    cells: str
    #: How far it is: ``4 of 6 new``.
    summary: str
    #: What the slot that needs most attention says.
    says: str
    complete: bool

    @property
    def picture(self) -> str:
        """The slots as cells, while they are few enough."""
        return self.cells if len(self.cells) <= MAX_CELLS else ""


class Rollout:
    """A deployment while a task brings it where it should be."""

    def __init__(self, deployment: Deployment, *, began_at: float) -> None:
        self.deployment = deployment
        self.began_at = began_at
        self.task: Task | None = None
        #: The task that is waited for; one that follows it, such as a return, is another.
        self.task_id = deployment.task_id
        self._containers: dict[str, Container] = {}
        self._waiting: dict[str, SlotItem] = {}
        self._told: dict[str, str] = {}

    def load(
        self,
        deployment: Deployment,
        containers: Iterable[Container],
        *,
        waiting: Iterable[SlotItem],
        task: Task | None,
    ) -> None:
        """Take everything as it is now."""
        self.deployment = deployment
        self._containers = {each.id or each.container_name: each for each in containers}
        self._waiting = {each.id: each for each in waiting}
        self.task = task or self.task

    def take(self, change: Change) -> bool:
        """Take a change, and tell whether it was about this deployment."""
        if change.kind == "task":
            return change.id == self.task_id and self._take_task(change)
        if change.kind == "deployment":
            return change.id == self.deployment.deployment_id and self._take_deployment(change)
        if change.kind == "container":
            return self._take_member(change, self._containers, kind=Container)
        if change.kind == "slot":
            return self._take_member(change, self._waiting, kind=SlotItem)
        return False

    def _take_task(self, change: Change) -> bool:
        if change.object is not None:
            self.task = msgspec.convert(change.object, Task)
        return True

    def _take_deployment(self, change: Change) -> bool:
        if change.object is not None:
            self.deployment = msgspec.convert(change.object, Deployment)
        return True

    def _take_member(self, change: Change, members: dict[str, Any], *, kind: Any) -> bool:
        if change.object is None:
            return members.pop(change.id, None) is not None
        member = msgspec.convert(change.object, kind)
        if member.deployment_id != self.deployment.deployment_id:
            return False
        members[change.id] = member
        return True

    @property
    def stopping(self) -> bool:
        """Whether its containers are to go."""
        return self.deployment.desired_state == 0

    @property
    def waiting(self) -> list[SlotItem]:
        """The slots that no host takes."""
        return list(self._waiting.values())

    def failing(self) -> Container | None:
        """Return the container that fails most, if any does."""
        bad = [each for each in self._containers.values() if each.failures or _is_bad(each)]
        return max(bad, key=lambda each: each.failures, default=None)

    def lines(self) -> list[Line]:
        """Return a line for each service."""
        return [self._line(service) for service in self._services()]

    def _services(self) -> list[str]:
        known = list(self.deployment.quantities)
        others = {each.service_id for each in self._containers.values()} - {*known}
        return [*known, *sorted(others)]

    def _line(self, service: str) -> Line:
        rows = [each for each in self._containers.values() if each.service_id == service]
        waiting = [each for each in self._waiting.values() if each.service_id == service]
        slots = {row.service_slot for row in rows} | {slot.service_slot for slot in waiting}
        cells = [_cell([r for r in rows if r.service_slot == slot]) for slot in slots]
        picture = "".join(sorted(cells, key=ORDER.index))
        if self.stopping:
            summary = f"{many(len(rows), 'container')} left" if rows else "stopped"
            return Line(service=service, cells=picture, summary=summary, says="", complete=not rows)
        ready, count = sum(cell in NEW + DONE for cell in cells), len(cells)
        word = "new" if OLD in picture or STARTING in picture else "ready"
        return Line(
            service=service,
            cells=picture,
            summary=f"{ready} of {count} {word}",
            says=_speak(rows, waiting),
            complete=ready == count,
        )

    def screen(self, *, now: float, width: int) -> list[str]:
        """Return the lines of a terminal, none of them wider than it is."""
        lines = self.lines()
        shown = lines
        if len(lines) > MAX_SERVICES:
            shown = [line for line in lines if not line.complete][:MAX_SERVICES]
        wide = max((len(line.service) for line in shown), default=0)
        text = [
            f"{line.service:<{wide}}  {line.picture}  {line.summary}   {line.says}".rstrip()
            for line in shown
        ]
        if len(shown) < len(lines):
            text.append(f"{many(len(lines) - len(shown), 'other service')}")
        minutes, seconds = divmod(int(now - self.began_at), 60)
        percent = f"  {self.task.percent} %" if self.task else ""
        name = self.deployment.deployment_id
        text.append(
            f"[{minutes}:{seconds:02}]{percent}  Ctrl-C leaves it running; berth why {name}"
        )
        return [cut(line, width) for line in text]

    def news(self, *, clock: str) -> list[str]:
        """Return lines for a log: of each service that has moved since it was told last.

        Numbers that only grow, as those of a pull, are no news.
        """
        lines = []
        for line in self.lines():
            said = f"{line.service}: {line.summary}" + (f"; {line.says}" if line.says else "")
            essence = f"{line.summary} {_DIGITS.sub('', line.says)}"
            if self._told.get(line.service) != essence:
                self._told[line.service] = essence
                lines.append(f"{clock} {said}")
        return lines


def _cell(rows: list[Container]) -> str:
    """Return the cell of a slot: the first rule that holds."""
    new = [each for each in rows if each.up_to_date and each.wanted]
    if any(_is_ready(each) for each in new):
        return NEW
    if any(each.state == "Stopped" and each.exit_code == 0 for each in new):
        return DONE
    if any(each.failures or _is_bad(each) for each in new):
        return FAILING
    if any(each.container_id or each.host_id for each in new):
        return STARTING
    return OLD if any(each.container_id for each in rows) else WAITING


def _is_ready(row: Container) -> bool:
    return row.state == "Running" and row.health in ("none", "healthy", "")


def _is_bad(row: Container) -> bool:
    return row.health == "unhealthy" or bool(row.state == "Stopped" and row.exit_code)


def _speak(rows: list[Container], waiting: list[SlotItem]) -> str:
    """Return what the slot that needs most attention says: the first rule that holds."""
    for chosen in (
        [each for each in rows if each.failures or _is_bad(each)],
        [each for each in rows if each.message and each.host_id and not _is_ready(each)],
    ):
        if chosen:
            worst = max(chosen, key=lambda each: each.failures)
            again = f", attempt {worst.attempt}" if worst.failures else ""
            where = f" ({worst.hostname})" if worst.hostname else ""
            return f"{worst.service_slot}.{worst.service_id}: {worst.message}{again}{where}"
    if waiting:
        first = min(waiting, key=lambda each: each.service_slot)
        more = f" (and {len(waiting) - 1} more)" if len(waiting) > 1 else ""
        return f"{first.service_slot}.{first.service_id} waits{more}: {first.message}"
    return ""


def task_line(task: Task, *, width: int) -> str:
    """Return a task that is under way as one line."""
    done = round(task.percent / 5)
    return cut(f"{'■' * done}{'□' * (20 - done)}  {task.percent} %  {task.message}".rstrip(), width)


def summarize_reasons(slots: Iterable[SlotItem]) -> Mapping[tuple[str, str], list[SlotItem]]:
    """Return waiting slots by service and reason, so that each reason is said once."""
    grouped: dict[tuple[str, str], list[SlotItem]] = {}
    for slot in slots:
        grouped.setdefault((slot.service_id, slot.message), []).append(slot)
    return grouped
