"""The assignment set on disk, so that a host keeps its containers without a manager."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

import msgspec

from berth.agent.data_directory import DataDirectory
from berth.agent.local.attempt import AttemptState
from berth.agent.local.desired import Obeyed
from berth.domain.ids import AssignmentId
from berth.domain.settings import Settings, settings_from
from berth.domain.states import Attempt
from berth.protocol.messages import AgentAssignment
from berth.runtime.clock import Clock
from berth.runtime.complaint import Complaint
from berth.runtime.files import write_private
from berth.runtime.loop import Wakeup, run_loop

log = logging.getLogger(__name__)

T = TypeVar("T")

FILE = "assignments.msgpack"

#: Writes follow each other after this at the earliest; none is waited for.
PAUSE_S = 0.5
#: Wait before what could not be written is tried again.
RETRY_S = 10.0
#: Writes of much follow each other so late that no more than this is written per second.
BYTES_PER_S = 256 * 1024


class SavedAttempt(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of an attempt must outlive the agent."""

    attempt: int
    ran: bool = False
    exit_code: int | None = None
    bad_ends: int = 0


class SavedState(msgspec.Struct, frozen=True, kw_only=True):
    """Content of the file."""

    obeyed: Obeyed
    settings: Settings
    assignments: tuple[AgentAssignment, ...] = ()
    attempts: dict[AssignmentId, SavedAttempt] = {}


class _Parts(msgspec.Struct, frozen=True, kw_only=True):
    """Content of the file, whose parts are read one by one."""

    obeyed: Obeyed
    settings: dict[str, object]
    assignments: tuple[msgspec.Raw, ...] = ()
    attempts: dict[AssignmentId, msgspec.Raw] = {}


def load(directory: DataDirectory) -> SavedState | None:
    """Read the file; none when there is none, or when it cannot be read.

    An unreadable one costs no container: what is not named by a set is left alone until the
    manager has sent one. The same goes for an assignment that another version wrote in a way that
    this one cannot read, and costs the others nothing.
    """
    parts = read_saved(directory, FILE, kind=_Parts)
    if parts is None:
        return None
    settings, refused = settings_from(parts.settings)
    for reason in refused:
        log.warning("a saved setting is not used: %s", reason)
    assignments = [_read_part(each, AgentAssignment) for each in parts.assignments]
    attempts = {key: _read_part(each, SavedAttempt) for key, each in parts.attempts.items()}
    return SavedState(
        obeyed=parts.obeyed,
        settings=settings,
        assignments=tuple(each for each in assignments if each is not None),
        attempts={key: each for key, each in attempts.items() if each is not None},
    )


def _read_part(content: msgspec.Raw, kind: type[T]) -> T | None:
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except msgspec.MsgspecError as exc:
        log.error("a part of %s cannot be read and waits for the manager: %s", FILE, exc)
        return None


def read_saved(directory: DataDirectory, name: str, *, kind: type[T]) -> T | None:
    """Read a file that a ``StateWriter`` wrote; none when there is none, or when it cannot be read."""
    path = directory.path / name
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as exc:
        log.error("%s cannot be read and is left aside until the manager sends it again: %s",
                  path, exc)  # fmt: skip
        return None


def attempts_to_save(
    attempts: dict[AssignmentId, AttemptState],
) -> dict[AssignmentId, SavedAttempt]:
    """Return what of the attempts must outlive the agent."""
    return {
        key: SavedAttempt(state.attempt, state.ran, state.exit_code, state.bad_ends)
        for key, state in attempts.items()
    }


def attempts_from_saved(saved: SavedState) -> dict[AssignmentId, AttemptState]:
    """Return attempts to go on from: each is over, unless its container is found running.

    One that has run counts as run for a run-once service alone.
    """
    once = {one.id for one in saved.assignments if not one.spec.restart}
    return {
        key: AttemptState(
            attempt=kept.attempt,
            state=Attempt.ENDED,
            ran=kept.ran and key in once,
            exit_code=kept.exit_code,
            bad_ends=kept.bad_ends,
        )
        for key, kept in saved.attempts.items()
    }


class StateWriter:
    """Writes a file of the agent some time after its content changed, in a thread.

    Many changes in a row become one write.
    """

    def __init__(
        self,
        directory: DataDirectory,
        clock: Clock,
        *,
        content: Callable[[], msgspec.Struct | None],
        changed: Wakeup,
        file: str = FILE,
    ) -> None:
        """``content`` returns none before there is anything to write; ``changed`` asks for a write."""
        self._file = file
        self._directory = directory
        self._clock = clock
        self._content = content
        self._wakeup = changed
        self._complaint = Complaint(log, clock)
        self._written = b""
        self._writing = threading.Lock()

    async def run(self) -> None:
        """Write for ever; a failure is logged and tried again."""
        await run_loop(
            f"saving {self._file}",
            self._write_and_pause,
            wakeup=self._wakeup,
            resync_s=lambda: 3600.0,
            clock=self._clock,
        )

    async def write(self) -> str:
        """Write the content if it differs from what is on the disk."""
        content = self._encode()
        if content != self._written:
            try:
                await asyncio.to_thread(self._write, content)
            except OSError as exc:
                self._complaint.log_once(
                    f"{self._file} cannot be saved and is tried again ({exc.strerror or exc}): should "
                    "this agent start again now, it waits for the manager to know what is wanted"
                )
                await self._clock.sleep(RETRY_S)
                self._wakeup.set()
            else:
                self._complaint.log_end(f"{self._file} is saved again")
        return ""

    async def _write_and_pause(self) -> str:
        await self.write()
        await self._clock.sleep(max(PAUSE_S, len(self._written) / BYTES_PER_S))
        return ""

    def _encode(self) -> bytes:
        content = self._content()
        return msgspec.msgpack.encode(content) if content is not None else b""

    def save_now(self) -> None:
        """Write what is not on the disk yet; for the end of the agent."""
        content = self._encode()
        if content != self._written:
            try:
                self._write(content)
            except OSError as exc:
                log.error("%s was not saved: %s", self._file, exc)

    def _write(self, content: bytes) -> None:
        with self._writing:
            write_private(self._directory.path / self._file, content)
            self._written = content
