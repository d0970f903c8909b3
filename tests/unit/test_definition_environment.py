"""The environment: variables, directives, constraints, and variables with a meaning."""

import pytest

from berth.definition import ParsedDefinition, parse_definition
from berth.domain.errors import DefinitionInvalid
from berth.domain.spec import PlacementRules
from berth.domain.states import Availability, Policy


def parsed_with(*entries: str) -> ParsedDefinition:
    """Parse a service whose environment is a list of these entries."""
    lines = "".join(f"    - '{entry}'\n" for entry in entries)
    return parse_definition(f"web:\n  image: x\n  environment:\n{lines}")


def placement_of(*entries: str) -> PlacementRules:
    """Return the placement that such an environment asks for."""
    return parsed_with(*entries).services[0].placement


def test_a_list_and_a_map_say_the_same() -> None:
    as_list = parse_definition("web: {image: x, environment: [B=yes, A=1.50, 'C=a=b', D=]}")
    as_map = parse_definition("web: {image: x, environment: {A: 1.50, B: yes, C: a=b, D: ''}}")
    expected = (("A", "1.50"), ("B", "yes"), ("C", "a=b"), ("D", ""))
    assert as_list.services[0].container.environment == expected
    assert as_map == as_list


def test_the_last_of_two_equal_names_in_a_list_wins() -> None:
    assert parsed_with("A=1", "A=2").services[0].container.environment == (("A", "2"),)


@pytest.mark.parametrize("environment", ["[A]", "{A: }", "{A: null}"])
def test_a_variable_without_value_is_left_out_and_reported(environment: str) -> None:
    parsed = parse_definition(f"web: {{image: x, environment: {environment}}}")
    assert parsed.services[0].container.environment == ()
    assert [entry.outcome for entry in parsed.report] == ["ignored"]


@pytest.mark.parametrize("prefix", ["occs", "OCCS", "Occs", "berth", "StackEngine"])
def test_directives_are_read_with_every_prefix_in_any_case(prefix: str) -> None:
    service = parsed_with(
        f"{prefix}:Description=The front",
        f"{prefix}:AVAILABILITY=per-host",
        f"{prefix}:scheduler=memory",
    ).services[0]
    assert service.description == "The front"
    assert service.placement == PlacementRules(
        availability=Availability.PER_HOST, policy=Policy.MEMORY
    )
    assert service.container.environment == ()


def test_directives_may_stand_in_a_map() -> None:
    text = "web: {image: x, environment: {'occs:scheduler': cpu, 'constraint:hostname': =h1}}"
    placement = parse_definition(text).services[0].placement
    assert placement == PlacementRules(policy=Policy.CPU, hostname="h1")


def test_per_tag_takes_its_tag_from_the_context() -> None:
    placement = placement_of("occs:availability_context=ssd", "occs:availability=per-tag")
    assert placement == PlacementRules(availability=Availability.PER_TAG, tag="ssd")


def test_a_context_without_per_tag_has_no_effect_and_is_reported() -> None:
    parsed = parsed_with("occs:availability_context=ssd")
    assert parsed.services[0].placement == PlacementRules()
    assert [entry.outcome for entry in parsed.report] == ["ignored"]


def test_constraints_become_rules_of_placement() -> None:
    assert placement_of(
        "constraint:hostname==wkr-1",
        "constraint:hostname!=wkr-3",
        "constraint:hostname!=wkr-2",
        "constraint:tag==ssd",
        "Constraint:tag == east",
    ) == PlacementRules(
        hostname="wkr-1", not_hostnames=("wkr-2", "wkr-3"), required_tags=("east", "ssd")
    )


@pytest.mark.parametrize(
    "entry",
    [
        "constraint:pool_id==default",
        "constraint:pool_id==",
        "constraint:rack==4",
        "constraint:tag!=ssd",
        "constraint:hostname==~x",
        "constraint:",
        "occs:tags=a",
        "berth:colour=red",
        "OCCS_HEALTHCHECK_=http://:80/",
    ],
)
def test_an_entry_that_is_not_honoured_is_reported_and_changes_no_placement(entry: str) -> None:
    parsed = parsed_with(entry)
    assert parsed.services[0].placement == PlacementRules()
    assert [(found.line, found.outcome) for found in parsed.report] == [(4, "ignored")]


def test_directives_and_constraints_never_reach_the_container() -> None:
    entries = ["occs:unknown=1", "constraint:pool_id==x", "berth:x", "CONSTRAINT:y", "other:z=1"]
    assert parsed_with(*entries).services[0].container.environment == (("other:z", "1"),)


@pytest.mark.parametrize("off", ["0", "false", "No", "OFF"])
def test_off_words_switch_restart_and_pull_off(off: str) -> None:
    container = (
        parsed_with(f"OCCS_REMOVE_ON_DIE={off}", f"OCCS_PULL_ON_CREATE={off}").services[0].container
    )
    assert (container.restart, container.pull) == (False, False)
    assert container.environment == (("OCCS_PULL_ON_CREATE", off), ("OCCS_REMOVE_ON_DIE", off))


def test_other_words_leave_restart_and_pull_on() -> None:
    container = (
        parsed_with("OCCS_REMOVE_ON_DIE=1", "OCCS_PULL_ON_CREATE=true").services[0].container
    )
    assert (container.restart, container.pull) == (True, True)


def test_the_phase_is_a_variable_too() -> None:
    service = parsed_with("OCCS_PHASE_ID=12").services[0]
    assert (service.phase, service.container.environment) == (12, (("OCCS_PHASE_ID", "12"),))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "occs:availability=sometimes",
            '"sometimes" is not an availability: use per-pool, per-host or per-tag',
        ),
        ("occs:scheduler=best", '"best" is not a scheduler: use random, memory, cpu or pack'),
        (
            "occs:availability=per-tag",
            "availability per-tag names no tag: add occs:availability_context=TAG",
        ),
        (
            "occs:availability_context=a b",
            '"a b" is not a tag: use letters, digits, dots, hyphens and underscores',
        ),
        ("OCCS_PHASE_ID=-1", '"-1" is not a phase: use a whole number from 0 to 1000000'),
        ("OCCS_PHASE_ID=first", '"first" is not a phase: use a whole number from 0 to 1000000'),
        ("=x", "a name is missing before the equals sign: write NAME=value"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_mend_and_line(entry: str, message: str) -> None:
    with pytest.raises(DefinitionInvalid) as raised:
        parsed_with(entry)
    assert [(found.message, found.line) for found in raised.value.problems] == [(message, 4)]


def test_two_hosts_for_one_service_are_refused() -> None:
    with pytest.raises(DefinitionInvalid, match="bound to two hosts, a and b"):
        parsed_with("constraint:hostname==a", "constraint:hostname==b")
