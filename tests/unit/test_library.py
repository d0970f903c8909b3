"""The shipped services and stacks."""

import pytest

from berth.control.definitions.library import Shipped, create_shipped_definitions, read_library
from berth.definition import parse_definition
from berth.domain.ids import InstanceId
from berth.domain.records import Instance
from berth.domain.states import Availability, Subtype
from berth.store.draft import Draft
from berth.store.memory import Memory

LIBRARY = {shipped.name: shipped for shipped in read_library()}
SERVICES = [
    "alpine-linux", "apache", "busybox", "cadvisor", "cassandra", "datadog", "golang", "haproxy",
    "helloworld", "jenkins", "logstash", "mariadb", "mongodb", "mysql", "newrelic", "nginx",
    "oracle-linux", "php", "postgresql", "python", "redis", "ruby", "sumologic", "sysdig",
    "tomcat", "ubuntu",
]  # fmt: skip
STACKS = ["Redis-Cluster", "Wordpress-multihost-Stack", "Wordpress-singlehost-Stack"]
#: Fixed host ports that their users know.
PORTS = {
    "apache": [9001], "cadvisor": [8080], "helloworld": [9000], "jenkins": [9002, 50000],
    "php": [9001], "tomcat": [8888], "nginx": [None],
}  # fmt: skip
PER_HOST = {"cadvisor", "datadog", "newrelic", "sumologic", "sysdig"}


def test_the_library_has_the_services_and_stacks_that_its_users_know() -> None:
    kinds = {name: shipped.subtype for name, shipped in LIBRARY.items()}
    services = dict.fromkeys(SERVICES, Subtype.SERVICE)
    assert kinds == services | dict.fromkeys(STACKS, Subtype.STACK)


@pytest.mark.parametrize("shipped", LIBRARY.values(), ids=LIBRARY)
def test_nothing_of_a_shipped_text_is_ignored_but_the_proxy(shipped: Shipped) -> None:
    parsed = parse_definition(shipped.text.content, subtype=shipped.subtype)
    ignored = [entry for entry in parsed.report if entry.outcome == "ignored"]
    assert len(ignored) == shipped.text.content.count("{{proxy ")
    assert all(service.description for service in parsed.services)


@pytest.mark.parametrize("name", SERVICES)
def test_a_shipped_service_bears_its_name_and_runs_where_it_should(name: str) -> None:
    (service,) = parse_definition(LIBRARY[name].text.content).services
    per_host = service.placement.availability is Availability.PER_HOST
    assert (service.key, per_host) == (name, name in PER_HOST)


@pytest.mark.parametrize("name", PORTS)
def test_a_shipped_service_publishes_the_ports_that_its_users_know(name: str) -> None:
    (service,) = parse_definition(LIBRARY[name].text.content).services
    assert [port.host for port in service.container.ports] == PORTS[name]


def test_the_library_comes_once() -> None:
    instance = Instance(id=InstanceId("i"), epoch=1, revision_reserved=0, created_at=0.0)
    draft = Draft(Memory(instance), now=1000.0)
    create_shipped_definitions(draft, list(LIBRARY.values()))
    draft.definitions.drop("service/redis")
    create_shipped_definitions(draft, list(LIBRARY.values()))
    names = {definition.definition_id for definition in draft.definitions.values()}
    assert names == set(LIBRARY) - {"redis"}
