"""What makes a text unusable: each problem with its place, and all of them in one go."""

import pytest

from berth.definition import parse_definition
from berth.domain.errors import DefinitionInvalid, Problem
from berth.domain.states import Subtype

VOLUME_FORM = "write /host:/container:ro, name:/container or /container"
NETWORK_NAME = '"a b" is not a network name: use letters, digits, dots, underscores and hyphens'
NO_TEMPLATE = "a port must be a number, not a template function"
CAPABILITIES = "the device names no capabilities: add for example capabilities: [gpu]"
IMAGE_FORM = "write an image as name:tag, for example nginx:1.27"
BAD_IMAGES = ["app:", "NGINX:1", "a//b", "a:b:c", "a/", "a@b", "/a", "a:-b", " a"]
TOO_LONG = "the text is longer than 1 MiB, which ends here: split it into several stacks"
MODES = '"all" is not valid here: use one of replicated, global, replicated-job, global-job'


def problems_of(text: str, subtype: Subtype | None = None) -> tuple[Problem, ...]:
    """Return the problems of a text that has some."""
    with pytest.raises(DefinitionInvalid) as raised:
        parse_definition(text, subtype=subtype)
    return raised.value.problems


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "image: 'a b'",
            '"a b" is not valid here: write an image as name:tag, for example nginx:1.27',
        ),
        ("image: ''", '"" is not valid here: write an image as name:tag, for example nginx:1.27'),
        ("image: [a]", "a single value is expected here, not a list"),
        ("ports: 80", "a list is expected here, not a single value: begin each item with a dash"),
        (
            "environment: A=1",
            "a list is expected here, not a single value: begin each item with a dash",
        ),
        ("privileged: maybe", '"maybe" is neither true nor false: write true or false'),
        (
            "mem_limit: lots",
            '"lots" is not a size: write a number with b, k, m or g, for example 512m',
        ),
        *[
            (f"image: '{image}'", f'"{image}" is not valid here: {IMAGE_FORM}')
            for image in BAD_IMAGES
        ],
        ("ulimits: {nofile: {soft: 9, hard: 5}}", "soft is greater than hard: lower it to hard"),
        ("ulimits: {core: {soft: -1, hard: 5}}", "soft is greater than hard: lower it to hard"),
        ("mem_limit: 4k", "the engine refuses a memory limit below 6m: use 6m or more"),
        ("mem_limit: 9999999p", "the size 9999999p is out of range: use at most 8191t"),
        ("memswap_limit: 1g", "memswap_limit has no effect without mem_limit: add mem_limit"),
        (
            "links: [db]",
            (
                'there is no service "db": the text has no other; name a container of another '
                "text under external_links"
            ),
        ),
        ("depends_on: [db]", 'there is no service "db": the text has no other'),
        ("volumes_from: ['db:ro']", 'there is no service "db": the text has no other'),
        ("network_mode: service:db", 'there is no service "db": the text has no other'),
        ("links: [web]", 'the service "web" refers to itself: name another one'),
        ("volumes_from: ['container:']", "a name is missing: write container:NAME"),
        (
            "network_mode: a b",
            '"a b" is not valid here: use bridge, host, none or the name of a network',
        ),
        ("networks: ['a b']", NETWORK_NAME),
        ("ports: ['{{kv_get \"p\"}}:80']", NO_TEMPLATE),
        (
            "ulimits: {nofile: {soft: 1}}",
            "a limit has two parts: write soft and hard, or one number",
        ),
        ("ulimits: {nofile: -2}", "-2 is out of range: use -1 to 9007199254740991"),
        (
            "healthcheck: {test: [curl, x]}",
            (
                'a test must begin with CMD, CMD-SHELL or NONE, not with "curl": '
                'write for example ["CMD", "curl", "-f", "http://localhost"]'
            ),
        ),
        ("healthcheck: {interval: 1ms}", "the duration is out of range: use 100ms or more"),
        ("deploy: {replicas: -1}", "-1 is out of range: use 0 to 10000"),
        ("deploy: {mode: all}", MODES),
        ("deploy: {resources: {limits: {cpus: -1}}}", '"-1" is out of range: use 0 to 4096'),
        (
            "deploy: {update_config: {order: first}}",
            '"first" is not valid here: use one of start-first, stop-first',
        ),
        (
            "deploy: {update_config: {max_failure_ratio: 2}}",
            '"2" is out of range: use 0 to 1',
        ),
        ("deploy: {resources: {reservations: {devices: [{count: 1}]}}}", CAPABILITIES),
        ("deploy: [a]", "a mapping is expected here, not a list: deploy"),
        ("tmpfs: 'run'", 'the target "run" is not an absolute path: ' + VOLUME_FORM),
        ("cpus: many", '"many" is not a number: use 0 to 4096'),
        ("cpus: -1", '"-1" is out of range: use 0 to 4096'),
        ("cpu_shares: 1.5", '"1.5" is not a whole number: use 0 to 262144'),
        ("cpu_shares: 300000", "300000 is out of range: use 0 to 262144"),
        ("stop_grace_period: soon", '"soon" is not a duration: write for example 30s or 1m30s'),
        ("stop_grace_period: 25h", "the duration 25h is out of range: use 0s to 24h"),
        (
            "restart: maybe",
            '"maybe" is not valid here: use no, always, unless-stopped or on-failure',
        ),
        (
            'command: "echo \'a"',
            (
                "a quote is opened and never closed, or a backslash ends the text: close the quote, or "
                "write the command as a list"
            ),
        ),
        ("dns: here", '"here" is not an IP address: write for example 10.0.0.2'),
        ("pid: mine", '"mine" is not valid here: use one of host, private'),
        (
            "labels: {berth.host: x}",
            'the label "berth.host" is reserved: labels may not begin with "berth."',
        ),
        (
            "volumes: [{type: bind, source: a, target: /b}]",
            'the host path "a" is not an absolute path',
        ),
        ("volumes: ['/a:/b:rx']", 'the mode "rx" is unknown: use ro or rw'),
        ("volumes: ['/a:/b', 'cc:/b/']", "two things are mounted at /b: keep one"),
        (
            "volumes: [{type: disk, target: /a}]",
            'the mount type "disk" is unknown: use bind, volume or tmpfs',
        ),
        ("devices: [cam]", '"cam" is not a device: write /dev/host:/dev/container:rwm'),
        ('user: "a\\0"', "a value must not contain a NUL byte: remove it"),
        ("user: !custom x", "the tag !custom is not understood: remove it"),
        (
            "environment: [{A: 1}]",
            (
                "a single value NAME=value is expected here, not a mapping: write the equals sign without "
                "spaces, or leave out the dashes"
            ),
        ),
        (
            "extra_hosts: [db]",
            '"db:" is not a host with its address: write name:address, for example db:10.0.0.2',
        ),
        (
            "logging: syslog",
            "a mapping is expected here, not a single value: write driver and options",
        ),
        ("<<: 3", "the merge key << takes a mapping or a list of mappings: write <<: *name"),
    ],
)
def test_a_wrong_value_is_named_with_its_line_and_mend(line: str, message: str) -> None:
    tail = "" if line.startswith("image") else "    image: x\n"
    text = f"version: 2\nservices:\n  web:\n    {line}\n{tail}"
    assert [(found.message, found.line) for found in problems_of(text)] == [(message, 4)]


