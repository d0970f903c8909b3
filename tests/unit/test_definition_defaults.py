"""Missing placement entries are written into a text, and nothing else of it changes."""

import pytest

from berth.definition import parse_definition, render_with_defaults
from berth.domain.states import Availability, Policy

LIST = """# the shop
services:
  web:   # front
    image: nginx  # pinned later
    environment:
      # what it needs
      - A=1   # one
    ports: [80]
"""


def test_entries_are_put_in_front_of_a_list() -> None:
    assert render_with_defaults(LIST) == LIST.replace(
        "      - A=1",
        "      - 'occs:availability=per-pool'\n      - 'occs:scheduler=random'\n      - A=1",
    )


def test_entries_are_put_in_front_of_a_map() -> None:
    text = "web:\n  image: x\n  environment:\n    A: 1 # one\n"
    assert render_with_defaults(text) == (
        "web:\n  image: x\n  environment:\n    'occs:availability': per-pool\n"
        "    'occs:scheduler': random\n    A: 1 # one\n"
    )


def test_a_list_that_is_not_indented_keeps_its_form() -> None:
    text = "web:\n  image: x\n  environment:\n  - A=1\n"
    rendered = render_with_defaults(text, scheduler=Policy.CPU)
    assert (
        "  environment:\n  - 'occs:availability=per-pool'\n  - 'occs:scheduler=cpu'\n" in rendered
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[A=1]", "['occs:availability=per-pool', 'occs:scheduler=random', A=1]"),
        ("[]", "['occs:availability=per-pool', 'occs:scheduler=random']"),
        ("{A: 1}", "{'occs:availability': per-pool, 'occs:scheduler': random, A: 1}"),
        ("{}", "{'occs:availability': per-pool, 'occs:scheduler': random}"),
        (
            "\n    [A=1,\n    B=2]",
            "\n    ['occs:availability=per-pool', 'occs:scheduler=random', A=1,\n    B=2]",
        ),
    ],
)
def test_entries_are_put_behind_the_opening_bracket(before: str, after: str) -> None:
    text = f"web:\n  image: x\n  environment: {before}\n  user: a\n"
    assert render_with_defaults(text) == text.replace(before, after, 1)


def test_a_service_without_environment_gets_one_below_its_image() -> None:
    text = "web:\n  image: x # why\n  user: a\n"
    assert render_with_defaults(text) == (
        "web:\n  image: x # why\n  environment:\n    - 'occs:availability=per-pool'\n"
        "    - 'occs:scheduler=random'\n  user: a\n"
    )


def test_an_empty_environment_is_filled() -> None:
    text = "web:\n  image: x\n  environment:  # none yet\n  user: a\n"
    assert render_with_defaults(text) == text.replace(
        "yet\n", "yet\n    - 'occs:availability=per-pool'\n    - 'occs:scheduler=random'\n"
    )


def test_a_text_without_a_last_line_end_gets_no_broken_line() -> None:
    assert render_with_defaults("web:\n  image: x") == (
        "web:\n  image: x\n  environment:\n    - 'occs:availability=per-pool'\n"
        "    - 'occs:scheduler=random'"
    )


def test_a_service_in_braces_gets_its_environment_inside_them() -> None:
    assert render_with_defaults("web: {image: x}") == (
        "web: {environment: ['occs:availability=per-pool', 'occs:scheduler=random'], image: x}"
    )


def test_line_ends_of_the_text_are_kept() -> None:
    rendered = render_with_defaults("\ufeffweb:\r\n  image: x\r\n  environment:\r\n  - A=1\r\n")
    assert rendered.startswith("\ufeffweb:\r\n")
    assert rendered.count("\r\n") == rendered.count("\n") == 6


def test_only_what_is_missing_is_written() -> None:
    text = "web:\n  image: x\n  environment:\n    - OCCS:Availability=per-host\n"
    rendered = render_with_defaults(text, availability=Availability.PER_POOL)
    assert rendered == text.replace("    - O", "    - 'occs:scheduler=random'\n    - O")


def test_a_text_with_both_entries_is_returned_as_it_is() -> None:
    text = "web: {image: x, environment: ['berth:availability=per-host', 'occs:scheduler=cpu']}"
    assert render_with_defaults(text) == text


def test_chosen_defaults_become_the_placement_of_the_services() -> None:
    rendered = render_with_defaults(
        LIST, availability=Availability.PER_HOST, scheduler=Policy.MEMORY
    )
    placement = parse_definition(rendered).services[0].placement
    assert (placement.availability, placement.policy) == (Availability.PER_HOST, Policy.MEMORY)


def test_every_service_of_a_stack_is_written() -> None:
    text = "services:\n  a:\n    image: x\n  b:\n    environment: {A: 1}\n    image: y\n"
    assert render_with_defaults(text).count("occs:scheduler") == 2


def test_an_image_from_an_anchor_puts_the_environment_above_the_first_key() -> None:
    text = "x-a: &a x\nweb:\n  user: a\n  image: *a\n"
    assert render_with_defaults(text).startswith("x-a: &a x\nweb:\n  environment:\n    - ")


@pytest.mark.parametrize(
    "text",
    [
        "x-e: &e [A=1]\nweb:\n  image: x\n  environment: *e\n",
        "web:\n  image: x\n  environment: &e\n    - A=1\n",
        "x-b: &b {environment: [A=1]}\nweb:\n  <<: *b\n  image: x\n",
        "x-b: &b {image: x}\nweb:\n  <<: *b\n",
        "web: &w {image: x}\n",
        "web:\n  image: x\n  environment: ~\n",
    ],
)
def test_a_service_that_cannot_be_edited_safely_is_left_alone(text: str) -> None:
    assert render_with_defaults(text) == text


def test_a_service_left_alone_does_not_hold_back_the_others() -> None:
    text = "a: {image: x, environment: &e [A=1]}\nb: {image: y, environment: *e}\nc: {image: z}\n"
    rendered = render_with_defaults(text)
    assert rendered == text.replace(
        "c: {", "c: {environment: ['occs:availability=per-pool', 'occs:scheduler=random'], "
    )


def test_two_services_of_one_anchor_are_both_written() -> None:
    rendered = render_with_defaults("a: &a\n  image: x\nb: *a\nc:\n  <<: *a\n  user: u\n")
    assert rendered.count("'occs:scheduler=random'") == 2
    assert render_with_defaults(rendered) == rendered


@pytest.mark.parametrize("text", ["", "web: [", "web: {user: a}", "- a", "web: {image: x}\n---\n"])
def test_an_invalid_text_is_returned_as_it_is(text: str) -> None:
    assert render_with_defaults(text) == text


def test_a_default_that_would_make_the_text_invalid_is_not_written() -> None:
    assert render_with_defaults(LIST, availability=Availability.PER_TAG) == LIST
