"""Dollar signs: what Compose would substitute, and texts in which nothing is."""

import pytest

from berth.definition import ParsedDefinition, parse_definition
from berth.domain.errors import DefinitionInvalid
from berth.domain.spec import MountSpec, PortSpec


def variable_of(value: str) -> tuple[str, list[str]]:
    """Return what becomes of a variable's value in a Compose text, and the outcomes reported."""
    parsed = parse_definition(f"web:\n  image: x\n  environment:\n    - 'A={value}'\n")
    return parsed.services[0].container.environment[0][1], [e.outcome for e in parsed.report]


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("$B", ""),
        ("a$B.c", "a.c"),
        ("${B}", ""),
        ("${B:-c}", "c"),
        ("${B-c}", "c"),
        ("${B:-}", ""),
        ("${B:+c}", ""),
        ("${B+c}", ""),
        ("${B:-${C:-d}}e", "de"),
        ("${B:-x$C}", "x"),
        ("${B:-{{.HostIP}}}", "{{.HostIP}}"),
    ],
)
def test_variables_become_their_default_or_nothing_and_are_reported(
    value: str, result: str
) -> None:
    substituted, outcomes = variable_of(value)
    assert substituted == result
    assert set(outcomes) == {"translated"}


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("$$", "$"),
        ("$$B", "$B"),
        ("$${B}", "${B}"),
        ("a$", "a$"),
        ("$(date)", "$(date)"),
        ("$1", "$1"),
        ("${B", "${B"),
        ("a}b", "a}b"),
    ],
)
def test_a_dollar_sign_that_names_no_variable_stays(value: str, result: str) -> None:
    assert variable_of(value) == (result, [])


def test_every_value_of_a_service_is_substituted() -> None:
    text = (
        "services:\n  web:\n    image: nginx:${TAG:-1.27}\n    ports: ['${PORT:-8080}:80']\n"
        "    mem_limit: ${MEMORY}\n    command: [run, '${MODE}']\n    volumes: [data:/d]\n"
        "volumes: {data: {name: '${VOLUME:-vol}'}}\n"
    )
    container = parse_definition(text).services[0].container
    assert (container.image, container.ports) == ("nginx:1.27", (PortSpec(80, host=8080),))
    assert (container.memory_bytes, container.command) == (0, ("run", ""))
    assert container.mounts[0].source == "vol"


@pytest.mark.parametrize("environment", ["{A: $B}", "['A=$B']"])
def test_a_variable_that_is_nothing_leaves_an_empty_value(environment: str) -> None:
    parsed = parse_definition(f"web: {{image: x, environment: {environment}}}")
    assert parsed.services[0].container.environment == (("A", ""),)


def test_a_value_behind_an_anchor_is_substituted_once() -> None:
    text = "x-a: &a {A: $$$$B}\na: {image: x, environment: *a}\nb: {image: x, environment: *a}\n"
    assert {s.container.environment for s in parse_definition(text).services} == {(("A", "$$B"),)}


def test_a_variable_that_must_be_set_is_a_problem_with_its_line() -> None:
    with pytest.raises(DefinitionInvalid) as raised:
        parse_definition("web:\n  image: x\n  user: ${WHO:?name the user}\n")
    assert [(problem.line, problem.message) for problem in raised.value.problems] == [
        (3, "the variable WHO must be set (name the user): write its value in its place")
    ]


def test_a_flood_of_dollar_signs_is_refused() -> None:
    with pytest.raises(DefinitionInvalid, match="100000 dollar signs: use at most 30000"):
        parse_definition("web: {image: x, user: '" + "$$" * 50_000 + "'}")


def test_defaults_that_are_nested_too_deep_stay_as_they_are_written() -> None:
    value, _ = variable_of("${A:-" * 30 + "x" + "}" * 30)
    assert value == "${A:-" * 10 + "x" + "}" * 10


