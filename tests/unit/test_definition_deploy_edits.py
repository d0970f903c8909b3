"""Edits of what a text says under ``deploy``: comments and order stay, as everywhere."""

import msgspec
import pytest

from berth.definition import parse_definition
from berth.definition.writing.edits import edit_parsed
from berth.domain.spec import PlacementRules
from unit.test_definition_edit import differing, edit

TEXT = """\
services:
  web:
    image: nginx   # pinned
    environment:
      - A=1   # one
    deploy:
      mode: global   # everywhere
      restart_policy:
        condition: on-failure   # not on success
        max_attempts: 3   # enough
      resources:
        limits:
          memory: 512M   # measured
          cpus: '1.5'   # guessed
          pids: 100   # few
        reservations:
          memory: 64M   # at least
"""


@pytest.mark.parametrize(
    ("members", "lines"),
    [
        ({"memory_bytes": 2**30},
         ["-          memory: 512M   # measured", "+          memory: '1g'   # measured"]),
        ({"memory_bytes": 0}, ["-          memory: 512M   # measured"]),
        ({"cpus": 2.0}, ["-          cpus: '1.5'   # guessed", "+          cpus: 2.0   # guessed"]),
        ({"pids_limit": 5}, ["-          pids: 100   # few", "+          pids: 5   # few"]),
        ({"memory_reservation_bytes": 2**27},
         ["-          memory: 64M   # at least", "+          memory: '128m'   # at least"]),
        ({"retries": 5},
         ["-        max_attempts: 3   # enough", "+        max_attempts: 5   # enough"]),
        ({"restart": True, "retries": 0},
         ["-        condition: on-failure   # not on success", "-        max_attempts: 3   # enough",
          "+        condition: any   # not on success"]),
        ({"environment": (("A", "2"),)}, ["-      - A=1   # one", "+      - 'A=2'   # one"]),
    ],
)  # fmt: skip
def test_a_field_under_deploy_changes_and_every_other_line_stays(
    members: dict[str, object], lines: list[str]
) -> None:
    assert edit("web", TEXT, **members) == lines


@pytest.mark.parametrize(
    "text", [TEXT, TEXT.replace("    environment:\n      - A=1   # one\n", "")]
)
def test_the_availability_changes_where_the_mode_says_it(text: str) -> None:
    (web,) = parse_definition(text).services
    web = msgspec.structs.replace(web, placement=PlacementRules())
    edited, parsed = edit_parsed(text, [web])
    assert parsed.services == (web,)
    assert differing(text, edited) == [
        "-      mode: global   # everywhere",
        "+      mode: replicated   # everywhere",
    ]


def test_limits_behind_an_alias_are_written_out() -> None:
    text = (
        "x-limits: &few {limits: {memory: 512m}}\nservices:\n"
        "  a: {image: x, deploy: {resources: *few}}\n  b: {image: x, deploy: {resources: *few}}\n"
    )
    assert "-x-limits: &few {limits: {memory: 512m}}" not in edit("a", text, memory_bytes=2**30)
