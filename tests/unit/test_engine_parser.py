"""Docker's lists, facts and events are read, odd ones too."""

import json

import pytest

from berth.agent.engine.docker.parser import (
    parse_containers,
    parse_event,
    parse_gateway,
    parse_info,
)
from berth.domain.observed import EngineEvent, PortBinding


def an_event(
    kind: str, action: str, *, subject: str = "a1", **attributes: str
) -> EngineEvent | None:
    """Read an event as Docker writes it."""
    actor = {"ID": subject, "Attributes": attributes}
    line = {"Type": kind, "Action": action, "Actor": actor, "time": 7, "timeNano": 7_500_000_000}
    return parse_event(json.dumps(line).encode())


def a_listed(**members: object) -> bytes:
    """Write a list of one container."""
    return json.dumps([{"Id": "a1", "Names": ["/web"], **members}]).encode()


def test_a_listed_container_is_read() -> None:
    [container] = parse_containers(
        a_listed(
            Image="app:1",
            ImageID="sha256:1",
            Command="run",
            Created=1_700_000_000,
            State="running",
            Status="Up 2 hours",
            Labels={"a": "b"},
            Ports=[{"PrivatePort": 80, "Type": "tcp"}],
        )
    )
    assert (container.id, container.name, container.image) == ("a1", "web", "app:1")
    assert (container.image_id, container.command) == ("sha256:1", "run")
    assert (container.state, container.status) == ("running", "Up 2 hours")
    assert (container.created_at, container.labels) == (1_700_000_000.0, {"a": "b"})
    assert container.ports == ()


def test_members_that_are_null_or_missing_are_empty() -> None:
    [container] = parse_containers(a_listed(Names=None, Labels=None, Ports=None, Command=None))
    assert (container.name, container.labels, container.ports) == ("", {}, ())
    assert container.command == ""


def test_podmans_list_of_words_is_a_command() -> None:
    [container] = parse_containers(a_listed(Command=["run", "fast"]))
    assert container.command == "run fast"


def test_a_links_alias_is_not_the_name() -> None:
    [container] = parse_containers(a_listed(Names=["/proxy/backend", "/web"]))
    assert container.name == "web"


def test_ports_of_both_address_families_are_one() -> None:
    entries = [
        {"IP": ip, "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"} for ip in ("0.0.0.0", "::")
    ]
    [container] = parse_containers(a_listed(Ports=entries))
    assert container.ports == (PortBinding(80, "tcp", 8080),)


def test_an_engines_facts_are_read() -> None:
    body = {"ID": "E", "ServerVersion": "29.1", "NCPU": 8, "MemTotal": 64, "Images": 3,
            "ContainersRunning": 2, "OperatingSystem": "Debian", "KernelVersion": "6.1"}  # fmt: skip
    info = parse_info(json.dumps(body).encode(), api=(1, 44), engine="Podman")
    assert (info.id, info.name, info.version, info.api_version) == ("E", "Podman", "29.1", "1.44")
    assert (info.cpus, info.memory_bytes, info.images, info.running) == (8, 64, 3, 2)
    assert (info.os, info.kernel) == ("Debian", "6.1")


def test_an_engine_without_an_id_is_known_by_its_host() -> None:
    assert parse_info(b'{"Name": "host-1"}', api=(1, 41), engine="Podman").id == "host-1"


def test_a_container_event_is_read() -> None:
    assert an_event("container", "die", exitCode="3") == EngineEvent(
        kind="container", action="die", subject="a1", attributes={"exitCode": "3"}, time=7.5
    )


def test_a_detail_of_an_action_is_an_attribute() -> None:
    event = an_event("container", "health_status: unhealthy")
    assert event is not None
    assert event.action == "health_status"
    assert event.attributes["health_status"] == "unhealthy"


def test_an_image_is_called_by_its_name() -> None:
    pulled = an_event("image", "pull", subject="app:1", name="app")
    tagged = an_event("image", "tag", subject="sha256:1", name="app:2")
    assert pulled is not None
    assert tagged is not None
    assert (pulled.subject, tagged.subject) == ("app:1", "app:2")


@pytest.mark.parametrize(
    ("kind", "action"),
    [("container", "exec_start: sh"), ("network", "connect"), ("image", "save")],
)
def test_other_events_are_left_out(kind: str, action: str) -> None:
    assert an_event(kind, action) is None


@pytest.mark.parametrize(
    ("config", "address"),
    [
        ('[{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}]', "172.17.0.1"),
        ('[{"Subnet": "10.9.0.0/24", "Gateway": "10.9.0.254"}]', "10.9.0.254"),
        ('[{"Subnet": "172.17.0.0/16"}]', "172.17.0.1"),
        ('[{"Subnet": "fd00::/64", "Gateway": "fd00::1"}, {"Subnet": "10.9.0.0/24"}]', "10.9.0.1"),
        ('[{"Subnet": "odd.text"}]', ""),
        ("[]", ""),
        ("null", ""),
    ],
)
def test_the_bridges_address_is_its_gateway_or_the_first_of_its_subnet(
    config: str, address: str
) -> None:
    assert parse_gateway(b'{"IPAM": {"Config": %s}}' % config.encode()) == address
