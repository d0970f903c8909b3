"""What a request writes along with its changes, in the same transaction."""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TypeVar

from berth.runtime.aio import Steps
from berth.store.draft import Draft

T = TypeVar("T")

#: Writes something of its own into the draft of a command that changed anything.
Rider = Callable[[Draft], None]

_rider: ContextVar[Rider | None] = ContextVar("rider", default=None)


@contextlib.contextmanager
def riding(rider: Rider) -> Iterator[None]:
    """Let the commands of what runs inside write this, too."""
    token = _rider.set(rider)
    try:
        yield
    finally:
        _rider.reset(token)


def with_rider(command: Callable[[Draft], T]) -> Callable[[Draft], T]:
    """Return the command with the rider of who asks; the command itself when there is none."""
    rider = _rider.get()
    if rider is None:
        return command

    def run_both(draft: Draft) -> T:
        value = command(draft)
        _ride(rider, draft)
        return value

    return run_both


def with_rider_in_steps(command: Callable[[Draft], Steps[T]]) -> Callable[[Draft], Steps[T]]:
    """Return a command of steps with the rider of who asks."""
    rider = _rider.get()

    def run_both(draft: Draft) -> Steps[T]:
        value = yield from command(draft)
        if rider is not None:
            _ride(rider, draft)
        return value

    return run_both


def _ride(rider: Rider, draft: Draft) -> None:
    if any(overlay.changed for overlay in draft.tables().values()):
        rider(draft)
