"""What a manager's data has seen: it shows data that was brought back from a copy.

Epochs and revisions only grow, on data from a copy too, so they do not show it. Each start of a
manager therefore draws a random id, and each change of assignments has a mark: the id of the
start that made it, and its number. The data keeps for each start the highest number. An agent keeps
the mark of what it obeyed last, and obeys only a manager whose data holds that mark.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec

StartId = Annotated[str, msgspec.Meta(max_length=64)]


class ChangeMark(msgspec.Struct, frozen=True, omit_defaults=True):
    """A change of assignments; the default stands for none at all."""

    #: Random id of the manager's start that made the change.
    start: StartId = ""
    #: Counts the changes of the instance from 1, over all starts.
    number: Annotated[int, msgspec.Meta(ge=0, le=2**60)] = 0

    def __bool__(self) -> bool:
        return bool(self.start)


class Lineage:
    """The marks that the data holds."""

    def __init__(self, start: str, through: Mapping[str, int] | None = None) -> None:
        """``through`` has the highest number of each earlier start that changed assignments."""
        self._start = start
        self._through = dict(through or {})
        newest = max(self._through, key=self._through.__getitem__, default="")
        #: The newest change.
        self.mark = ChangeMark(newest, self._through.get(newest, 0))

    def next_mark(self) -> ChangeMark:
        """Return the mark of the next change; it is not held before ``take``."""
        return ChangeMark(self._start, self.mark.number + 1)

    def take(self, mark: ChangeMark) -> None:
        """Hold a mark that is durable now."""
        self.mark = mark
        self._through[mark.start] = mark.number

    def find(self, start: str) -> ChangeMark:
        """Return the newest mark of a start, or none when the data does not know the start."""
        number = self._through.get(start, 0)
        return ChangeMark(start, number) if number else ChangeMark()


def holds(known: ChangeMark, obeyed: ChangeMark) -> bool:
    """Return whether data holds a change, from what it knows of the change's start."""
    return not obeyed or (known.start == obeyed.start and known.number >= obeyed.number)
