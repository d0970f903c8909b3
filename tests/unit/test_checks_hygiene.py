"""Notes to oneself, machine paths and registry hosts are found, and nothing else."""

import pytest

from script.checks.hygiene import check_hygiene, machine_paths, registry_hosts
from script.checks.tree import Tree

#: In pieces, since this file is checked too.
TO_DO, FIX_ME = "TO" + "DO", "FIX" + "ME"
PYPI, NPM = "pypi" + ".org", "registry" + ".npmjs.org"


def rules_broken_by(text: str, path: str = "docs/a.md") -> list[str]:
    return [finding.rule for finding in check_hygiene(Tree({path: text}))]


@pytest.mark.parametrize("note", [f"# {TO_DO}: later", f"{FIX_ME} this", "XX" + "X"])
def test_a_note_to_oneself_is_found(note: str):
    assert rules_broken_by(note) == ["note-to-self"]


def test_words_that_only_contain_a_note_are_fine():
    assert rules_broken_by("mas" + TO_DO + "n " + TO_DO + "S " + "XX" + "XX") == []


def test_a_finding_names_the_line():
    text = f"one\ntwo\n{TO_DO}\n"
    assert [finding.line for finding in check_hygiene(Tree({"a.py": text}))] == [3]


def test_a_path_of_this_checkout_is_found(monkeypatch, tmp_path):
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    monkeypatch.chdir(checkout)
    assert rules_broken_by(f"see {checkout}/README.md") == ["machine-path"]
    assert rules_broken_by(f"see {tmp_path}/other") == ["machine-path"]


def test_machine_paths_are_whole_paths():
    pattern = machine_paths(["/build/here"])
    assert pattern.search("cd /build/here")
    assert pattern.search("'/build/here/x'")
    assert not pattern.search("/build/hereafter")
    assert not pattern.search("$ROOT/build/here")


def test_caches_and_left_over_temporary_files_are_found():
    assert rules_broken_by("/root/" + ".cache/pip") == ["machine-path"]
    assert rules_broken_by("/tmp/" + "pytest-of-me/x") == ["machine-path"]


def test_paths_inside_containers_are_fine():
    assert rules_broken_by("volumes: [/home/app/data:/data, /root/data:/x, /tmp/x:/y]") == []


@pytest.mark.parametrize(
    "text",
    [
        f"https://{PYPI}/project/x",
        f"https://files.{'python' + 'hosted.org'}/x.whl",
        f'"resolved"{":"} "https://{NPM}/x.tgz"',
        "http://10.0.0.1:3141/root/" + "simple",
    ],
)
def test_a_registry_host_is_found(text: str):
    assert set(rules_broken_by(text)) == {"registry-host"}


def test_the_registry_that_this_machine_uses_is_found():
    environment = {"PIP_INDEX_URL": "https://mirror.example.test/py", "HOME": "https://home.test"}
    pattern = registry_hosts(environment)
    assert pattern.search("from mirror.example.test")
    assert not pattern.search("home.test")


def test_the_registries_of_container_images_are_fine():
    assert rules_broken_by("index.docker.io/library/nginx") == []


@pytest.mark.parametrize(
    "line", ["--index-url https://a.test/", "--find-links /x", "-i x", "a @ file:///x"]
)
def test_a_lock_file_that_says_where_packages_come_from_is_found(line: str):
    assert "registry-option" in rules_broken_by(f"a==1\n{line}\n", "requirements/run.txt")


def test_a_plain_lock_file_is_fine():
    assert rules_broken_by("a==1\nb[c]==2\n", "requirements/run.txt") == []
