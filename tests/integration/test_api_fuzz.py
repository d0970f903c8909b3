"""Cases made from the API's own description, valid and invalid, sent to a running program."""

import contextlib
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

TESTS = Path(__file__).parents[1]
#: Cases of one endpoint and kind in one round.
FEW, MANY = 5, 100
#: Cases of the slow test, as many rounds as that takes.
CASES = 50_000
DEADLINE_S = 15.0
#: A new token would end the one that the cases are sent with.
LEFT_OUT = {("POST", "/api/token/new")}
#: Growth of the program over tens of thousands of cases that is no leak.
GROWTH_MB = 80


class Target:
    """The running program."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.url, self.token = process.stdout.readline().split()
        self.session = requests.Session()
        self.cases = 0

    def operations(self) -> list[Any]:
        """Return what the description has, but for what would end the run."""
        document = self.session.get(f"{self.url}/api/openapi.json", timeout=DEADLINE_S).json()
        schema = schemathesis.openapi.from_dict(document)
        found = [result.ok() for result in schema.get_all_operations()]
        return [each for each in found if (each.method.upper(), each.path) not in LEFT_OUT]

    def send(self, case: Any) -> requests.Response:
        """Send a case; of an answer that never ends only the beginning is read."""
        self.cases += 1
        headers = {"Authorization": f"Bearer {self.token}"}
        if self.cases % 2:  # most keys of small cases came before, with another request
            case.headers.pop("Idempotency-Key", None)
        answer: Any = case.as_transport_kwargs(base_url=self.url, headers=headers)
        with self.session.request(**answer, timeout=DEADLINE_S, stream=True) as response:
            if not response.headers.get("content-type", "").startswith("text/event-stream"):
                assert response.content is not None
            return response

    def memory_mb(self) -> float:
        """Return the program's resident memory."""
        fields = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.fixture
def target() -> Iterator[Target]:
    """The program, fresh; it ends with the test."""
    path = os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)])
    with subprocess.Popen(
        [sys.executable, str(TESTS / "fuzz_target.py")],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield Target(process)
        finally:
            process.terminate()


def fuzz(target: Target, cases: int, *, round_number: int = 0) -> None:
    """Send this many cases of each kind to each endpoint; each round has others, but the same ones.

    None may be answered with a defect, or with a code that the description does not tell.
    """
    for operation in target.operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            rules = settings(
                max_examples=cases,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            cases_of: Any = given(operation.as_strategy(generation_mode=mode))
            # An endpoint that takes nothing has no invalid case.
            with contextlib.suppress(*([Unsatisfiable] if mode is GenerationMode.NEGATIVE else [])):
                seed(round_number)(rules(cases_of(sender(target, operation))))()


def sender(target: Target, operation: Any) -> Callable[[Any], None]:
    """Return what sends a case to an endpoint and looks at the answer's code."""
    told = set(operation.definition.raw["responses"]) - {"503"}

    def send(case: Any) -> None:
        answer = target.send(case)
        assert str(answer.status_code) in told, f"{answer.status_code}: {case.as_curl_command()}"

    return send


# Every answer has a deadline of its own.
@pytest.mark.timeout(600)
def test_no_case_is_answered_with_a_defect(target: Target) -> None:
    fuzz(target, FEW)
    assert target.cases > 300
    assert target.session.get(f"{target.url}/readyz", timeout=DEADLINE_S).status_code == 200


@pytest.mark.slow
@pytest.mark.timeout(5400)
def test_tens_of_thousands_of_cases_find_no_defect_and_no_leak(target: Target) -> None:
    fuzz(target, MANY)
    before = target.memory_mb()
    for round_number in itertools.takewhile(lambda _: target.cases < CASES, itertools.count(1)):
        fuzz(target, MANY, round_number=round_number)
    assert target.memory_mb() - before < GROWTH_MB
