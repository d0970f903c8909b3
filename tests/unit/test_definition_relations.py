"""Services that name one another: links, dependencies, shared volumes, networks, host ports."""

import pytest

from berth.definition import ParsedDefinition, parse_definition
from berth.domain.errors import DefinitionInvalid
from berth.domain.spec import Dependency, LinkSpec, MountSpec, NetworkSpec


def parsed_stack(**services: str) -> ParsedDefinition:
    """Parse a stack; each service has an image and these further keys."""
    lines = [f"  {name}: {{image: x{keys and ', '}{keys}}}\n" for name, keys in services.items()]
    return parse_definition("services:\n" + "".join(lines))


def messages_of(**services: str) -> list[tuple[int, str]]:
    """Return line and message of each problem of such a stack."""
    with pytest.raises(DefinitionInvalid) as raised:
        parsed_stack(**services)
    return [(problem.line, problem.message) for problem in raised.value.problems]


def test_links_have_the_name_of_the_service_or_an_alias() -> None:
    web = parsed_stack(web="links: [db, 'db:mysql', db]", db="").services[0]
    assert web.container.links == (LinkSpec("db", "db"), LinkSpec("db", "mysql"))


def test_volumes_come_from_services_and_containers() -> None:
    web = parsed_stack(web="volumes_from: [db, 'db:ro', 'container:old:rw']", db="").services[0]
    assert web.container.volumes_from == ("db", "db:ro", "container:old")


def test_dependencies_are_a_list_or_have_conditions() -> None:
    plain = parsed_stack(web="depends_on: [db]", db="").services[0]
    assert plain.depends_on == (Dependency("db", "started"),)
    web = parsed_stack(
        web="depends_on: {db: {condition: service_healthy}, job: {condition: service_started}}",
        db="",
        job="",
    ).services[0]
    assert web.depends_on == (Dependency("db", "healthy"), Dependency("job", "started"))


def test_a_service_whose_end_is_waited_for_runs_once() -> None:
    condition = "{job: {condition: service_completed_successfully}}"
    parsed = parsed_stack(web=f"depends_on: {condition}", job="restart: always")
    assert parsed.services[0].depends_on == (Dependency("job", "completed"),)
    assert not parsed.services[1].container.restart
    assert [(entry.field, entry.outcome) for entry in parsed.report] == [
        ("services.job.restart", "translated")
    ]


def test_a_ring_of_dependencies_is_told_once_and_in_its_order() -> None:
    assert messages_of(
        a="depends_on: [b]", b="depends_on: [c]", c="depends_on: [a]", d="depends_on: [a]"
    ) == [
        (
            4,
            "services wait for one another, a -> b -> c -> a: remove one of these dependencies",
        )
    ]


def test_a_ring_of_volumes_is_told_where_it_closes() -> None:
    told = "services wait for one another, a -> b -> a: remove one of these dependencies"
    assert messages_of(a="depends_on: [b]", b="volumes_from: [a]") == [(3, told)]


def test_services_that_share_a_dependency_are_no_ring() -> None:
    stack = parsed_stack(a="depends_on: [b, c]", b="depends_on: [d]", c="depends_on: [d]", d="")
    assert len(stack.services) == 4


def test_a_dependency_of_a_later_phase_is_refused() -> None:
    assert messages_of(web="depends_on: [db]", db="environment: [OCCS_PHASE_ID=1]") == [
        (
            2,
            'the service starts in phase 0, but waits for "db" of phase 1: give it a later phase',
        )
    ]


def test_volumes_of_a_service_of_a_later_phase_are_refused() -> None:
    ((line, message),) = messages_of(web="volumes_from: [db]", db="environment: [OCCS_PHASE_ID=1]")
    assert (line, message.split(":")[0]) == (
        2, 'the service starts in phase 0, but waits for "db" of phase 1'
    )  # fmt: skip


def test_a_thousand_services_in_a_row_are_no_ring() -> None:
    lines = [f"  s{n}: {{image: x, depends_on: [s{n - 1}]}}\n" for n in range(1, 1000)]
    services = parse_definition("services:\n  s0: {image: x}\n" + "".join(lines)).services
    assert services[999].depends_on == (Dependency("s998"),)


def test_two_services_on_one_host_port_are_refused() -> None:
    assert messages_of(a="ports: ['80:80']", b="ports: [81, '80:8080']") == [
        (
            3,
            (
                'host port 80/tcp is already used by "a": use another one, or keep the two apart '
                "with constraint:hostname=="
            ),
        )
    ]


@pytest.mark.parametrize("ip", ["0.0.0.0:", "[::]:", "127.0.0.1:", ""])
def test_a_port_on_all_addresses_meets_one_on_any_address(ip: str) -> None:
    assert len(messages_of(a="ports: ['80:80']", b=f"ports: ['{ip}80:81']")) == 1


@pytest.mark.parametrize("ip", ["0.0.0.0:", "127.0.0.1:", ""])
def test_a_port_on_all_addresses_of_ipv4_meets_one_on_any_of_them(ip: str) -> None:
    assert len(messages_of(a="ports: ['0.0.0.0:80:80']", b=f"ports: ['{ip}80:81']")) == 1


def test_a_port_of_ipv4_and_one_of_ipv6_do_not_meet() -> None:
    parsed_stack(a="ports: ['0.0.0.0:80:80']", b="ports: ['[::]:80:81']")


