"""Edits of a text: what is not changed stays to the character."""

import msgspec
import pytest

from berth.definition import parse_definition
from berth.definition.writing.edits import edit_parsed
from berth.domain.errors import DefinitionInvalid
from berth.domain.spec import MountSpec, PlacementRules, PortSpec, ServiceSpec
from berth.domain.states import Policy

TEXT = """\
# a stack
version: "2"
x-usual: &usual
  restart: always   # of all
services:
  # the front
  web:
    image: nginx:1.27   # pinned
    ports:
      - "80:80"   # public
      - 443

    environment:
      - 'A=1'   # one
      - B=2
      # last
    command: |
      echo a
    labels: {x: y}
  db:   # data
    <<: *usual
    image: "redis"
    environment:
      X: 1 # why
      Y: '2'
    volumes: &mounts
      - /a:/b
  cache:
    image: redis
    volumes: *mounts

# the end
"""


def edit(key: str, text: str = TEXT, **members: object) -> list[str]:
    """Change members of one service's container; return the lines that differ, with a sign."""
    services = list(parse_definition(text).services)
    index = [spec.key for spec in services].index(key)  # type: ignore[arg-type]
    container = msgspec.structs.replace(services[index].container, **members)
    services[index] = msgspec.structs.replace(services[index], container=container)
    edited, _ = edit_parsed(text, services)
    assert parse_definition(edited).services == tuple(services)
    return differing(text, edited)


def differing(old: str, new: str) -> list[str]:
    """Return the lines that only one of two texts has, in their order."""
    before, after = old.splitlines(), new.splitlines()
    gone = [f"-{line}" for line in before if line not in after]
    return gone + [f"+{line}" for line in after if line not in before]


@pytest.mark.parametrize(
    ("key", "members", "lines"),
    [
        ("web", {"image": "nginx:1.28"},
         ["-    image: nginx:1.27   # pinned", "+    image: nginx:1.28   # pinned"]),
        ("db", {"image": "redis:7"}, ['-    image: "redis"', '+    image: "redis:7"']),
        ("web", {"environment": (("A", "5"), ("C", "$"))},
         ["-      - 'A=1'   # one", "-      - B=2", "+      - 'A=5'   # one", "+      - 'C=$$'"]),
        ("db", {"environment": (("X", "a"), ("Z", "3")), "user": "me"},
         ["-      X: 1 # why", "-      Y: '2'", "+      X: a # why", "+      Z: '3'", "+    user: 'me'"]),
        ("web", {"ports": (PortSpec(443),)}, ['-      - "80:80"   # public']),
        ("web", {"ports": (PortSpec(80, host=8080), PortSpec(443), PortSpec(5))},
         ['-      - "80:80"   # public', '+      - "8080:80/tcp"   # public', "+      - '5/tcp'"]),
        ("web", {"command": None}, ["-    command: |", "-      echo a"]),
        ("cache", {"mounts": (MountSpec("bind", "/c", "/a"),)},
         ["-    volumes: *mounts", "+    volumes:", "+      - '/a:/c:rw'"]),
        ("db", {"restart": False}, ["+    restart: 'no'"]),
    ],
)  # fmt: skip
def test_one_field_changes_and_every_other_line_stays(
    key: str, members: dict[str, object], lines: list[str]
) -> None:
    assert edit(key, **members) == lines


def test_settings_are_written_into_the_environment() -> None:
    web, *rest = parse_definition(TEXT).services
    rules = PlacementRules(policy=Policy.MEMORY, required_tags=("ssd",))
    web = msgspec.structs.replace(web, placement=rules)
    assert differing(TEXT, edit_parsed(TEXT, [web, *rest])[0]) == [
        "+      - 'occs:scheduler=memory'",
        "+      - 'constraint:tag==ssd'",
    ]


def test_services_come_and_go() -> None:
    web, db, _ = parse_definition(TEXT).services
    new = msgspec.structs.replace(db, key="new")
    lines = TEXT.splitlines()
    edited = edit_parsed(TEXT, [web, db, new])[0].splitlines()
    assert "  # the front" in edited
    assert "  cache:" not in edited
    assert edited[:27] == lines[:27]
    assert edited[-1] == "# the end"


@pytest.mark.parametrize(
    "text",
    [
        "web: {image: nginx, user: a}",
        "a: &a\n  image: nginx\nweb: *a\n",
        "a: &a\n  image: nginx\n  user: b\nweb:\n  <<: *a\n",
        "web:\n  image: >-\n    nginx\n  user: |-\n    a\n",
        "a: &a\n  image: nginx\nweb:\n  !!merge <<: *a\n",
        "a: &a\n  image: nginx\nweb:\n  <<: *a\n  user: !reset b\n",
        "a: {image: nginx}\nweb:\n  extends: a\n  user: !reset b\n",
        "? web\n: image: nginx\n  user: x\n",
    ],
)
def test_a_text_of_any_layout_says_what_is_wanted(text: str) -> None:
    assert edit("web", text, image="redis", user="b", privileged=True)


def test_an_invalid_text_is_not_edited() -> None:
    with pytest.raises(DefinitionInvalid):
        edit_parsed("web: {}", list[ServiceSpec]())
