"""Which of a port's bindings is reached where."""

import pytest

from berth.domain.bindings import fold_bindings, overlap, reached_at
from berth.domain.observed import PortBinding


def test_a_port_of_both_families_is_one_binding() -> None:
    both = [PortBinding(80, "tcp", 8080, "0.0.0.0"), PortBinding(80, "tcp", 8080, "[::]")]
    assert fold_bindings(both) == (PortBinding(80, "tcp", 8080),)


def test_bindings_that_differ_keep_their_addresses() -> None:
    bindings = (
        PortBinding(80, "tcp", 8081, "0.0.0.0"),
        PortBinding(80, "tcp", 8080, "::"),
        PortBinding(80, "udp", 8080, ""),
        PortBinding(80, "tcp", 8080, "127.0.0.1"),
    )
    assert fold_bindings(bindings) == (
        PortBinding(80, "tcp", 8080, "127.0.0.1"),
        PortBinding(80, "tcp", 8080, "::"),
        PortBinding(80, "tcp", 8081, "0.0.0.0"),
        PortBinding(80, "udp", 8080),
    )


@pytest.mark.parametrize(
    ("ip", "host", "reached"),
    [
        ("", "10.0.0.5", "10.0.0.5"),
        ("", "fd00::5", "fd00::5"),
        ("0.0.0.0", "10.0.0.5", "10.0.0.5"),
        ("0.0.0.0", "host.example.com", "host.example.com"),
        ("0.0.0.0", "fd00::5", ""),
        ("::", "fd00::5", "fd00::5"),
        ("::", "10.0.0.5", ""),
        ("10.9.9.9", "10.0.0.5", "10.9.9.9"),
        ("", "", ""),
    ],
)
def test_a_binding_is_reached_at_an_address_of_its_family(ip: str, host: str, reached: str) -> None:
    assert reached_at(PortBinding(80, "tcp", 1, ip), host) == reached


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("", "fd00::5", True),
        ("0.0.0.0", "10.0.0.5", True),
        ("10.0.0.5", "10.0.0.5", True),
        ("10.0.0.6", "10.0.0.5", False),
        ("0.0.0.0", "::", False),
        ("::", "10.0.0.5", False),
    ],
)
def test_addresses_clash_within_a_family(one: str, other: str, clash: bool) -> None:
    assert overlap(one, other) is clash
    assert overlap(other, one) is clash
