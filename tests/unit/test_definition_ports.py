"""Ports: the short forms, ranges, the long form, and what is refused."""

import pytest

from berth.definition import parse_definition
from berth.domain.errors import DefinitionInvalid
from berth.domain.spec import PortSpec


def ports_of(item: str) -> tuple[PortSpec, ...]:
    """Parse a list of ports with this one item."""
    return parse_definition(f"web: {{image: x, ports: [{item}]}}").services[0].container.ports


def refusal_of(items: str, key: str = "ports") -> str:
    """Return the message of the only problem that a list of ports has."""
    with pytest.raises(DefinitionInvalid) as raised:
        parse_definition(f"web: {{image: x, {key}: [{items}]}}")
    (problem,) = raised.value.problems
    return problem.message


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("80", PortSpec(80)),
        ('"80/tcp"', PortSpec(80)),
        ("53/UDP", PortSpec(53, "udp")),
        ("80:81", PortSpec(81, "tcp", 80)),
        ("22:22", PortSpec(22, "tcp", 22)),
        ("8080:80/sctp", PortSpec(80, "sctp", 8080)),
        ('"0:80"', PortSpec(80)),
        ('":80"', PortSpec(80)),
        ('"127.0.0.1:8080:80/udp"', PortSpec(80, "udp", 8080, "127.0.0.1")),
        ('"127.0.0.1::80"', PortSpec(80, "tcp", None, "127.0.0.1")),
        ('"[::1]:8080:80"', PortSpec(80, "tcp", 8080, "::1")),
        ("{target: 80}", PortSpec(80)),
        (
            "{target: 80, published: '8080', protocol: udp, host_ip: 10.0.0.1}",
            PortSpec(80, "udp", 8080, "10.0.0.1"),
        ),
        ("{target: 80, published: 8080, mode: host}", PortSpec(80, "tcp", 8080)),
    ],
)
def test_one_port_is_read_from_each_of_its_forms(item: str, expected: PortSpec) -> None:
    assert ports_of(item) == (expected,)


def test_a_range_publishes_each_port_on_its_counterpart() -> None:
    assert ports_of('"9000-9001:90-91/udp"') == (
        PortSpec(90, "udp", 9000),
        PortSpec(91, "udp", 9001),
    )


def test_a_range_without_host_ports_leaves_each_to_the_engine() -> None:
    assert ports_of("3000-3002") == (PortSpec(3000), PortSpec(3001), PortSpec(3002))


def test_a_host_range_for_one_port_is_left_to_the_engine_and_reported() -> None:
    parsed = parse_definition("web: {image: x, ports: ['8000-8010:80']}")
    assert parsed.services[0].container.ports == (PortSpec(80),)
    assert [entry.outcome for entry in parsed.report] == ["translated"]


def test_a_port_written_twice_counts_once() -> None:
    assert ports_of("80:80, '80:80/tcp'") == (PortSpec(80, "tcp", 80),)


def test_one_host_port_may_serve_two_protocols_and_two_addresses() -> None:
    assert len(ports_of("'53:53/tcp', '53:53/udp', '10.0.0.1:53:54/udp'")) == 3


def test_expose_keeps_protocols_and_counts_ranges_out() -> None:
    text = "web: {image: x, expose: [80, '53/udp', 3000-3001, 80/tcp]}"
    container = parse_definition(text).services[0].container
    assert container.expose == ("80/tcp", "53/udp", "3000/tcp", "3001/tcp")


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ("70000", "port 70000 is out of range: use 1 to 65535"),
        ("'80:70000'", "port 70000 is out of range: use 1 to 65535"),
        ("0", "port 0 is out of range: use 1 to 65535"),
        ("{target: 99999}", "port 99999 is out of range: use 1 to 65535"),
        ("http", '"http" is not a port: use 1 to 65535, or a range such as 8000-8010'),
        ("80/icmp", 'the protocol "icmp" is unknown: use tcp, udp or sctp'),
        ("9-8", "the range 9-8 runs backwards: write 8-9"),
        ("1-65535", "the range 1-65535 is too long: use at most 500 ports"),
        ("1-400, 1001-1400", "the list contains too many ports: use at most 500"),
        (
            "'1-3:1-2'",
            "3 host ports do not match 2 container ports: make both ranges the same length",
        ),
        ("'0-1:1-2'", "port 0 is out of range: use 1 to 65535"),
        (
            "'80:1', '80:2'",
            "host port 80/tcp is used for container ports 1 and 2: use two host ports",
        ),
        ("{published: 80}", "the port has no target: add target, the port inside the container"),
        ("~", "this item is empty: fill it in or remove it"),
        (
            "'10.1.0.0/16:53:53/udp'",
            (
                '"10.1.0.0/16:53:53/udp" binds a range of addresses, but a port is bound to one: '
                'write the address without /16, as "10.1.0.0:53:53/udp"'
            ),
        ),
        (
            "'53/tcp:53/udp'",
            (
                '"53/tcp:53/udp" has its protocol in the wrong place: write it once, at the end, '
                'as "53:53/udp"'
            ),
        ),
        (
            "'8080/tcp:80'",
            (
                '"8080/tcp:80" has its protocol in the wrong place: write it once, at the end, '
                'as "8080:80/tcp"'
            ),
        ),
    ],
)
def test_a_wrong_port_is_refused_with_its_mend(items: str, message: str) -> None:
    assert refusal_of(items) == message


@pytest.mark.parametrize(
    "item", ["'1:2:3:4'", "'a:1:2'", "'[::1]:80'", "''", "[80]", "'999.1.1.1::80'"]
)
def test_a_port_of_no_known_form_is_refused_with_the_forms(item: str) -> None:
    assert refusal_of(item).endswith("for example 8080:80/tcp")


def test_a_wrong_exposed_port_is_refused() -> None:
    assert refusal_of("70000", "expose") == "port 70000 is out of range: use 1 to 65535"
    assert refusal_of("{a: 1}", "expose").startswith("a port is expected here, not a mapping")
