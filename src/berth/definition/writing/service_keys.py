"""A service as keys and values: the normal form behind every written form."""

from collections.abc import Iterator, Mapping

from berth.definition.service.keys.environment import OFF
from berth.definition.writing.key_values import (
    GPU,
    Body,
    Value,
    given,
    texts,
    write_check,
    write_command,
    write_duration,
    write_mount,
    write_pairs,
    write_port,
    write_request,
    write_size,
    write_update,
)
from berth.domain.spec import ContainerSpec, MountSpec, PlacementRules, ServiceSpec
from berth.domain.states import Availability, Policy

#: Keys whose value is the member itself, in the order in which forms list them.
_PLAIN: Mapping[str, str] = {
    "hostname": "hostname",
    "domainname": "domainname",
    "container_name": "container_name",
    "user": "user",
    "working_dir": "working_dir",
    "mac_address": "mac_address",
    "privileged": "privileged",
    "read_only": "read_only",
    "init": "init",
    "tty": "tty",
    "stdin_open": "stdin_open",
    "stop_signal": "stop_signal",
    "pid": "pid_mode",
    "ipc": "ipc_mode",
    "uts": "uts_mode",
    "userns_mode": "userns_mode",
    "cgroup": "cgroup_mode",
    "cgroup_parent": "cgroup_parent",
    "cpus": "cpus",
    "cpu_shares": "cpu_shares",
    "cpu_period": "cpu_period_us",
    "cpu_quota": "cpu_quota_us",
    "cpuset": "cpuset",
    "pids_limit": "pids_limit",
    "oom_kill_disable": "oom_kill_disable",
    "oom_score_adj": "oom_score_adj",
}
#: Keys whose value is a list of texts.
_LISTS: Mapping[str, str] = {
    "dns": "dns",
    "dns_search": "dns_search",
    "dns_opt": "dns_options",
    "extra_hosts": "extra_hosts",
    "expose": "expose",
    "volumes_from": "volumes_from",
    "external_links": "external_links",
    "cap_add": "cap_add",
    "cap_drop": "cap_drop",
    "security_opt": "security_opt",
    "devices": "devices",
    "device_cgroup_rules": "device_cgroup_rules",
    "group_add": "group_add",
}
_SIZES: Mapping[str, str] = {
    "mem_limit": "memory_bytes",
    "memswap_limit": "memory_swap_bytes",
    "mem_reservation": "memory_reservation_bytes",
    "shm_size": "shm_bytes",
}
_PAIRS: Mapping[str, str] = {
    "labels": "labels",
    "sysctls": "sysctls",
    "storage_opt": "storage_options",
}
_CONDITIONS = {
    "started": "service_started",
    "healthy": "service_healthy",
    "completed": "service_completed_successfully",
}


def render_body(spec: ServiceSpec) -> Body:
    """Write every member of a service that is not at its default, as keys and values.

    Reading the answer returns the same service.
    """
    container = spec.container
    body: Body = {"image": container.image}
    for key in ("command", "entrypoint"):
        words = getattr(container, key)
        if words is not None:
            body[key] = write_command(words)
    body |= _environment(spec) | _network(container) | _mounts(container.mounts)
    body |= {key: texts(getattr(container, name)) for key, name in _LISTS.items()}
    body |= {key: getattr(container, name) for key, name in _PLAIN.items()}
    body |= {key: write_size(getattr(container, name)) for key, name in _SIZES.items()}
    body |= {key: write_pairs(getattr(container, name)) for key, name in _PAIRS.items()}
    body = {key: value for key, value in body.items() if value or key in ("command", "entrypoint")}
    return body | _end(container) | _outside(spec)


def render_directives(spec: ServiceSpec) -> list[tuple[str, str]]:
    """Write what stands in ``environment`` and never reaches the container."""
    rules = spec.placement
    entries = [
        ("description", spec.description),
        ("availability", _unless_usual(rules.availability, Availability.PER_POOL)),
        ("availability_context", rules.tag),
        ("scheduler", _unless_usual(rules.policy, Policy.RANDOM)),
    ]
    return [(f"occs:{name}", value) for name, value in entries if value]


