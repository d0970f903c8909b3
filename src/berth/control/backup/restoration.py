"""A restore under way: what was checked before, what is asked for, and what was left out so far."""

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from berth.control.backup.file import BackupData, DeploymentItem
from berth.control.definitions.lifecycle import CheckedContent
from berth.control.definitions.texts import GivenText, Text
from berth.domain.ids import TaskId
from berth.domain.origin import Origin
from berth.domain.states import Subtype
from berth.store.draft import Draft

Mode = Literal["merge", "replace"]


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was checked outside the writer, its secrets encrypted with our own key."""

    data: BackupData
    #: The texts of stored services and stacks.
    contents: Mapping[tuple[Subtype, str], CheckedContent]
    #: The texts of deployments.
    texts: Mapping[GivenText, Text]
    #: Ciphertexts by the ids that the backup has.
    passwords: Mapping[str, str]
    tokens: Mapping[str, str]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How to restore."""

    mode: Mode = "merge"
    #: Start those deployments that ran when the backup was made.
    start: bool = False
    #: One for each deployment of the backup.
    task_ids: tuple[TaskId, ...]


class Left(msgspec.Struct, frozen=True):
    """Something of a backup that was not restored, and why."""

    kind: str
    id: str
    reason: str


class Restoration:
    """One restore in its draft."""

    def __init__(self, draft: Draft, prepared: Prepared, *, wish: Wish, origin: Origin) -> None:
        self.draft = draft
        self.prepared = prepared
        self.wish = wish
        self.origin = origin
        #: What was left out so far, by kind and id.
        self.skipped: dict[tuple[str, str], Left] = {}
        self._task_ids: Iterator[TaskId] = iter(wish.task_ids)

    def next_origin(self) -> Origin:
        """Return who asks for the next deployment, with the id of its task."""
        return msgspec.structs.replace(self.origin, task_id=next(self._task_ids))


def given_text(item: DeploymentItem) -> GivenText:
    """Return the text of a deployment as a request names it."""
    return GivenText(
        content=item.content,
        service_id=item.service_id,
        service_name=item.service_name,
        subtype=item.subtype,
    )
