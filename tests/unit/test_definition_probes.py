"""Checks of containers: the variables OCCS_HEALTHCHECK_<LABEL>, and the key healthcheck."""

import pytest

from berth.definition import ParsedDefinition, convert_text, parse_definition, render_yaml
from berth.domain.errors import DefinitionInvalid
from berth.domain.spec import ENGINE_CHECK, Probe


def parsed_with(url: str, label: str = "A") -> ParsedDefinition:
    """Parse a service with one check."""
    return parse_definition(
        f"web:\n  image: x\n  environment:\n    - 'OCCS_HEALTHCHECK_{label}={url}'\n"
    )


def probe_of(url: str) -> Probe:
    """Return the one check of such a service."""
    (probe,) = parsed_with(url).services[0].container.probes
    return probe


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://:8886/path", Probe(label="A", kind="http", port=8886, path="/path")),
        ("http://:80", Probe(label="A", kind="http", port=80, path="/")),
        ("HTTP:///x", Probe(label="A", kind="http", port=80, path="/x")),
        ("https://:8443/a?b=c", Probe(label="A", kind="https", port=8443, path="/a?b=c")),
        ("https:///", Probe(label="A", kind="https", port=443, path="/")),
        (
            "http://example.org:81/",
            Probe(label="A", kind="http", host="example.org", port=81, path="/"),
        ),
        ("http://[fe80::1]:81/", Probe(label="A", kind="http", host="fe80::1", port=81, path="/")),
        ("tcp://:3306/", Probe(label="A", kind="tcp", port=3306)),
        ("tcp://:3306", Probe(label="A", kind="tcp", port=3306)),
        ("script:///opt/check.sh", Probe(label="A", kind="script", path="/opt/check.sh")),
        (
            "http://:80/{{.ServiceID}}?timeout=2s",
            Probe(label="A", kind="http", port=80, path="/{{.ServiceID}}", timeout_s=2.0),
        ),
    ],
)
def test_the_scheme_decides_the_kind(url: str, expected: Probe) -> None:
    assert probe_of(url) == expected


def test_what_is_not_given_is_as_documented() -> None:
    probe = probe_of("tcp://:80")
    assert (probe.interval_s, probe.timeout_s, probe.retries, probe.start_period_s) == (
        30.0,
        10.0,
        3,
        60.0,
    )


def test_options_are_taken_out_of_the_query_in_any_place() -> None:
    probe = probe_of("http://:80/x?timeout=500ms&a=1&interval=1m&retries=5&b=2&start_period=2h")
    assert probe == Probe(
        label="A",
        kind="http",
        port=80,
        path="/x?a=1&b=2",
        timeout_s=0.5,
        interval_s=60.0,
        retries=5,
        start_period_s=7200.0,
    )


def test_several_checks_keep_their_labels_and_reach_the_container() -> None:
    text = (
        "web:\n  image: x\n  environment:\n    OCCS_HEALTHCHECK_WEB_HTTP: 'tcp://:80/'\n"
        "    OCCS_HEALTHCHECK_DB: tcp://:3306\n"
    )
    container = parse_definition(text).services[0].container
    assert [(probe.label, probe.port) for probe in container.probes] == [
        ("DB", 3306),
        ("WEB_HTTP", 80),
    ]
    assert dict(container.environment)["OCCS_HEALTHCHECK_DB"] == "tcp://:3306"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_the_name_of_the_machine_itself_means_the_container(host: str) -> None:
    parsed = parsed_with(f"http://{host}:80/")
    assert parsed.services[0].container.probes[0].host == ""
    assert [entry.outcome for entry in parsed.report] == ["translated"]


def test_an_unknown_option_is_reported() -> None:
    assert [entry.outcome for entry in parsed_with("tcp://:80/?colour=red").report] == ["ignored"]


