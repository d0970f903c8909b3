"""Keys that hold only together, whatever their order, and what is reported of them."""

import pytest

from berth.definition import ParsedDefinition, parse_definition
from berth.domain.errors import DefinitionInvalid


def parsed_with(keys: str) -> ParsedDefinition:
    """Parse a service with some keys."""
    return parse_definition(f"services:\n  web: {{ {keys} }}\n")


NO_LIMIT = "memswap_limit has no effect without mem_limit"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("cpus: 1.5, cpu_quota: 50000", "cpus and cpu_quota with cpu_period exclude each other"),
        ("cpu_period: 9000, deploy: {resources: {limits: {cpus: 2}}}", "cpus and cpu_quota"),
        ("memswap_limit: 1g, deploy: {replicas: 2}", NO_LIMIT),
        ("memswap_limit: 1g, mem_limit: 0", NO_LIMIT),
        (
            "memswap_limit: 1g, deploy: {resources: {limits: {memory: 2g}}}",
            "memswap_limit is memory",
        ),
        ("mem_reservation: 1g, deploy: {resources: {limits: {memory: 9m}}}", "mem_reservation is"),
        ("deploy: {resources: {reservations: {memory: 1g}}}, mem_limit: 9m", "mem_reservation is"),
    ],
)
def test_limits_that_an_engine_refuses_together_are_an_error(keys: str, message: str) -> None:
    with pytest.raises(DefinitionInvalid, match=message) as raised:
        parsed_with(f"image: x, {keys}")
    (problem,) = raised.value.problems
    assert problem.line == 2
    assert problem.column > len("  web: { image: x, ")


@pytest.mark.parametrize(
    "keys", ["cpus: 2, cpu_quota: -1", "memswap_limit: -1", "mem_reservation: 1g, mem_limit: 0"]
)
def test_limits_that_an_engine_takes_together_are_taken(keys: str) -> None:
    assert parsed_with(f"image: x, {keys}").report == ()


def test_a_service_that_extends_one_of_another_file_is_told_what_it_lacks() -> None:
    with pytest.raises(DefinitionInvalid, match="the file that it extends is not read"):
        parsed_with("extends: {service: base, file: base.yml}")


@pytest.mark.parametrize("mode", ["host", "container:db"])
def test_a_host_name_beside_a_shared_network_is_reported(mode: str) -> None:
    parsed = parsed_with(f"image: x, hostname: shop, network_mode: '{mode}'")
    assert parsed.services[0].container.hostname == ""
    assert [(e.field, e.outcome) for e in parsed.report] == [("services.web.hostname", "ignored")]


def test_the_first_version_takes_volumes_from_containers_by_their_name() -> None:
    parsed = parse_definition("web: {image: x, volumes_from: [data, 'old:ro']}\ndata: {image: y}\n")
    assert parsed.services[0].container.volumes_from == ("data", "container:old:ro")
    assert [(e.line, e.outcome) for e in parsed.report] == [(1, "translated")]


def test_a_command_may_ask_for_the_defaults_by_minus_one() -> None:
    (spec,) = parse_definition("docker run --memory-swappiness=-1 --stop-timeout=-1 x").services
    assert (spec.container.memory_swappiness, spec.container.stop_grace_s) == (None, 86400.0)
