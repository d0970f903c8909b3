"""Services that share the default network, and texts that need none."""

import pytest

from berth.definition import parse_definition
from berth.definition.service.default_network import join_default_network
from berth.domain.ids import ServiceKey
from berth.domain.spec import LinkSpec, NetworkSpec
from berth.testing.builders import a_service

DEFAULT = (NetworkSpec("default"),)
PLAIN = a_service("plain")


def test_a_text_without_networks_and_links_has_none() -> None:
    assert join_default_network([PLAIN]) == (PLAIN,)


def test_a_link_brings_all_services_of_the_text_together() -> None:
    linking = a_service("web", links=(LinkSpec(ServiceKey("plain"), "plain"),))
    joined = join_default_network([PLAIN, linking])
    assert [one.container.networks for one in joined] == [DEFAULT, DEFAULT]


def test_the_bridge_is_no_network_of_services_that_link_or_are_linked() -> None:
    linking = a_service("web", network_mode="bridge", links=(LinkSpec(ServiceKey("db"), "db"),))
    linked, other = (a_service(key, network_mode="bridge") for key in ("db", "other"))
    joined = join_default_network([linking, linked, other])
    assert [(one.container.networks, one.container.network_mode) for one in joined] == [
        (DEFAULT, ""),
        (DEFAULT, ""),
        ((), "bridge"),
    ]


def test_a_bridge_that_is_left_for_links_is_reported() -> None:
    parsed = parse_definition("web: {image: x, net: bridge, links: [db]}\ndb: {image: x}\n")
    assert [one.container.networks for one in parsed.services] == [DEFAULT, DEFAULT]
    assert [(entry.field, entry.outcome) for entry in parsed.report] == [("web.net", "translated")]


def test_services_keep_the_networks_that_they_name() -> None:
    named = a_service("web", networks=(NetworkSpec("back"),))
    hosted = a_service("agent", network_mode="host")
    joined = join_default_network([PLAIN, named, hosted])
    assert [one.container.networks for one in joined] == [DEFAULT, (NetworkSpec("back"),), ()]


APART = "services:\n  web: {image: nginx}\n  store: {image: redis}\n"


def test_a_text_without_networks_is_told_that_its_services_do_not_find_each_other() -> None:
    (entry,) = parse_definition(APART).whole_report
    assert (entry.line, entry.field, entry.outcome) == (2, "services", "ignored")
    assert entry.reason.startswith("web, store name no networks, so they do not find each other")


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  web: {image: nginx}\n",
        APART + "  both: {image: nginx, links: [store]}\n",
        APART.replace("nginx}", "nginx, networks: [a]}") + "networks: {a: {}}\n",
        APART.replace("nginx}", "nginx, network_mode: host}"),
        APART.replace("nginx}", "nginx, profiles: [debug]}"),
        APART.replace("nginx}", "nginx, environment: ['occs:availability=per-host']}"),
    ],
)
def test_a_text_that_expects_no_names_is_told_nothing_of_them(text: str) -> None:
    assert parse_definition(text).missing == ()
