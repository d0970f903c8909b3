"""Every form says the same: a service comes back from each of them as it was."""

import json

from hypothesis import HealthCheck, given, settings

from berth.definition import (
    convert_struct,
    convert_text,
    parse_builder,
    parse_definition,
    render_yaml,
)
from berth.definition.builder_form import render_builder
from berth.domain.spec import ServiceSpec
from properties.any_services import services, stacks

_larger = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
    max_examples=60,
)


@_larger
@given(stacks())
def test_yaml_gives_the_services_back(specs: tuple[ServiceSpec, ...]) -> None:
    assert parse_definition(render_yaml(specs)).services == specs


@_larger
@given(stacks())
def test_the_builder_form_gives_the_services_back(specs: tuple[ServiceSpec, ...]) -> None:
    struct = json.loads(json.dumps(render_builder(specs)))
    assert parse_builder(struct).services == specs


@_larger
@given(services())
def test_a_service_goes_through_all_forms_unchanged(spec: ServiceSpec) -> None:
    from_yaml = convert_text(render_yaml([spec]))
    from_command = convert_text(from_yaml.docker_run)
    assert from_command.parsed.services == (spec,)
    from_form = convert_struct(from_command.struct)
    assert from_form.parsed.services == (spec,)
    assert from_form.yaml == from_command.yaml == from_yaml.yaml


@_larger
@given(stacks())
def test_nothing_that_is_written_is_ignored(specs: tuple[ServiceSpec, ...]) -> None:
    kept = [
        entry
        for entry in parse_definition(render_yaml(specs)).report
        if entry.outcome == "ignored"
        and "dollar" not in entry.reason
        and "substituted" not in entry.reason
    ]
    assert kept == []
