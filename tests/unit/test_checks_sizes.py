"""Sizes of files, functions and parameter lists are measured as the rule says."""

import ast

from script.checks.sizes import check_sizes, count_body_lines
from script.checks.tree import Tree


def rules_broken_by(text: str, path: str = "tests/a.py") -> set[str]:
    return {finding.rule for finding in check_sizes(Tree({path: text}))}


def a_function(lines: int, *, docstring_lines: int = 0, head: str = "def f()") -> str:
    doc = (
        '    """Do.\n' + "    more\n" * (docstring_lines - 2) + '    """\n'
        if docstring_lines
        else ""
    )
    return f"{head}:\n{doc}" + "    x = 1\n" * lines


def body_lines(text: str) -> int:
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)
    return count_body_lines(node)


def test_a_file_of_500_lines_is_the_largest():
    assert rules_broken_by("x = 1\n" * 500) == set()
    assert rules_broken_by("x = 1\n" * 501) == {"file-lines"}


def test_a_tsx_file_of_250_lines_is_the_largest():
    assert rules_broken_by("x\n" * 250, "console/src/App.tsx") == set()
    assert rules_broken_by("x\n" * 251, "console/src/App.tsx") == {"tsx-lines"}


def test_a_body_is_counted_without_its_docstring():
    assert body_lines(a_function(60, docstring_lines=40)) == 60
    assert body_lines('def f():\n    """Nothing else."""\n') == 0


def test_a_body_of_60_lines_is_the_largest():
    assert rules_broken_by(a_function(60)) == set()
    assert rules_broken_by(a_function(61)) == {"function-lines"}


def test_a_method_is_found_under_its_qualified_name():
    text = "class A:\n" + "".join(
        f"    {line}\n" for line in a_function(61, head="def f(self)").splitlines()
    )
    assert [finding.where for finding in check_sizes(Tree({"tests/a.py": text}))] == [
        "tests/a.py::A.f"
    ]


def test_six_parameters_are_the_most_and_self_does_not_count():
    assert rules_broken_by("def f(a, b, *, c, d, e, f): ...") == set()
    assert rules_broken_by("def f(a, b, *, c, d, e, f, g): ...") == {"parameters"}
    assert rules_broken_by("class A:\n    def f(self, a, b, *, c, d, e, f): ...") == set()


def test_parameters_past_two_are_keyword_only():
    assert rules_broken_by("def f(a, b): ...") == set()
    assert rules_broken_by("def f(a, b, c): ...") == {"positional-parameters"}
    assert rules_broken_by("class A:\n    def __init__(self, a, b, c): ...") == {
        "positional-parameters"
    }
    assert rules_broken_by("class A:\n    @staticmethod\n    def f(a, b, c): ...") == {
        "positional-parameters"
    }


def test_functions_that_are_called_by_name_may_take_more_positional_parameters():
    assert rules_broken_by("@router.get('/x')\nasync def f(a, b, c): ...") == set()
    assert rules_broken_by("def test_it(a, b, c): ...") == set()
    assert rules_broken_by("class A:\n    def __exit__(self, a, b, c): ...") == set()


def test_85_percent_of_the_shipped_files_have_fewer_than_300_lines():
    small = {f"src/berth/s{n}.py": "x = 1\n" for n in range(17)}
    large = {f"src/berth/l{n}.py": "x = 1\n" * 300 for n in range(4)}
    enough = dict(list(large.items())[:3])
    assert [f.rule for f in check_sizes(Tree(small | enough))] == []
    assert [f.rule for f in check_sizes(Tree(small | large))] == ["file-share"]


def test_93_percent_of_the_shipped_functions_have_fewer_than_30_lines():
    short = {f"src/berth/s{n}.py": a_function(29) for n in range(93)}
    long = {f"src/berth/l{n}.py": a_function(30) for n in range(8)}
    enough = dict(list(long.items())[:7])
    assert [f.rule for f in check_sizes(Tree(short | enough))] == []
    assert [f.rule for f in check_sizes(Tree(short | long))] == ["function-share"]
