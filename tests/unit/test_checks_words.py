"""Names, docstrings, broad excepts and test places are judged as the rules say."""

import pytest

from script.checks.docstrings import check_docstrings
from script.checks.excepts import check_excepts
from script.checks.findings import Finding
from script.checks.names import check_names
from script.checks.places import check_places
from script.checks.tree import Tree


def docstrings_missing(text: str, **more: str) -> list[str]:
    files = {"src/berth/a.py": text} | {f"src/berth/{name}.py": body for name, body in more.items()}
    return [finding.name for finding in check_docstrings(Tree(files))]


def excepts_in(clause: str) -> list[str]:
    text = f"class A:\n    def f(self):\n        try:\n            g()\n        {clause}\n"
    return [finding.rule for finding in check_excepts(Tree({"src/berth/a.py": text}))]


@pytest.mark.parametrize(
    "path",
    [
        "src/berth/store/helpers.py",
        "src/berth/utils/clock.py",
        "src/berth/api/ws_handler.py",
        "console/src/miscStuff.tsx",
        "tests/testbed/util.py",
    ],
)
def test_a_module_with_an_empty_name_is_found(path: str):
    assert [f.rule for f in check_names(Tree({path: ""}))] == ["module-name"]


def test_words_that_only_contain_an_empty_name_are_fine():
    paths = ["src/berth/utility_rates.py", "src/berth/promiscuous.py", "docs/helpers.md"]
    assert list(check_names(Tree(dict.fromkeys(paths, "")))) == []


def test_a_function_named_process_or_do_is_found():
    text = "def process_events(): ...\nclass A:\n    async def _do_it(self): ...\ndef done(): ...\n"
    found = [f.name for f in check_names(Tree({"src/berth/a.py": text}))]
    assert found == ["process_events", "A._do_it"]


def test_a_property_may_be_called_process_id():
    text = "class A:\n    @property\n    def process_id(self): ...\n"
    assert list(check_names(Tree({"src/berth/a.py": text}))) == []


def test_everything_public_needs_a_docstring():
    text = "class A:\n    def f(self): ...\nasync def g(): ...\n"
    assert docstrings_missing(text) == ["", "A", "A.f", "g"]


def test_what_is_private_nested_or_pythons_own_needs_none():
    text = (
        '"""Subject."""\n'
        "class _A:\n    def f(self): ...\n"
        'class B:\n    """B."""\n    def __len__(self): ...\n    def _f(self): ...\n'
        'def g():\n    """Give."""\n    def inner(): ...\n'
    )
    assert docstrings_missing(text) == []


def test_a_method_that_repeats_a_protocols_needs_none():
    protocol = (
        '"""P."""\nclass Clock(Protocol):\n    """C."""\n    def now(self):\n        """Now."""\n'
    )
    text = (
        '"""S."""\nclass System:\n    """S."""\n    def now(self): ...\n    def then(self): ...\n'
    )
    assert docstrings_missing(text, clock=protocol) == ["System.then"]


def test_a_method_that_overrides_a_documented_one_needs_none():
    base = '"""B."""\nclass Base:\n    """B."""\n    def f(self):\n        """Do."""\n'
    text = '"""S."""\nclass A(base.Base):\n    """A."""\n    def f(self): ...\n'
    other = '"""S."""\nclass A:\n    """A."""\n    def f(self): ...\n'
    assert docstrings_missing(text, base=base) == []
    assert docstrings_missing(other, base=base) == ["A.f"]


@pytest.mark.parametrize(
    "clause",
    [
        "except Exception:\n            log.exception('x')",
        "except (ValueError, BaseException) as e:\n            log.error('%s', e)",
        "except:\n            log.warning('x')",
    ],
)
def test_catching_everything_is_found(clause: str):
    assert excepts_in(clause) == ["broad-except"]


def test_catching_everything_in_silence_is_found_twice():
    assert excepts_in("except Exception:\n            return 1") == [
        "broad-except",
        "silent-except",
    ]


def test_cleaning_up_and_raising_again_is_fine():
    assert excepts_in("except BaseException:\n            close()\n            raise") == []
    assert excepts_in("except ValueError:\n            pass") == []


def test_a_broad_except_is_named_after_its_function():
    text = (
        "class A:\n    def f(self):\n        try: g()\n        except Exception: log.error('x')\n"
    )
    found = list(check_excepts(Tree({"src/berth/a.py": text})))
    assert [finding.where for finding in found] == ["src/berth/a.py::A.f"]


def test_a_test_file_outside_the_folders_of_the_stages_is_found():
    paths = ["tests/test_a.py", "src/berth/test_b.py", "tests/testbed/test_c.py"]
    found: list[Finding] = list(check_places(Tree(dict.fromkeys(paths, ""))))
    assert {finding.path for finding in found} == set(paths)


def test_a_test_file_in_its_folder_is_fine():
    paths = ["tests/unit/test_a.py", "tests/e2e/console/test_b.py", "tests/testbed/images.py"]
    assert list(check_places(Tree(dict.fromkeys(paths, "")))) == []


def test_a_test_file_that_pytest_would_not_collect_is_found():
    assert [f.rule for f in check_places(Tree({"tests/unit/a_test.py": ""}))] == ["test-name"]
