"""A ``docker run`` command as a definition: flags, shell quoting, and what is wrong with it."""

import pytest

from berth.definition import DefinitionForm, parse_definition, render_yaml
from berth.definition.converter import convert_text
from berth.domain.errors import DefinitionInvalid, Problem
from berth.domain.spec import (
    ContainerSpec,
    LogSpec,
    MountSpec,
    NetworkSpec,
    PlacementRules,
    PortSpec,
    ServiceSpec,
)
from berth.domain.states import Availability, Policy


def the_service(text: str) -> ServiceSpec:
    """Return the one service of a text."""
    (service,) = parse_definition(text).services
    return service


def the_container(flags: str) -> ContainerSpec:
    """Return the container of a command with some flags."""
    return the_service(f"docker run {flags} nginx").container


def report_of(text: str) -> list[tuple[int, str, str]]:
    """Return line, field and outcome of each entry of the report."""
    return [(entry.line, entry.field, entry.outcome) for entry in parse_definition(text).report]


def problems_of(text: str, form: DefinitionForm = DefinitionForm.AUTO) -> tuple[Problem, ...]:
    """Return the problems of a text that has some."""
    with pytest.raises(DefinitionInvalid) as raised:
        parse_definition(text, form=form)
    return raised.value.problems


COMMAND = """\
docker run \\
  --name=web \\
  -p=9500:9500/tcp \\
  -v=/host:/ctr:rw \\
  -e="K=V" \\
  "repo:tag"
"""


def test_a_command_is_written_in_the_form_that_it_was_read_in() -> None:
    forms = convert_text(COMMAND)
    assert forms.docker_run == COMMAND
    assert forms.parsed.services[0].key == "web"
    assert forms.yaml == (
        "version: 2\nservices:\n  web:\n    image: 'repo:tag'\n    environment:\n"
        "      - 'K=V'\n    ports:\n      - '9500:9500/tcp'\n    volumes:\n"
        "      - '/host:/ctr:rw'\n    container_name: 'web'\n"
    )


@pytest.mark.parametrize(
    ("flags", "members"),
    [
        ("-p 80 --publish 8080:80/udp", {"ports": (PortSpec(80), PortSpec(80, "udp", 8080))}),
        ("-v/a:/b -v /c --volume=da:/e:ro", {"mounts": (
            MountSpec("bind", "/b", "/a"), MountSpec("volume", "/c"), MountSpec("volume", "/e", "da", True),
        )}),
        ("--mount 'type=bind,src=/a,\"dst=/b,c\",readonly,bind-propagation=rslave'",
         {"mounts": (MountSpec("bind", "/b,c", "/a", True, "rslave"),)}),
        ("--mount type=tmpfs,dst=/t,tmpfs-size=64m,tmpfs-mode=1777",
         {"mounts": (MountSpec("tmpfs", "/t", tmpfs_bytes=2**26, tmpfs_mode=0o1777),)}),
        ("-m512m --memory-swap -1 -c 5 --cpus=.5", {
            "memory_bytes": 2**29, "memory_swap_bytes": -1, "cpu_shares": 5, "cpus": 0.5,
        }),
        ("-e A=1 --env=B=$'x\\ny' -l c='d e'", {
            "environment": (("A", "1"), ("B", "x\ny")), "labels": (("c", "d e"),),
        }),
        ("--net host", {"network_mode": "host"}),
        ("--network app --net-alias x", {"networks": (NetworkSpec("app", ("x",)),)}),
        ("--privileged=false --init --read-only=1", {"init": True, "read_only": True}),
        ("--entrypoint '/a b'", {"entrypoint": ("/a b",)}),
        ("--entrypoint=", {"entrypoint": ()}),
        ("--stop-timeout 5 --stop-signal SIGINT", {"stop_grace_s": 5.0, "stop_signal": "SIGINT"}),
        ("--log-driver syslog --log-opt tag=x", {"log": LogSpec("syslog", (("tag", "x"),))}),
        ("--volumes-from data:ro", {"volumes_from": ("container:data:ro",)}),
        ("--restart on-failure:3", {"restart": False, "retries": 3}),
        ("--pull=missing -u 1:2 -w /a -h web", {
            "pull": False, "user": "1:2", "working_dir": "/a", "hostname": "web",
        }),
    ],
)  # fmt: skip
def test_flags_say_what_the_keys_of_yaml_say(flags: str, members: dict[str, object]) -> None:
    assert the_container(flags) == ContainerSpec(image="nginx", **members)  # type: ignore[arg-type]


def test_what_concerns_a_terminal_is_tolerated_and_reported() -> None:
    text = "docker run -dit \\\n --rm nginx"
    assert report_of(text) == [
        (1, "--detach", "ignored"),
        (1, "--interactive", "translated"),
        (1, "--tty", "translated"),
        (2, "--rm", "ignored"),
    ]
    assert the_service(text).container == ContainerSpec(image="nginx", tty=True, stdin_open=True)


