"""What script/up makes and script/down removes: only their own, for the owner alone."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the checkout."""
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("script", ["script/up", "script/down"])
def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, script: str) -> None:
    (tmp_path / "precious").write_text("x")
    done = run(script, BERTH_DATA=str(tmp_path))
    assert done.returncode == 1
    assert str(tmp_path) in done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["precious"]


def test_the_folder_and_those_above_it_are_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    done = run(
        "bash", "-c", "umask 000; source script/data; prepare_data && prepare_data && is_ours",
        BERTH_DATA=str(folder),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [stat.S_IMODE(each.stat().st_mode) for each in (folder, folder.parent)] == [0o700] * 2


def test_what_stands_in_a_rule_of_the_network_is_not_carried_out(tmp_path: Path) -> None:
    rule = f'-A FORWARD -o docker0 -m comment --comment "a; touch {tmp_path}/bad $(id)" -j ACCEPT'
    fakes = {
        "iptables-save": f"cat <<'END'\n{rule}\n:DOCKER - [0:0]\nEND",
        "iptables": f'printf "%s|" "$@" >>{tmp_path}/said; echo >>{tmp_path}/said',
        "ip": "true",
    }
    for name, text in fakes.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{text}\n")
        (tmp_path / name).chmod(0o755)
    done = run(
        "bash", "-c", "source script/network; remove_network",
        PATH=f"{tmp_path}:{os.environ['PATH']}", data=str(tmp_path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = (tmp_path / "said").read_text().splitlines()
    deletion = f"-t|nat|-D|FORWARD|-o|docker0|-m|comment|--comment|a; touch {tmp_path}/bad $(id)|"
    assert f"{deletion}-j|ACCEPT|" in said
    assert "-t|nat|-X|DOCKER|" in said
    assert not (tmp_path / "bad").exists()
