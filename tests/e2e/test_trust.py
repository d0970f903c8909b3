"""Whom agents obey: the wrong manager, an old one and a forgotten host cost no container."""

from __future__ import annotations

import shutil

import pytest

from berthbed import BerthBed
from e2e.looking import SOON, on_engines, settle_state, wait_logged, wait_status


def test_a_manager_with_an_empty_data_directory_removes_nothing(own_berth: BerthBed) -> None:
    before = three_running(own_berth)
    replace_manager(own_berth, keep=())
    wait_refused(own_berth)
    assert on_engines(own_berth, "kept", running=False) == before


def test_a_foreign_manager_with_the_right_certificate_removes_nothing(own_berth: BerthBed) -> None:
    before = three_running(own_berth)
    replace_manager(own_berth, keep=("tls", "join-token"))
    wait_refused(own_berth)
    assert on_engines(own_berth, "kept", running=False) == before


@pytest.mark.slow
def test_the_right_manager_is_obeyed_again_after_a_wrong_one(own_berth: BerthBed) -> None:
    before = three_running(own_berth)
    right = own_berth.data
    replace_manager(own_berth, keep=("tls",))
    wait_refused(own_berth)
    own_berth.manager.terminate()
    own_berth.data = right
    own_berth.forget_login()
    own_berth.start()
    settle_state(own_berth, "kept", replicas=3)
    assert on_engines(own_berth, "kept", running=False) == before


def test_a_restored_manager_removes_nothing_until_an_operator_confirms_it(
    own_berth: BerthBed,
) -> None:
    berth = own_berth
    shutil.copytree(berth.data, berth.folder / "backup")  # as a nightly copy does: while it runs
    before = three_running(berth)
    berth.manager.terminate()
    berth.data = berth.folder / "backup"
    berth.forget_login()
    berth.start_manager()
    for name in ("h1", "h2"):
        wait_status(berth, "host_held", word=name)
    assert on_engines(berth, "kept", running=False) == before
    for name in ("h1", "h2"):
        berth.api.post(f"/api/v2/hosts/{name}/confirm")
    berth.wait_until(
        lambda: not on_engines(berth, "kept", running=False), SOON, what="surplus to go"
    )


def three_running(berth: BerthBed) -> list[str]:
    """Run three containers and return their ids."""
    berth.deploy("kept", replicas=3)
    settle_state(berth, "kept", replicas=3)
    return on_engines(berth, "kept")


def replace_manager(berth: BerthBed, *, keep: tuple[str, ...]) -> None:
    """Start another manager at the same address; `keep` names files that it takes over."""
    berth.manager.terminate()
    old, berth.data = berth.data, berth.folder / "other-manager"
    berth.data.mkdir(mode=0o700)
    for name in keep:
        if (old / name).is_dir():
            shutil.copytree(old / name, berth.data / name)
        elif (old / name).exists():
            shutil.copy2(old / name, berth.data / name)
    berth.forget_login()
    berth.start_manager()


def wait_refused(berth: BerthBed) -> None:
    """Wait until every agent has tried the other manager and said that it is not obeyed."""
    words = ("does not know this host", "certificate", "another instance")
    for agent in berth.agents:
        wait_logged(berth, agent, words=words)