@pytest.mark.parametrize("flags", ["--frob=1 -p 80", "--frob 1 -p 80", "--frob -p 80"])
def test_an_unknown_flag_is_reported_and_its_neighbours_count(flags: str) -> None:
    text = f"docker run {flags} nginx"
    assert report_of(text) == [(1, "--frob", "ignored")]
    assert the_service(text).container == ContainerSpec(image="nginx", ports=(PortSpec(80),))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("docker run nginx sh -c \"echo 'a b' > /c\"", ("sh", "-c", "echo 'a b' > /c")),
        ("docker run nginx a\\ b \\\n c", ("a b", "c")),
        ("docker run nginx 'it'\\''s' \"\\$x \\q\"", ("it's", "$x \\q")),
        ("docker run nginx --flag -d", ("--flag", "-d")),
        ("# why\nsudo docker container run nginx a # b\n", ("a",)),
        ('docker run nginx {{kv_get "a b"}} "x {{kv_get "a b"}}"',
         ('{{kv_get "a b"}}', 'x {{kv_get "a b"}}')),
        ("docker \\\n run \\\r\n nginx a", ("a",)),
    ],
)  # fmt: skip
def test_words_are_split_as_a_shell_splits_them(text: str, words: tuple[str, ...]) -> None:
    assert the_service(text).container.command == words


def test_nothing_takes_the_place_of_variables_and_that_is_reported() -> None:
    text = 'docker run -e "A=$HOME" -e B=$$ nginx'
    assert the_service(text).container.environment == (("A", "$HOME"), ("B", "$$"))
    assert report_of(text) == [(1, "", "ignored")]
    assert parse_definition(convert_text(text).yaml).services == parse_definition(text).services


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("docker run", 1, 8, "the command names no image"),
        ("docker run \\\n -e", 2, 2, "the flag --env has no value: write --env=VALUE"),
        ("docker run -p 70000:1 nginx", 1, 15, "port 70000 is out of range: use 1 to 65535"),
        ("docker run \\\n -m lots nginx", 2, 5, '"lots" is not a size'),
        ("docker run -e 'A nginx", 1, 15, "a quote is opened here and never closed"),
        ("docker run nginx | cat", 1, 18, 'a shell would interpret "|"'),
        ("docker run \\ \n nginx", 1, 12, "there are spaces after the backslash"),
        ("docker run -d\n nginx", 2, 2, "the command ended on the line before"),
        ("docker run --tty=maybe nginx", 1, 12, '"maybe" is neither true nor false'),
        ("docker run x\x00y", 1, 13, "a text must not contain a NUL byte"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_mend(
    text: str, line: int, column: int, message: str
) -> None:
    first = problems_of(text)[0]
    assert (first.line, first.column) == (line, column)
    assert message in first.message


def test_a_text_of_another_form_than_the_one_asked_for_is_refused() -> None:
    assert problems_of("web: {image: nginx}", DefinitionForm.DOCKER_RUN)[0].message.endswith(
        "docker run"
    )
    assert problems_of("docker run nginx", DefinitionForm.YAML)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("docker run reg:5000/a/nginx:1", "nginx"),
        ("docker run --name db-1 nginx", "db-1"),
        ("docker run -e berth:service=front nginx", "front"),
        ("docker run '{{kv_get \"img\"}}'", "service"),
    ],
)
def test_the_service_is_named_after_the_container_or_the_image(text: str, key: str) -> None:
    assert the_service(text).key == key


def test_keys_without_a_flag_stand_in_the_environment() -> None:
    text = """docker run -e 'berth:deploy={"replicas": 3}' -e berth:scale=3 nginx"""
    assert the_service(text).replicas == 3
    assert the_service(text).container.environment == ()
    assert "replicas: 3" in render_yaml([the_service(text)])


def test_native_settings_are_settings_and_no_keys() -> None:
    spec = the_service(
        "docker run -e berth:availability=per-host -e 'berth:description=My web' "
        "-e berth:scheduler=cpu -e berth:service=front nginx"
    )
    assert (spec.key, spec.description) == ("front", "My web")
    assert spec.placement == PlacementRules(availability=Availability.PER_HOST, policy=Policy.CPU)


@pytest.mark.parametrize(
    "flags",
    [
        "-v $(pwd):/app",
        '-v "$(pwd)":/app',
        "-v $PWD/data:/data",
        "-v ${PWD:-/a}/data:/data:ro",
        "-v `pwd`:/x",
        '-v "`pwd`/a b":/x',
        '-v "$(dirname "$(readlink -f "$0")")":/x',
        "-v ./a:/b",
        "-v ~/a:/b",
        '--mount type=bind,src="$(pwd)"/t,dst=/app',
        "--mount type=bind,source=`pwd`,target=/app",
    ],
)
def test_a_folder_of_the_one_who_types_is_reported_and_not_mounted(flags: str) -> None:
    parsed = parse_definition(f"docker run -v /h:/c {flags} -e A=b nginx")
    container = parsed.services[0].container
    assert container.mounts == (MountSpec("bind", "/c", "/h"),)
    assert container.environment == (("A", "b"),)
    assert "ignored" in {e.outcome for e in parsed.report if e.field.endswith(".volumes.1")}


def test_a_command_in_a_command_is_one_piece() -> None:
    spec = the_service('docker run -l a=$(date -u "+%F %T") nginx echo "$(id | wc -c)" x')
    assert spec.container.labels == (("a", '$(date -u "+%F %T")'),)
    assert spec.container.command == ("echo", "$(id | wc -c)", "x")
    assert 'interpret "("' in problems_of("docker run nginx echo $(id")[0].message


def test_a_link_of_a_command_is_one_to_a_container_of_another_text() -> None:
    text = "docker run --link=0.db.shop:db --link cache nginx"
    assert the_service(text).container.external_links == ("0.db.shop:db", "cache:cache")
    assert report_of(text) == []
    assert "--link=0.db.shop:db" in (convert_text(text).docker_run or "")
