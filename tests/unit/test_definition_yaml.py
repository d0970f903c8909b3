"""The form of a text: versions of compose, anchors, merge keys, tags, and scalar rules."""

import pytest

from berth.definition import parse_definition
from berth.definition.text.scalars import as_boolean, as_integer, as_number


def keys_of(text: str) -> list[str]:
    """Return the names of the services of a text."""
    return [service.key for service in parse_definition(text).services]


@pytest.mark.parametrize(
    "text",
    [
        "version: 2\nservices:\n  web: {image: x}\n",
        "version: '2'\nservices:\n  web: {image: x}\n",
        "version: '3.8'\nservices:\n  web: {image: x}\n",
        "services:\n  web: {image: x}\n",
        "web: {image: x}\n",
        "version: '1'\nweb: {image: x}\n",
        "\ufeffservices:\r\n  web:\r\n    image: x\r\n",
        "%YAML 1.1\n---\nservices: {web: {image: x}}\n...\n",
        '{"services": {"web": {"image": "x"}}}',
    ],
)
def test_every_form_of_compose_is_read(text: str) -> None:
    (service,) = parse_definition(text).services
    assert (service.key, service.container.image) == ("web", "x")


def test_services_keep_the_order_of_the_text() -> None:
    assert keys_of("services: {c: {image: x}, a: {image: x}, b: {image: x}}") == ["c", "a", "b"]


def test_top_level_keys_beside_services_are_reported_when_they_say_something() -> None:
    report = parse_definition(
        "services: {a: {image: x}}\nname: shop\nnetworks: {back: {driver: overlay}}\n"
        "volumes: {data: , logs: {}}\nx-own: 1\nfoo: 2\n"
    ).report
    assert [(entry.line, entry.field) for entry in report] == [
        (2, "name"),
        (3, "networks.back.driver"),
        (6, "foo"),
    ]


def test_a_merge_key_brings_what_the_service_does_not_say_itself() -> None:
    text = "x-base: &base {image: x, user: a, tty: true}\nweb: {<<: *base, user: b}\n"
    container = parse_definition(text).services[0].container
    assert (container.image, container.user, container.tty) == ("x", "b", True)


def test_of_several_merged_mappings_the_first_wins() -> None:
    text = "x-a: &a {user: a}\nx-b: &b {user: b, image: x}\nweb: {<<: [*a, *b]}\n"
    assert parse_definition(text).services[0].container.user == "a"


def test_a_merged_mapping_brings_what_it_merged_itself() -> None:
    text = "x-a: &a {image: x}\nx-b: &b {<<: *a}\nweb: {<<: *b}\n"
    assert parse_definition(text).services[0].container.image == "x"


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    report = parse_definition("web: {'<<': {user: a}, image: x}").report
    assert [entry.field for entry in report] == ["web.<<"]


def test_an_alias_stands_for_its_anchor() -> None:
    text = "a: &a {image: x, environment: &env [A=1]}\nb: *a\nc: {image: y, environment: *env}\n"
    a, b, c = parse_definition(text).services
    assert (a.container, c.container.environment) == (b.container, (("A", "1"),))


def test_tags_of_the_core_schema_are_understood() -> None:
    text = "web: {image: !!str x, command: !!seq [a], user: ! 3, tty: !!bool 'true'}"
    container = parse_definition(text).services[0].container
    assert (container.command, container.user, container.tty) == (("a",), "3", True)


@pytest.mark.parametrize(
    "value", ["yes", "no", "on", "off", "0x1F", "1_000", "22:22", "2001-01-01"]
)
def test_a_scalar_that_is_wanted_as_text_stays_as_written(value: str) -> None:
    text = f"web: {{image: x, environment: {{A: {value}}}}}"
    assert parse_definition(text).services[0].container.environment == (("A", value),)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10", 10),
        ("-3", -3),
        ("+3", 3),
        ("010", 10),
        ("0o10", 8),
        ("0xFF", 255),
        ("1_0", None),
        ("1:1", None),
        ("", None),
        ("9" * 5000, None),
        ("0b1", None),
        ("1.0", None),
    ],
)
def test_whole_numbers_follow_the_core_schema(text: str, number: int | None) -> None:
    assert as_integer(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("7", 7.0),
        (".inf", None),
        ("nan", None),
        ("1e999", None),
        (".", None),
    ],
)
def test_numbers_follow_the_core_schema(text: str, number: float | None) -> None:
    assert as_number(text) == number


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("true", True),
        ("True", True),
        ("TRUE", True),
        ("false", False),
        ("yes", True),
        ("Off", False),
        ("Y", True),
        ("tRUE", True),
        ("1", None),
    ],
)
def test_truth_is_read_in_the_words_of_old_files_too(text: str, answer: bool | None) -> None:
    assert as_boolean(text) is answer