@pytest.mark.parametrize(
    ("url", "start"),
    [
        ("", '"" is not a check: write for example'),
        ("ftp://:21", '"ftp://:21" is not a check'),
        ("http:80", '"http:80" is not a check'),
        ("tcp://", '"" is not a port: use 1 to 65535'),
        ("tcp://:0", '"0" is not a port'),
        ("http://:70000/", '"70000" is not a port'),
        ("http://:x/", '"x" is not a port'),
        (
            'http://:{{kv_get "p"}}/',
            "the port of a check must be a number, not a template function",
        ),
        ("script://check.sh", '"script://check.sh" names no script'),
        ("script:///", '"script:///" names no script'),
        ("tcp://:80?timeout=0s", '"timeout=0s" is not a time'),
        ("tcp://:80?interval=-5s", '"interval=-5s" is not a time'),
        ("tcp://:80?interval=5d", '"interval=5d" is not a time'),
        ("tcp://:80?retries=0", '"retries=0" is out of range: use 1 to 1000'),
        ("tcp://:80?retries=99999999999999", '"retries=99999999999999" is out of range'),
    ],
)
def test_a_wrong_check_is_refused_with_its_line(url: str, start: str) -> None:
    with pytest.raises(DefinitionInvalid) as raised:
        parsed_with(url)
    (problem,) = raised.value.problems
    assert problem.message.startswith(start)
    assert problem.line == 4


def healthcheck_of(keys: str) -> tuple[Probe, ...]:
    """Return the checks of a service with this healthcheck."""
    return (
        parse_definition(f"web: {{image: x, healthcheck: {{{keys}}}}}").services[0].container.probes
    )


@pytest.mark.parametrize(
    ("keys", "test"),
    [
        ("test: curl -f x || exit 1", ("CMD-SHELL", "curl -f x || exit 1")),
        ("test: [CMD, curl, x]", ("CMD", "curl", "x")),
        ("test: [CMD-SHELL, curl x]", ("CMD-SHELL", "curl x")),
        ("retries: 5", ()),
    ],
)
def test_a_healthcheck_is_run_by_the_engine_in_its_form(keys: str, test: tuple[str, ...]) -> None:
    (probe,) = healthcheck_of(keys)
    assert (probe.label, probe.kind, probe.test) == (ENGINE_CHECK, "image", test)


def test_checks_are_the_same_in_any_order_of_the_text() -> None:
    checks = ["OCCS_HEALTHCHECK_Z=tcp://:1", "OCCS_HEALTHCHECK_HEALTHCHECK=http://:80/"]
    given, turned = (
        parse_definition(f"web: {{image: x, healthcheck: {{test: y}}, environment: {order}}}")
        for order in (checks, checks[::-1])
    )
    assert given.services == turned.services
    kinds = {probe.label: probe.kind for probe in given.services[0].container.probes}
    assert kinds == {ENGINE_CHECK: "image", "HEALTHCHECK": "http", "Z": "tcp"}
    assert convert_text(render_yaml(given.services)).parsed.services == given.services


def test_times_of_a_healthcheck_are_those_of_engines() -> None:
    (probe,) = healthcheck_of("test: x, interval: 1m30s, timeout: 5s, retries: 2, start_period: 9s")
    times = (probe.interval_s, probe.timeout_s, probe.retries, probe.start_period_s)
    assert times == (90.0, 5.0, 2, 9.0)
    (bare,) = healthcheck_of("test: x, retries: 0")
    times = (bare.interval_s, bare.timeout_s, bare.retries, bare.start_period_s)
    assert times == (30.0, 30.0, 3, 0.0)


@pytest.mark.parametrize("keys", ["disable: true", "test: NONE", "test: [NONE]"])
def test_the_check_of_an_image_can_be_switched_off(keys: str) -> None:
    container = (
        parse_definition(f"web: {{image: x, healthcheck: {{{keys}}}}}").services[0].container
    )
    assert (container.probes, container.image_probe) == ((), False)


def test_an_empty_healthcheck_leaves_the_check_of_the_image() -> None:
    container = (
        parse_definition("web: {image: x, healthcheck: {disable: false}}").services[0].container
    )
    assert (container.probes, container.image_probe) == ((), True)