@pytest.mark.parametrize(
    ("text", "line", "field", "message"),
    [
        ("", 1, "", "the text is empty: write services with at least one service"),
        (
            "# only a comment\n",
            1,
            "",
            "the text is empty: write services with at least one service",
        ),
        (
            "- web",
            1,
            "",
            (
                "the text is a list, not a mapping: begin with services and write each "
                "service below it"
            ),
        ),
        ("version: 2\n", 1, "", "the text has no services: add at least one below services"),
        ("services: {}", 1, "", "the text has no services: add at least one below services"),
        ("services: [web]", 1, "services", "services must be a mapping of names, not a list"),
        (
            "\nservices:\n  web:\n",
            3,
            "services.web",
            'the service "web" must be a mapping with image, not nothing',
        ),
        (
            "services:\n  web:\n    user: a\n",
            2,
            "services.web",
            "the service has no image: add image, for example nginx:1.27",
        ),
        (
            "services:\n  web:\n    image:\n",
            2,
            "services.web",
            "the service has no image: add image, for example nginx:1.27",
        ),
        (
            "services:\n  web:\n    build: .\n",
            3,
            "services.web.build",
            "images are not built: build the image elsewhere, push it, and name it with image",
        ),
        (
            "a b: {image: x}",
            1,
            "a b",
            (
                '"a b" is not a service name: use letters, digits, dots, '
                "hyphens and underscores, and begin with a letter or digit"
            ),
        ),
        (
            "web:\n  image: x\n  image: y\n",
            3,
            "web.image",
            'the key "image" appears twice, first in line 2: keep one',
        ),
        (
            "services:\n  a: {image: x}\n  a: {image: y}\n",
            3,
            "services.a",
            'the key "a" appears twice, first in line 2: keep one',
        ),
        ("? [a]\n: b\nweb: {image: x}", 1, "", "a key must be a single value: put it in quotes"),
        (
            "a: {image: x}\n---\nb: {image: x}\n",
            2,
            "",
            "a second YAML document begins here: keep one, and remove the line ---",
        ),
        ("web:\n\timage: x\n", 2, "", "YAML does not allow a tab here: indent with spaces"),
        ("web:\n  image: a\0b\n", 2, "", "a text must not contain a NUL byte: remove it"),
        ("web: *image\n", 1, "web", "the alias *image has no anchor &image before it"),
        (
            "web: &w\n  image: *w\n",
            2,
            "web.image",
            "the alias *w is inside its own anchor: a value cannot contain itself",
        ),
        ("[" * 60, 1, "", "the text is nested more than 50 levels deep"),
        ("#" * 1_048_577, 1, "", TOO_LONG),
        ("é" * 600_000, 1, "", TOO_LONG),
        (
            "a: x\n" + "# {{\n" * 5_001,
            5_002,
            "",
            "the text has 5001 template functions: use at most 5000",
        ),
    ],
)
def test_an_unusable_text_is_named_with_its_place(
    text: str, line: int, field: str, message: str
) -> None:
    (found,) = problems_of(text)
    assert (found.line, found.field, found.message) == (line, field, message)


