"""Services that extend others of their text; the corpus shows what they take over."""

import pytest

from berth.definition import convert_both, parse_definition, render_with_defaults
from berth.definition.builder_form import render_builder
from berth.domain.errors import DefinitionInvalid
from berth.domain.spec import ContainerSpec, ServiceSpec
from berth.domain.states import Policy

BASE = "services:\n  base:\n    image: app\n    environment: [A=1]\n"
HEIR = "  heir:\n    extends: base\n    environment:\n      - B=2\n"


def parsed(services: str) -> dict[str, ServiceSpec]:
    """Return the services of a text in flow style by their keys."""
    return {spec.key: spec for spec in parse_definition(f"services: {{{services}}}").services}


def heir_of(base: str, own: str) -> ContainerSpec:
    """Return what comes of a service that extends another one."""
    both = parsed(f"base: {{image: app, {base}}}, heir: {{extends: base, {own}}}")
    return both["heir"].container


def problems(services: str) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionInvalid) as raised:
        parsed(services)
    return [(problem.field, problem.message) for problem in raised.value.problems]


@pytest.mark.parametrize("own", ["[B=2]", "{B: 2}", "{A: !reset null, B: 2}"])
@pytest.mark.parametrize("base", ["[A=1]", "{A: 1}"])
def test_environments_are_joined_whichever_form_they_have(base: str, own: str) -> None:
    expected = {"B": "2"} if "reset" in own else {"A": "1", "B": "2"}
    environment = heir_of(f"environment: {base}", f"environment: {own}").environment
    assert dict(environment) == expected


def test_a_mount_replaces_the_inherited_one_at_its_target() -> None:
    own = "volumes: [{type: tmpfs, target: /tmp}, '/b:/data']"
    mounts = heir_of("volumes: ['/a:/data', '/t:/tmp/']", own).mounts
    assert [(mount.kind, mount.target) for mount in mounts] == [
        ("tmpfs", "/tmp"),
        ("bind", "/data"),
    ]


def test_a_key_without_a_value_leaves_what_is_inherited() -> None:
    assert heir_of("user: daemon", "user: ").user == "daemon"
    assert heir_of("user: ", "user: daemon").user == "daemon"


def test_a_profile_is_inherited_and_can_be_taken_away() -> None:
    services = (
        "base: {image: app, profiles: [template]}, idle: {extends: base}, "
        "live: {extends: base, profiles: !reset []}"
    )
    assert {key: spec.replicas for key, spec in parsed(services).items()} == {
        "base": 0,
        "idle": 0,
        "live": None,
    }


def test_services_that_extend_one_another_are_refused_once() -> None:
    (field, message), *rest = problems(
        "a: {extends: b}, b: {extends: c}, c: {extends: {service: b}}, d: {image: x, extends: d}"
    )
    assert (field, rest[0][0]) == ("services.c.extends", "services.d.extends")
    assert message == "services extend one another, b -> c -> b: remove extends from one of them"
    assert len(rest) == 1


def test_a_service_that_extends_an_unknown_one_is_refused_with_the_known_ones() -> None:
    assert problems("a: {extends: b}, c: {image: x}") == [
        ("services.a.extends", 'there is no service "b": the text has a, c')
    ]


def test_what_all_services_inherit_is_bounded() -> None:
    words = ", ".join(f"A{number}" for number in range(2000))
    heirs = "".join(f", h{number}: {{extends: base}}" for number in range(100))
    (_, message), *_ = problems(f"base: {{image: app, expose: [], environment: [{words}]}}{heirs}")
    assert message.startswith("the text is too large once what services extend is written out")


def test_a_long_chain_of_services_is_read() -> None:
    chain = "".join(f", s{number}: {{extends: s{number - 1}}}" for number in range(1, 300))
    assert parsed(f"s0: {{image: app, user: daemon}}{chain}")["s299"].container.user == "daemon"


def test_defaults_that_an_heir_takes_over_are_written_once() -> None:
    copy = render_with_defaults(BASE + HEIR, scheduler=Policy.MEMORY)
    assert copy.count("occs:scheduler=memory") == 1
    assert {spec.placement.policy for spec in parse_definition(copy).services} == {Policy.MEMORY}


def test_an_edit_of_an_heir_says_what_is_wanted() -> None:
    struct = render_builder(parse_definition(BASE + HEIR).services)
    services = struct["services"]
    assert isinstance(services, list)
    services[1]["environment"] = [{"name": "A", "value": "9"}]
    base, heir = convert_both(BASE + HEIR, struct).parsed.services
    assert base.container.environment == (("A", "1"),)
    assert heir.container.environment == (("A", "9"),)