@pytest.mark.parametrize(
    "other",
    [
        "ports: ['80:80/udp']",
        "ports: ['127.0.0.1:80:80']",
        "ports: ['80']",
        "ports: ['10.0.0.1:80:80'], environment: ['constraint:hostname==h2']",
        "ports: ['10.0.0.1:80:80'], environment: ['constraint:hostname!=h1']",
        "ports: ['10.0.0.1:80:80'], environment: ['constraint:tag==hdd']",
        "ports: ['10.0.0.1:80:80'], profiles: [dev]",
    ],
)
def test_a_host_port_may_be_used_twice_where_the_text_keeps_the_two_apart(other: str) -> None:
    rules = "environment: ['constraint:hostname==h1', 'constraint:tag==ssd']"
    stack = parsed_stack(a=f"ports: ['10.0.0.1:80:80'], {rules}", b=other)
    assert len(stack.services) == 2


def test_a_service_of_a_profile_is_kept_but_not_started() -> None:
    parsed = parsed_stack(web="links: [debug], depends_on: [debug]", debug="profiles: [debug]")
    web, debug = parsed.services
    assert (web.container.links, web.depends_on, debug.replicas) == ((), (), 0)
    assert [(entry.field, entry.outcome) for entry in parsed.report] == [
        ("services.web.links.0", "ignored"),
        ("services.web.depends_on.0", "ignored"),
        ("services.debug.profiles", "translated"),
    ]


def test_services_of_profiles_may_name_each_other() -> None:
    web, db = parsed_stack(web="links: [db], profiles: [a]", db="profiles: [a]").services
    assert (web.container.links, db.replicas) == ((LinkSpec("db", "db"),), 0)


def test_declared_networks_and_volumes_are_taken_over_without_a_word() -> None:
    parsed = parse_definition(
        "services:\n  web: {image: x, networks: {back: {aliases: [w]}}, volumes: ['da:/d', 'e:/e']}\n"
        "networks: {back: }\nvolumes: {da: {}, e: {name: other}}\n"
    )
    container = parsed.services[0].container
    assert container.networks == (NetworkSpec("back", ("w",)),)
    assert container.mounts == (MountSpec("volume", "/d", "da"), MountSpec("volume", "/e", "other"))
    assert parsed.report == ()


def test_what_declarations_cannot_have_is_reported() -> None:
    report = parse_definition(
        "services: {web: {image: x}}\n"
        "networks:\n  a: {driver: overlay}\n  b: {external: true}\n  c: {internal: true}\n"
        "volumes:\n  d: {driver: nfs}\n  e: {driver_opts: {type: nfs}}\n  f: {external: true}\n"
    ).report
    assert [(entry.line, entry.outcome) for entry in report] == [
        (3, "translated"),
        (4, "translated"),
        (5, "ignored"),
        (7, "ignored"),
        (8, "ignored"),
    ]


def test_networks_beside_a_network_mode_are_refused() -> None:
    assert messages_of(web="network_mode: host, networks: [default]") == [
        (2, "networks and network_mode exclude each other: keep one")
    ]


def test_in_a_text_of_the_first_version_nothing_needs_to_be_declared() -> None:
    parsed = parse_definition("web: {image: x, volumes: ['da:/d'], links: [db]}\ndb: {image: x}\n")
    assert parsed.report == ()
    assert parsed.services[0].container.mounts == (MountSpec("volume", "/d", "da"),)


LINKING = "external_links: ['0.db.shop:db', cache]"


def test_containers_of_other_texts_are_linked_on_the_engines_own_bridge() -> None:
    parsed = parsed_stack(web=LINKING)
    web = parsed.services[0].container
    assert web.external_links == ("0.db.shop:db", "cache:cache")
    assert web.linked_containers == ("0.db.shop", "cache")
    assert parsed.report == ()
    beside = parsed_stack(web=LINKING, api="links: [db]", db="").services[0].container
    assert (beside.network_mode, beside.networks) == ("bridge", ())
    assert beside.external_links == web.external_links


@pytest.mark.parametrize(
    "services",
    [
        {"web": LINKING + ", networks: [back]"},
        {"web": LINKING + ", network_mode: host"},
        {"web": LINKING + ", links: [db]", "db": ""},
        {"web": LINKING, "db": "links: [web]"},
    ],
)
def test_containers_of_other_texts_are_not_linked_on_a_network(services: dict[str, str]) -> None:
    parsed = parsed_stack(**services)
    assert parsed.services[0].container.external_links == ()
    (entry,) = [each for each in parsed.report if each.outcome == "ignored"]
    assert (entry.line, entry.field) == (2, "services.web.external_links")
    assert entry.reason.startswith("other containers can only be linked on the engine's own bridge")


@pytest.mark.parametrize("value", ["'a b:c'", "':db'", "'db:a/b'"])
def test_what_names_no_container_cannot_be_linked(value: str) -> None:
    ((line, message),) = messages_of(web=f"external_links: [{value}]")
    assert line == 2
    assert message.endswith(
        "is not a container with an alias: write name:alias, for example 0.db.shop:db"
    )


def test_a_link_to_no_service_of_the_text_says_where_others_go() -> None:
    ((_, message),) = messages_of(web="links: [db]")
    assert message == (
        'there is no service "db": the text has no other; name a container of another text '
        "under external_links"
    )
