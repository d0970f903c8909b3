"""What an agent keeps on disk."""

import asyncio
import stat
from pathlib import Path

import msgspec
import pytest

from berth.agent.data_directory import DataDirectory, Identity
from berth.agent.local.attempt import AttemptState
from berth.agent.local.desired import Obeyed
from berth.agent.local.state_file import (
    FILE,
    SavedState,
    StateWriter,
    attempts_from_saved,
    attempts_to_save,
    load,
)
from berth.domain.errors import StartupError
from berth.domain.ids import AssignmentId, HostId, InstanceId
from berth.domain.settings import Settings
from berth.domain.states import Attempt
from berth.runtime.exit_codes import Exit
from berth.runtime.loop import Wakeup
from berth.testing.builders_agent import an_assignment
from berth.testing.clock import FakeClock
from later_version import encode_later

A1 = AssignmentId("a1")


@pytest.fixture
def directory(tmp_path: Path) -> DataDirectory:
    return DataDirectory(tmp_path)


def a_saved(**members: object) -> SavedState:
    obeyed = Obeyed(instance_id=InstanceId("i"), epoch=2, revision=9)
    return SavedState(obeyed=obeyed, settings=Settings(), **members)  # type: ignore[arg-type]


def an_identity() -> Identity:
    return Identity(
        instance_id=InstanceId("i"), host_id=HostId("h"), name="one", credential="secret"
    )


def test_a_directory_serves_one_agent_at_a_time(tmp_path: Path) -> None:
    first, second = DataDirectory(tmp_path), DataDirectory(tmp_path)
    first.open()
    with pytest.raises(StartupError) as caught:
        second.open()
    assert caught.value.exit_code == Exit.HELD
    first.close()
    second.open()
    second.close()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartupError, match="not writable") as caught:
        DataDirectory(tmp_path / "file" / "agent").open()
    assert caught.value.exit_code == Exit.DATA_DIR


def test_the_identity_comes_back_and_is_private(directory: DataDirectory) -> None:
    assert directory.read_identity() is None
    directory.write_identity(an_identity())
    assert directory.read_identity() == an_identity()
    assert stat.S_IMODE((directory.path / "identity.json").stat().st_mode) == 0o600


def test_a_damaged_identity_is_no_reason_to_join_again(directory: DataDirectory) -> None:
    (directory.path / "identity.json").write_text("{")
    with pytest.raises(StartupError, match="cannot be read"):
        directory.read_identity()


def test_starts_are_counted(directory: DataDirectory) -> None:
    assert [directory.count_start(now) for now in (2.0, 2.0, 9.5, 3.0)] == [2000, 2001, 9500, 9501]


async def test_a_set_comes_back_and_is_private(directory: DataDirectory) -> None:
    saved = a_saved(assignments=(an_assignment("a1"),))
    await StateWriter(directory, FakeClock(), content=lambda: saved, changed=Wakeup()).write()
    assert load(directory) == saved
    assert stat.S_IMODE((directory.path / FILE).stat().st_mode) == 0o600


async def test_a_set_that_did_not_change_is_not_written_again(directory: DataDirectory) -> None:
    saver = StateWriter(directory, FakeClock(), content=a_saved, changed=Wakeup())
    await saver.write()
    (directory.path / FILE).unlink()
    await saver.write()
    saver.save_now()
    assert load(directory) is None


async def test_many_changes_become_few_writes(directory: DataDirectory) -> None:
    clock, asked = FakeClock(), []
    changed = Wakeup()
    saver = StateWriter(
        directory, clock, content=lambda: asked.append(1) or a_saved(), changed=changed
    )
    running = asyncio.create_task(saver.run())
    for _ in range(100):
        changed.set()
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert len(asked) <= 2


def test_a_damaged_set_is_left_aside(directory: DataDirectory) -> None:
    (directory.path / FILE).write_bytes(b"\xc1 not msgpack")
    assert load(directory) is None


def test_what_a_later_version_saved_is_read(directory: DataDirectory) -> None:
    attempts = attempts_to_save({A1: AttemptState(attempt=4, state=Attempt.RUNNING)})
    saved = a_saved(assignments=(an_assignment("a1"),), attempts=attempts)
    (directory.path / FILE).write_bytes(encode_later(saved))
    assert load(directory) == saved


def test_an_assignment_that_cannot_be_read_costs_the_others_nothing(
    directory: DataDirectory,
) -> None:
    saved = a_saved(assignments=(an_assignment("a1"), an_assignment("a2")))
    later = msgspec.to_builtins(saved)
    later["assignments"][1]["intent"] = 77
    later["settings"]["host_ttl_s"] = "soon"
    (directory.path / FILE).write_bytes(msgspec.msgpack.encode(later))
    assert load(directory) == a_saved(assignments=(an_assignment("a1"),))


def test_numbers_of_attempts_and_results_of_run_once_services_outlive_the_agent() -> None:
    once = an_assignment("a1", restart=False)
    state = AttemptState(attempt=4, state=Attempt.ENDED, ran=True, exit_code=3)
    saved = a_saved(assignments=(once,), attempts=attempts_to_save({A1: state}))
    back = attempts_from_saved(saved)[A1]
    assert (back.attempt, back.state, back.ran, back.exit_code) == (4, Attempt.ENDED, True, 3)


def test_having_run_means_nothing_for_a_service_that_is_replaced() -> None:
    state = AttemptState(attempt=4, state=Attempt.RUNNING, ran=True)
    saved = a_saved(assignments=(an_assignment("a1"),), attempts=attempts_to_save({A1: state}))
    assert attempts_from_saved(saved)[A1].ran is False
