"""Errors of the client: one tree, and a fix for every code of the API."""

import ast
import pathlib

import pytest

import berth
from berth.client import ClientError, errors
from berth.client.fixes import EXPLAINED, FIXES, fix_of

SOURCE = pathlib.Path(berth.__file__).parent

#: Parts whose errors a caller of the API meets.
PARTS = ("api", "control", "domain/errors.py", "dispatcher")


def codes_in(path: pathlib.Path) -> set[str]:
    """Find the codes that a module gives to errors."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    named = [each for each in nodes if isinstance(each, ast.keyword) and each.arg == "code"]
    assigned = [each for each in nodes if isinstance(each, ast.Assign)]
    defaults = [each for each in assigned if ast.unparse(each.targets[0]) == "default_code"]
    return set().union(*(texts_in(each.value) for each in [*named, *defaults]))


def texts_in(node: ast.expr) -> set[str]:
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def api_codes() -> set[str]:
    paths = [SOURCE / part for part in PARTS]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))]
    return {code for file in files for code in codes_in(file) if code.rstrip("_") == code != ""}


def test_every_code_of_the_api_has_a_fix_or_explains_itself() -> None:
    unclear = {
        code
        for code in api_codes() - FIXES.keys() - EXPLAINED
        if not code.startswith(("invalid_", "wrong_"))
    }
    assert unclear == set()


def test_no_code_both_has_a_fix_and_explains_itself() -> None:
    assert FIXES.keys() & EXPLAINED == set()


@pytest.mark.parametrize("code", sorted(FIXES))
def test_a_fix_is_a_sentence(code: str) -> None:
    assert fix_of(code)[0].isupper()
    assert fix_of(code).endswith(".")
    assert len(fix_of(code)) <= 100


def test_every_error_of_the_client_is_in_one_tree_and_drawn_at_its_top() -> None:
    kinds = [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, Exception)
    ]
    assert all(issubclass(each, ClientError) for each in kinds)
    assert all(each.__name__ in (errors.__doc__ or "") for each in kinds)