def test_a_syntax_error_is_named_with_line_and_column() -> None:
    (found,) = problems_of("web:\n  image: x\n  user: 'a\n")
    assert found.message.startswith("the text is not valid YAML while scanning a quoted scalar")
    assert found.line in (3, 4)
    assert found.column >= 1


def test_aliases_that_multiply_are_refused_before_they_are_written_out() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    (found,) = problems_of(bomb)
    assert (found.line, found.message.split(":")[0]) == (
        5,
        "the text is too large once its aliases are written out",
    )


def test_a_long_text_repeated_by_aliases_is_refused() -> None:
    text = f"x-a: &a {'x' * 100_000}\nweb: {{image: x, command: [{', '.join(['*a'] * 100)}]}}"
    assert problems_of(text)[0].message.startswith("the text is too large once")


def test_a_text_with_too_many_services_is_refused() -> None:
    text = "".join(f"s{number}: {{image: x}}\n" for number in range(1001))
    assert problems_of(text)[0].message == "the text has 1001 services: use at most 1000"


def test_all_problems_come_in_one_go_in_the_order_of_the_lines() -> None:
    text = (
        "services:\n  web:\n    restart: maybe\n    ports: [70000, x]\n    image: 'a b'\n"
        "  db:\n    tty: 3\n    tty: 4\n"
    )
    assert [found.line for found in problems_of(text)] == [3, 4, 4, 5, 6, 7, 8]


def test_only_so_many_problems_are_listed_as_can_be_read() -> None:
    found = problems_of(f"web: {{image: x, ports: [{', '.join(['x'] * 300)}]}}")
    assert len(found) == 201
    assert found[-1].message == "100 more problems follow: fix these first"


def test_past_two_thousand_problems_the_text_is_not_read_on() -> None:
    found = problems_of("web: {image: x}\n" * 5000)
    assert found[-1].message == "1800 more problems follow: fix these first"


def test_the_error_names_the_member_of_the_request() -> None:
    with pytest.raises(DefinitionInvalid) as raised:
        parse_definition("", field="stack.content")
    assert (raised.value.field, raised.value.code) == ("stack.content", "invalid_definition")


def test_a_service_definition_has_exactly_one_service() -> None:
    text = "services:\n  a: {image: x}\n  b: {image: y}\n"
    (found,) = problems_of(text, Subtype.SERVICE)
    assert (found.line, found.field) == (3, "services.b")
    assert found.message == (
        "the text has 2 services, but a service must have exactly one: save it as a stack"
    )


def test_a_stack_definition_may_have_one_service_or_more() -> None:
    assert len(parse_definition("a: {image: x}", subtype=Subtype.STACK).services) == 1
    assert (
        len(parse_definition("a: {image: x}\nb: {image: y}", subtype=Subtype.STACK).services) == 2
    )


def test_net_and_network_mode_must_agree() -> None:
    (found,) = problems_of("web:\n  image: x\n  net: host\n  network_mode: none\n")
    assert (found.line, found.message) == (
        3,
        "net says host but network_mode says none: keep network_mode",
    )


def test_two_log_drivers_are_refused() -> None:
    (found,) = problems_of("web: {image: x, log_driver: a, logging: {driver: b}}")
    assert found.message == "two log drivers are named, b and a: keep one"


@pytest.mark.parametrize("line", ["memswap_limit: 6m", "mem_reservation: 2g"])
def test_memory_sizes_must_fit_together(line: str) -> None:
    (found,) = problems_of(f"web:\n  {line}\n  mem_limit: 1g\n  image: x\n")
    assert found.line == 2
    assert "mem_limit" in found.message