@pytest.mark.parametrize(
    "entry", ["occs:scheduler=cpu", "Berth:description=x", "stackengine:a=b", "OCCS_PHASE_ID=0"]
)
def test_in_a_text_of_this_system_dollar_signs_are_kept_and_reported(entry: str) -> None:
    parsed = _parse_beside(entry)
    db, web = parsed.services
    assert dict(web.container.environment)["A"] == "$B ${C:-d} $$"
    assert db.container.command == ("echo", "$HOME")
    fields = {entry.field for entry in parsed.report if "not substituted" in entry.reason}
    assert fields == {"services.db.command", "services.web.environment.1"}


def _parse_beside(entry: str) -> ParsedDefinition:
    return parse_definition(
        "services:\n  db: {image: x, command: 'echo $HOME'}\n"
        f"  web:\n    image: x\n    environment:\n      - '{entry}'\n      - 'A=$B ${{C:-d}} $$'\n"
    )


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ('run {{proxy "web:3306"}} x', ("run", '{{proxy "web:3306"}}', "x")),
        ('bash -c "echo {{ env \\"A\\" }} b"', ("bash", "-c", 'echo {{ env "A" }} b')),
        ('a "{{env "A"}}" {{.HostIP}}:80', ("a", '{{env "A"}}', "{{.HostIP}}:80")),
    ],
)
def test_a_template_function_is_one_piece_of_a_command(
    command: str, words: tuple[str, ...]
) -> None:
    parsed = parse_definition(f"web:\n  image: x\n  command: >-\n    {command}\n")
    assert parsed.services[0].container.command == words


@pytest.mark.parametrize(
    "source",
    ["'${PWD}/etc:/x'", "$PWD:/b", "'${HOME:-}/a:/b'", "{type: bind, source: $PWD/a, target: /b}"],
)
def test_a_folder_that_a_variable_names_is_reported_and_not_mounted(source: str) -> None:
    text = f"web:\n  image: x\n  volumes:\n    - {source}\n    - '${{D:-/d}}/e:/f$F'\n"
    parsed = parse_definition(text)
    assert parsed.services[0].container.mounts == (MountSpec("bind", "/f", "/d/e"),)
    assert [entry.outcome for entry in parsed.report if entry.line == 4] == ["ignored"]


def test_a_folder_that_must_be_named_is_an_error() -> None:
    with pytest.raises(DefinitionInvalid, match="A must be set"):
        parse_definition("web: {image: x, volumes: ['${A:?}/b:/c']}")


def problem_with(line: str) -> str:
    """Return the only problem of a service with one more line, which is its third."""
    with pytest.raises(DefinitionInvalid) as raised:
        parse_definition(f"web:\n  image: x\n  {line}\n")
    (problem,) = raised.value.problems
    assert problem.line == 3
    return problem.message


@pytest.mark.parametrize(
    ("line", "written", "names"),
    [
        ("hostname: mail.${SITE}", "mail.${SITE}", "SITE has"),
        ("container_name: $TEAM-$APP-", "$TEAM-$APP-", "TEAM, APP have"),
        ("ports: ['${PORT}:${PORT}/udp']", "${PORT}:${PORT}/udp", "PORT has"),
        ("ports: [{target: $PORT, published: 80}]", "target: $PORT", "PORT has"),
        ("devices: [{source: $DISK}]", "source: $DISK", "DISK has"),
        ("volumes: [{type: tmpfs, target: $WHERE}]", "target: $WHERE", "WHERE has"),
        ("labels: ['${KEY}=1']", "${KEY}=1", "KEY has"),
        ("environment: {A: '${B}{{kv_get}}'}", "${B}{{kv_get}}", "B has"),
    ],
)
def test_an_error_names_the_variable_that_has_no_value(line: str, written: str, names: str) -> None:
    assert problem_with(line).startswith(f'"{written}": {names} no value, ')


def test_an_error_says_too_what_is_wrong_without_the_value() -> None:
    assert problem_with("volumes_from: [$SOURCE]").startswith(
        '"$SOURCE": SOURCE has no value, since variables are not read: write the value in its '
        'place. Without it, there is no service "": '
    )


def test_a_value_whose_variables_have_defaults_is_blamed_itself() -> None:
    assert problem_with("hostname: ${SITE:-a_b_}").startswith('"a_b_" is not valid here')
