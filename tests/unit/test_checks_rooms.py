"""Rooms, nouns, names and verbs are judged as the rules say."""

import pytest

from script.checks.findings import judge_findings, parse_exemptions
from script.checks.rooms import LOOSE_MODULES, check_rooms
from script.checks.tree import Tree
from script.checks.words import check_words


def modules(folder: str, count: int) -> dict[str, str]:
    return {f"src/berth/{folder}/m{number}.py": "" for number in range(count)}


def words_in(text: str, path: str = "src/berth/a.py") -> list[tuple[str, str]]:
    return [(found.rule, found.name) for found in check_words(Tree({path: text}))]


def test_a_folder_with_too_many_loose_modules_is_found():
    found = list(check_rooms(Tree(modules("api", LOOSE_MODULES + 1))))
    assert [(f.where, f.rule) for f in found] == [("src/berth/api", "loose-modules")]


def test_a_full_room_beside_others_is_fine():
    files = modules("api", LOOSE_MODULES) | modules("api/http", LOOSE_MODULES)
    assert list(check_rooms(Tree(files | {"src/berth/api/__init__.py": ""}))) == []


def test_tests_may_stand_beside_each_other():
    files = {f"tests/unit/test_{number}.py": "" for number in range(LOOSE_MODULES + 1)}
    assert list(check_rooms(Tree(files))) == []


@pytest.mark.parametrize(
    "path", ["agent/doing.py", "api/watched.py", "control/backup_reading.py", "api/looking/a.py"]
)
def test_a_module_named_after_what_it_does_is_found(path: str):
    files = {f"src/berth/{path}": "", "src/berth/api/looking/__init__.py": ""}
    found = {f.path for f in check_words(Tree(files)) if f.rule == "module-noun"}
    assert "src/berth/api/looking/__init__.py" in found
    assert path.startswith("api/looking") or f"src/berth/{path}" in found


def test_nouns_of_the_field_are_fine():
    paths = ["src/berth/api/routing.py", "src/berth/domain/observed.py", "src/berth/a/thread.py"]
    assert list(check_words(Tree(dict.fromkeys(paths, "")))) == []


def test_the_second_class_of_a_name_is_found():
    files = {"src/berth/a.py": "class Call: ...\n", "src/berth/b.py": "class Call: ...\n"}
    assert [f.where for f in check_words(Tree(files))] == ["src/berth/b.py::Call"]


def test_private_classes_tests_and_the_client_may_share_a_name():
    files = {"src/berth/a.py": "class _Call: ...\n", "src/berth/b.py": "class _Call: ...\n"}
    files |= {"src/berth/c.py": "class Bed: ...\n", "tests/bed.py": "class Bed: ...\n"}
    files |= {"src/berth/client/c.py": "class Bed: ...\n"}
    assert list(check_words(Tree(files))) == []


def test_a_verb_with_several_meanings_is_found():
    text = "def tell_plan(): ...\nclass A:\n    async def _look_at(self): ...\ndef lookup(): ...\n"
    assert words_in(text) == [("function-verb", "tell_plan"), ("function-verb", "A._look_at")]


@pytest.mark.parametrize(
    "word", ["Give it.", "Tell whether it runs.", "Gives none.", "Tells more."]
)
def test_a_docstring_that_begins_with_a_banned_word_is_found(word: str):
    text = f'def f():\n    """{word}"""\n'
    assert words_in(text, "tests/unit/test_a.py") == [("docstring-verb", "f")]


def test_a_docstring_that_returns_is_fine():
    assert words_in('def f():\n    """Return the host that was given."""\n') == []


def test_an_exemption_may_name_several_places():
    text = '[[exemption]]\nrule = "function-verb"\nwhere = ["a.py::tell", "b.py::say"]\nreason = "'
    exemptions = parse_exemptions(text + 'until the words are one"\n')
    assert [one.where for one in exemptions] == ["a.py::tell", "b.py::say"]
    left = judge_findings([], exemptions, rules=["function-verb"])
    assert [finding.rule for finding in left] == ["stale-exemption", "stale-exemption"]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("# made " + "ane" + "w", "plain-words"),
        ("#: So " + "long a pull waits.", "plain-words"),
        ("#: To" + "ld when it ends.", "plain-words"),
        ('x = "the host be' + 'ars no tag"', "plain-words"),
        ("# " + "--- reading ---", "banner"),
    ],
)
def test_dialect_and_banners_are_found(line: str, rule: str):
    assert words_in(f"{line}\n") == [(rule, "")]


def test_words_that_contain_others_are_fine():
    assert words_in('"""Recommended."""\n\nx = 3  # amend it\n') == []
