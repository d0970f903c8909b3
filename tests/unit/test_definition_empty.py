"""What is empty counts as absent, however a text or a form says it."""

import pytest

from berth.definition import convert_struct, convert_text, parse_builder, parse_definition
from berth.domain.spec import ContainerSpec

KEYS = [
    "hostname", "domainname", "restart", "container_name", "network_mode", "working_dir", "user",
    "mac_address", "stop_signal", "stop_grace_period", "mem_limit", "cpus", "cpuset", "privileged",
    "pid", "scale", "healthcheck", "ports",
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", ["''", '"${UNSET}"', "${UNSET}", ""])
def test_an_empty_key_of_a_text_is_at_its_default(key: str, value: str) -> None:
    parsed = parse_definition(f"services:\n  web:\n    image: x\n    {key}: {value}\n")
    assert parsed.services[0].container == ContainerSpec(image="x")


@pytest.mark.parametrize(
    "keys",
    [
        "deploy: {replicas: '', resources: {limits: {memory: '${M}', cpus: ''}}}",
        "healthcheck: {interval: '${I}'}",
        "networks: {}, network_mode: ''",
    ],
)
def test_an_empty_part_of_a_key_is_at_its_default(keys: str) -> None:
    (spec,) = parse_definition(f"web: {{image: x, {keys}}}").services
    assert (spec.container, spec.replicas) == (ContainerSpec(image="x"), None)


def test_an_empty_flag_is_at_its_default() -> None:
    (spec,) = parse_definition("docker run --hostname '' --restart= -w '' --name=\"\" x").services
    assert spec.container == ContainerSpec(image="x")


@pytest.mark.parametrize("empty", ["", [], {}, None])
@pytest.mark.parametrize("key", [*KEYS, "command", "entrypoint", "environment", "labels", "deploy"])
def test_an_empty_member_of_a_form_is_at_its_default(key: str, empty: object) -> None:
    parsed = parse_builder({"services": [{"name": "web", "image": "x", key: empty}]})
    assert parsed.services[0].container == ContainerSpec(image="x")


@pytest.mark.parametrize("words", [(), ("",), ("a", "")])
def test_a_form_can_take_the_command_of_an_image_away(words: tuple[str, ...]) -> None:
    text = f"web: {{image: x, command: {list(words)}, entrypoint: {list(words)}}}"
    (spec,) = parse_definition(text).services
    forms = convert_struct({"services": [{"name": "web", "image": "x", "command": [""]}]})
    assert forms.parsed.services[0].container.command == ()
    assert parse_builder(convert_text(text).struct).services == (spec,)