def render_constraints(rules: PlacementRules) -> Iterator[str]:
    """Write the constraints without their prefix."""
    if rules.hostname:
        yield f"hostname=={rules.hostname}"
    yield from (f"hostname!={name}" for name in rules.not_hostnames)
    yield from (f"tag=={tag}" for tag in rules.required_tags)


def _unless_usual(value: Availability | Policy, usual: Availability | Policy) -> str:
    return "" if value is usual else value.value


def _environment(spec: ServiceSpec) -> Body:
    constraints = [f"constraint:{each}" for each in render_constraints(spec.placement)]
    directives, variables = (
        [f"{name}={value}" for name, value in pairs]
        for pairs in (render_directives(spec), spec.container.environment)
    )
    return {"environment": [*directives, *constraints, *variables]}


def _network(container: ContainerSpec) -> Body:
    return {
        "ports": [write_port(port) for port in container.ports],
        "links": [f"{link.service}:{link.alias}" for link in container.links],
        "network_mode": container.network_mode,
        "networks": {
            network.name: given({"aliases": texts(network.aliases)})
            for network in container.networks
        },
    }


def _mounts(mounts: tuple[MountSpec, ...]) -> Body:
    """Write mounts; those in memory get a key of their own where the order stays as it is."""
    rest = list(mounts)
    last: list[Value] = []
    while rest and rest[-1] == MountSpec("tmpfs", rest[-1].target) and ":" not in rest[-1].target:
        last.insert(0, rest.pop().target)
    return {"volumes": [write_mount(mount) for mount in rest], "tmpfs": last}


def _end(container: ContainerSpec) -> Body:
    """Write what happens when the container ends, and what has a value other than "nothing"."""
    switched_off = {name for name, value in container.environment if value.strip().lower() in OFF}
    body: Body = {}
    if not container.restart:
        body["restart"] = _restart(container.retries)
        if not container.retries and "OCCS_REMOVE_ON_DIE" in switched_off:
            del body["restart"]
    if not container.pull and "OCCS_PULL_ON_CREATE" not in switched_off:
        body["pull_policy"] = "missing"
    if container.stop_grace_s is not None:
        body["stop_grace_period"] = write_duration(container.stop_grace_s)
    if container.memory_swappiness is not None:
        body["mem_swappiness"] = container.memory_swappiness
    if container.log is not None:
        body["logging"] = given(
            {"driver": container.log.driver, "options": dict(container.log.options)}
        )
    if container.ulimits:
        body["ulimits"] = {
            limit.name: {"soft": limit.soft, "hard": limit.hard} for limit in container.ulimits
        }
    return body


def _restart(retries: int) -> str:
    return "no" if retries == 0 else "on-failure" if retries < 0 else f"on-failure:{retries}"


def _outside(spec: ServiceSpec) -> Body:
    """Write what concerns the slots of a service rather than one container."""
    container = spec.container
    requests = container.device_requests
    gpu = all(request.capabilities[:1] == (GPU,) for request in requests)
    devices: list[Value] = [write_request(request, gpu=gpu) for request in requests]
    reserved: Body = {"cpus": container.cpus_reservation, "devices": [] if gpu else devices}
    deploy: Body = given(
        {
            "update_config": write_update(spec.update),
            "rollback_config": write_update(spec.rollback),
            "resources": given({"reservations": given(reserved)}),
        }
    )
    if spec.replicas is not None:
        deploy = {"replicas": spec.replicas, **deploy}
    depends: Body = {
        each.service: {"condition": _CONDITIONS[each.condition]} for each in spec.depends_on
    }
    found: Body = {"depends_on": depends, "deploy": deploy, "gpus": devices if gpu else []}
    return given(found) | _check(container)


def _check(container: ContainerSpec) -> Body:
    """Write the check in the engine's own words; the others are variables."""
    if not container.image_probe:
        return {"healthcheck": {"disable": True}}
    probe = next((probe for probe in container.probes if probe.kind == "image"), None)
    return {"healthcheck": write_check(probe)} if probe else {}
