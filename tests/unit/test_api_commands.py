"""What endpoints write is written through the commands of their request."""

import ast
from pathlib import Path

import pytest

from berth.api import routes

API = Path(routes.__file__).parents[1]
ENDPOINTS = sorted([*API.glob("routes/*.py"), *API.glob("requests/*.py")])


@pytest.mark.parametrize("path", ENDPOINTS, ids=lambda path: path.stem)
def test_no_endpoint_writes_past_the_commands_of_its_request(path: Path) -> None:
    calls = [
        node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
    ]
    past = [
        call.lineno
        for call in calls
        if isinstance(call, ast.Attribute)
        and call.attr in {"run", "run_steps"}
        and ast.unparse(call.value).rpartition(".")[2] == "store"
    ]
    assert past == []
