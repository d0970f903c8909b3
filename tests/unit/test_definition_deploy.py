"""The key deploy: numbers, places, and how slots are replaced."""

import pytest

from berth.definition import parse_definition, render_with_defaults
from berth.domain.errors import DefinitionInvalid
from berth.domain.spec import PlacementRules, ServiceSpec, UpdatePolicy
from berth.domain.states import Availability


def service_with(deploy: str, *, more: str = "") -> ServiceSpec:
    """Parse a service with these members of deploy."""
    (service,) = parse_definition(
        f"services: {{w: {{image: x{more}, deploy: {{{deploy}}}}}}}"
    ).services
    return service


def test_replicas_and_scale_say_the_same() -> None:
    assert service_with("replicas: 3").replicas == 3
    assert service_with("replicas: 2", more=", scale: 2").replicas == 2
    assert parse_definition("w: {image: x, scale: 0}").services[0].replicas == 0


@pytest.mark.parametrize(
    ("more", "deploy"),
    [
        (", scale: 2", "replicas: 3"),
        (", mem_limit: 1g", "resources: {limits: {memory: 2g}}"),
        (", cpus: 1", "resources: {limits: {cpus: 2}}"),
        (", pids_limit: 1", "resources: {limits: {pids: 2}}"),
        (", mem_reservation: 1g", "resources: {reservations: {memory: 2g}}"),
    ],
)
def test_two_keys_that_say_different_things_are_refused(more: str, deploy: str) -> None:
    with pytest.raises(DefinitionInvalid, match="keep one"):
        service_with(deploy, more=more)


def test_update_and_rollback_are_policies() -> None:
    service = service_with(
        "update_config: {parallelism: 2, delay: 10s, failure_action: pause, monitor: 1m, "
        "max_failure_ratio: 0.3, order: start-first}, rollback_config: {parallelism: 0, order: stop-first}"
    )
    assert service.update == UpdatePolicy(
        parallelism=2,
        delay_s=10.0,
        on_failure="pause",
        monitor_s=60.0,
        max_failure_ratio=0.3,
        order="start-first",
    )
    assert service.rollback == UpdatePolicy(parallelism=0, order="stop-first")


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("node.hostname == h1", PlacementRules(hostname="h1")),
        ("node.hostname!=h1", PlacementRules(not_hostnames=("h1",))),
        ("node.id==5f1e", PlacementRules(hostname="5f1e")),
        ("node.labels.ssd == true", PlacementRules(required_tags=("ssd",))),
        ("node.labels.tag==ssd", PlacementRules(required_tags=("ssd",))),
        ("node.role == manager", PlacementRules()),
        ("node.labels.zone == a", PlacementRules()),
        ("engine.labels.os==x", PlacementRules()),
        ("nonsense", PlacementRules()),
    ],
)
def test_constraints_are_honoured_as_far_as_hosts_have_such_a_thing(
    constraint: str, expected: PlacementRules
) -> None:
    assert service_with(f"placement: {{constraints: ['{constraint}']}}").placement == expected


def test_a_global_service_runs_on_each_host_also_in_the_copy_with_defaults() -> None:
    text = "services:\n  w:\n    image: x\n    deploy: {mode: global}\n"
    rendered = render_with_defaults(text)
    assert "occs:availability=per-host" in rendered
    assert parse_definition(rendered).services == parse_definition(text).services
    assert parse_definition(text).services[0].placement.availability is Availability.PER_HOST


def test_an_entry_of_the_environment_wins_over_the_mode() -> None:
    service = service_with("mode: global", more=", environment: ['occs:availability=per-pool']")
    assert service.placement.availability is Availability.PER_POOL


def test_pack_is_a_scheduler() -> None:
    text = "w: {image: x, environment: ['berth:scheduler=pack']}"
    assert parse_definition(text).services[0].placement.policy == "pack"
