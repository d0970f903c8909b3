"""Files and folders that are their owner's alone."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from berth.runtime.files import make_private_directory


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("open_umask")
def test_missing_folders_above_a_private_one_are_not_open_to_others(tmp_path: Path) -> None:
    make_private_directory(tmp_path / "a" / "b" / "c")
    found = [mode(tmp_path / path) for path in ("a", "a/b", "a/b/c")]
    assert found == [0o755, 0o755, 0o700]


def test_a_folder_that_exists_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    make_private_directory(tmp_path)
    assert mode(tmp_path) == 0o750


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(OSError):
        make_private_directory(tmp_path / "a" / "b")
