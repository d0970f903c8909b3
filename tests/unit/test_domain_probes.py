"""Where a probe connects to: the ordered port rule."""

from berth.domain.observed import PortBinding
from berth.domain.probes import probe_target
from berth.domain.spec import Probe

HOST, CONTAINER = "10.0.0.5", "172.17.0.9"


def target_of(port: int, *bindings: PortBinding, container: str = CONTAINER) -> tuple[str, int]:
    """Return the target of a TCP probe of this container's port."""
    probe = Probe(label="P", kind="tcp", port=port)
    return probe_target(probe, bindings=bindings, host_address=HOST, container_address=container)


def test_a_published_container_port_is_probed_at_its_host_port() -> None:
    assert target_of(80, PortBinding(80, "tcp", 32768)) == (HOST, 32768)


def test_a_published_host_port_is_probed_as_it_is() -> None:
    assert target_of(8886, PortBinding(5000, "tcp", 8886)) == (HOST, 8886)


def test_the_container_side_of_a_publication_wins_over_the_host_side() -> None:
    bindings = PortBinding(5000, "tcp", 80), PortBinding(80, "tcp", 9000)
    assert target_of(80, *bindings) == (HOST, 9000)


def test_a_port_that_is_not_published_is_probed_at_the_container() -> None:
    assert target_of(9200, PortBinding(80, "tcp", 32768)) == (CONTAINER, 9200)


def test_a_published_datagram_port_does_not_count() -> None:
    assert target_of(53, PortBinding(53, "udp", 53)) == (CONTAINER, 53)


def test_a_port_bound_to_one_address_is_probed_there() -> None:
    assert target_of(80, PortBinding(80, "tcp", 8080, "127.0.0.1")) == ("127.0.0.1", 8080)


def test_a_binding_to_all_addresses_is_preferred() -> None:
    bindings = PortBinding(80, "tcp", 81, "127.0.0.1"), PortBinding(80, "tcp", 82, "0.0.0.0")
    assert target_of(80, *bindings) == (HOST, 82)


def test_a_port_is_probed_in_the_family_of_the_hosts_address() -> None:
    bindings = PortBinding(80, "tcp", 81, "::"), PortBinding(80, "tcp", 82, "0.0.0.0")
    assert target_of(80, *bindings) == (HOST, 82)
    assert target_of(81, *bindings) == (CONTAINER, 81)


def test_a_port_that_the_hosts_address_does_not_have_is_probed_at_the_container() -> None:
    assert target_of(80, PortBinding(80, "tcp", 83, "::")) == (CONTAINER, 80)


def test_a_container_without_an_address_is_probed_at_its_host() -> None:
    assert target_of(80, container="") == (HOST, 80)


def test_a_host_named_in_the_text_is_probed_at_the_port_as_written() -> None:
    probe = Probe(label="P", kind="http", host="db.example.com", port=80)
    target = probe_target(
        probe,
        bindings=(PortBinding(80, "tcp", 32768),),
        host_address=HOST,
        container_address=CONTAINER,
    )
    assert target == ("db.example.com", 80)
