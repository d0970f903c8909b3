"""Which manager's assignment sets this agent obeys, and what the set is now.

A wrong, empty or restored manager must not clear a host: a set that is older than what was
obeyed, or from another instance, changes nothing until an operator confirms it.
"""

from collections.abc import Iterable

import msgspec

from berth.domain.ids import AssignmentId, InstanceId
from berth.domain.lineage import ChangeMark, holds
from berth.protocol.messages import (
    AgentAssignment,
    AssignmentChange,
    AssignmentSet,
    Confirm,
    Welcome,
)
from berth.protocol.rules import MAX_PARTS

OLD_DATA = (
    "this host obeyed changes that the manager's data does not hold: the data was restored from a "
    "copy, and what was deployed since then is not in it"
)


class Obeyed(msgspec.Struct, frozen=True, kw_only=True):
    """The highest that this agent obeyed; 0, 0 before the first set."""

    instance_id: InstanceId
    epoch: int = 0
    revision: int = 0
    #: The change of assignments that it obeyed last.
    mark: ChangeMark = ChangeMark()


class SetObeyed(msgspec.Struct, frozen=True):
    """The set was obeyed: exactly these are wanted."""

    assignments: tuple[AgentAssignment, ...]


class SetPartial(msgspec.Struct, frozen=True):
    """More parts of the set follow; nothing changes before the last one."""


class ChangeObeyed(msgspec.Struct, frozen=True):
    """The change was obeyed."""

    put: tuple[AgentAssignment, ...]
    drop: tuple[AssignmentId, ...]


class ResyncNeeded(msgspec.Struct, frozen=True):
    """A full set is needed."""

    reason: str


class NotObeyed(msgspec.Struct, frozen=True):
    """Nothing changes."""

    reason: str


def judge(obeyed: Obeyed, *, instance_id: InstanceId, epoch: int, revision: int | None) -> str:
    """Return the reason not to obey, "" when there is none; the revision is none in a welcome."""
    if instance_id != obeyed.instance_id:
        return (
            f"the manager is of another instance ({instance_id}) than this host "
            f"({obeyed.instance_id})"
        )
    if epoch < obeyed.epoch:
        return (
            f"the manager is in epoch {epoch}, and this host obeyed epoch {obeyed.epoch}: "
            "it was restored from a backup, or is a copy"
        )
    # Revisions grow over the manager's starts too: a later epoch never begins at a lower one.
    if revision is not None and revision < obeyed.revision:
        return (
            f"the manager sent revision {revision}, and this host obeyed revision "
            f"{obeyed.revision} already"
        )
    return ""


class Desired:
    """What the manager wants of this host, as far as the agent obeys it."""

    def __init__(self, obeyed: Obeyed, assignments: Iterable[AgentAssignment] = ()) -> None:
        self.obeyed = obeyed
        self.assignments = {one.id: one for one in assignments}
        #: Why the agent does not obey, "" while it does.
        self.held = ""
        self._instance_id = obeyed.instance_id
        self._epoch = obeyed.epoch
        #: Why the data of the session's manager is not to be trusted, "" when it is.
        self._old_data = ""
        #: Whether a whole set came in this session, which is obeyed or held.
        self.has_set = False
        #: The last revision applied in this session; none before its full set.
        self._chain: int | None = None
        #: The parts so far of a set whose last one has not come yet, as one.
        self._half: AssignmentSet | None = None
        self._parts = 0

    def welcome(self, welcome: Welcome) -> None:
        """Judge the manager of a new session."""
        self.break_chain()
        self.has_set = False
        self._instance_id = welcome.instance_id
        self._epoch = welcome.epoch
        same_instance = welcome.instance_id == self.obeyed.instance_id
        knows_all = holds(welcome.known_mark, self.obeyed.mark)
        self._old_data = OLD_DATA if same_instance and not knows_all else ""
        self._judge(welcome.epoch, revision=None)

    def dismiss(self, instance_id: InstanceId) -> bool:
        """Want nothing any more, since the host was deleted; false when a stranger says so."""
        if instance_id != self.obeyed.instance_id:
            return False
        self.break_chain()
        self.assignments = {}
        return True

    def break_chain(self) -> None:
        """Forget how far the session is, and half a set: only a full set can follow."""
        self._chain = None
        self._half = None

    def take_set(self, part: AssignmentSet) -> SetObeyed | SetPartial | ResyncNeeded | NotObeyed:
        """Take a part of a full set, and obey the set with its last one; or hold.

        No more than one half set is kept: its first part takes the place of another.
        """
        if part.first:
            # Its parts come in a row: a change between them would not know what it applies to.
            self.break_chain()
            self._judge(min(part.epoch, self._epoch), revision=part.revision)
        if self.held:
            self.has_set = self.has_set or part.last
            return NotObeyed(self.held)
        full = self._join(part)
        if full is None:
            return ResyncNeeded("a part of a set does not follow the part before")
        if not part.last:
            self._half = full
            return SetPartial()
        self.assignments = {one.id: one for one in full.assignments}
        self._obey(full.epoch, full.revision, mark=full.mark)
        self.has_set = True
        return SetObeyed(full.assignments)

    def take_change(self, change: AssignmentChange) -> ChangeObeyed | ResyncNeeded | NotObeyed:
        """Obey a change that follows the last one, or ask for a full set."""
        if self.held:
            return NotObeyed(self.held)
        if change.epoch != self._epoch or self._chain != change.applies_to:
            return ResyncNeeded(
                f"the change applies to revision {change.applies_to} of epoch {change.epoch}, "
                f"and this host is at {self._chain} of {self._epoch}"
            )
        for assignment_id in change.drop:
            self.assignments.pop(assignment_id, None)
        for one in change.put:
            self.assignments[one.id] = one
        self._obey(change.epoch, change.results_in, mark=change.mark)
        return ChangeObeyed(change.put, change.drop)

    def confirm(self, confirm: Confirm) -> ResyncNeeded:
        """Obey this manager from now on: an operator said so."""
        self.obeyed = Obeyed(
            instance_id=self._instance_id,
            epoch=confirm.epoch,
            revision=confirm.revision,
            mark=confirm.mark,
        )
        self.held = self._old_data = ""
        self.break_chain()
        return ResyncNeeded("an operator confirmed this manager")

    def _judge(self, epoch: int, *, revision: int | None) -> None:
        self.held = self._old_data or judge(
            self.obeyed, instance_id=self._instance_id, epoch=epoch, revision=revision
        )

    def _join(self, part: AssignmentSet) -> AssignmentSet | None:
        """Put a part after those before it; none, and nothing is kept, when it does not follow."""
        half, self._half = self._half, None
        if part.first:
            self._parts = 1
            return part
        self._parts += 1
        follows = half is not None and (half.epoch, half.revision) == (part.epoch, part.revision)
        if half is None or not follows or self._parts > MAX_PARTS:
            return None
        return msgspec.structs.replace(half, assignments=half.assignments + part.assignments)

    def _obey(self, epoch: int, revision: int, *, mark: ChangeMark) -> None:
        self._chain = revision
        self._epoch = epoch
        self.obeyed = msgspec.structs.replace(
            self.obeyed, epoch=epoch, revision=revision, mark=mark
        )
