"""What a container is that a user starts from an image, without a deployment."""

import re
from typing import NoReturn

import msgspec

from berth.definition import (
    RenderContext,
    Unrenderable,
    has_templates,
    parse_definition,
    render_spec,
)
from berth.domain.errors import Invalid
from berth.domain.ids import ServiceKey
from berth.domain.images import find_reference
from berth.domain.records import Host
from berth.domain.spec import ContainerSpec, ServiceSpec
from berth.store.memory import Memory

#: Letters of a task's id in the name of the container that it starts.
_ID_LETTERS = 8
#: Characters that engines take in no name of a container.
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]+")


def read_run_text(content: str, image: str) -> ServiceSpec:
    """Read the text of the one service to run; without a text it is the image as it is.

    Raises DefinitionInvalid, Invalid for several services.
    """
    if not content.strip():
        reference = find_reference(image)
        stem = reference.repository.rpartition("/")[2] if reference else "container"
        return ServiceSpec(key=ServiceKey(stem), container=ContainerSpec(image=image))
    services = parse_definition(content, field="content").services
    if len(services) > 1:
        raise Invalid(
            f"the text has {len(services)} services, and one container can be run: deploy the "
            "stack instead",
            code="several_services",
            field="content",
        )
    return services[0]


def make_run_spec(
    memory: Memory, host: Host, *, service: ServiceSpec, image: str, name: str
) -> ContainerSpec:
    """Return what the container is to be; raises Invalid for what has no meaning without a deployment.

    ``name`` is the container's unless the text has one.
    """
    spec = msgspec.structs.replace(
        service.container, image=image, networks=(), links=(), restart=False
    )
    if has_templates(spec):
        try:
            spec = render_spec(spec, _context(memory, host, name=name))
        except Unrenderable as missing:
            raise Invalid(str(missing), code="needs_deployment", field="content") from None
    name = spec.container_name or name
    given = dict(spec.environment)
    injected = _variables(memory, host, name=name).items()
    return msgspec.structs.replace(
        spec,
        container_name=name,
        environment=(*(pair for pair in injected if pair[0] not in given), *spec.environment),
    )


def make_container_name(key: str, *, task_id: str) -> str:
    """Make a container's name of its service and its task."""
    stem = _NOT_IN_NAMES.sub("-", key).strip("-._") or "container"
    return f"{stem[:100]}-{task_id[:_ID_LETTERS]}"


def _variables(memory: Memory, host: Host, *, name: str) -> dict[str, str]:
    """Return the variables of every container, but those about a deployment."""
    facts = memory.fleet.status_of(host.id).facts
    return {
        "OCCS_HOSTIP": (facts.address if facts else "") or host.address,
        "OCCS_CONTAINER_NAME": name,
        "OCCS_HOST_ID": host.id,
        "OCCS_HOSTNAME": host.name,
        "OCCS_POOL_ID": host.pool_id,
    }


class _HostAlone(dict[str, str]):
    """Values of templates about the host; others have none."""

    def __missing__(self, name: str) -> NoReturn:
        raise Unrenderable(
            f"{name} has no meaning without a deployment: deploy the service instead"
        )


def _context(memory: Memory, host: Host, *, name: str) -> RenderContext:
    facts = memory.fleet.status_of(host.id).facts
    injected = _variables(memory, host, name=name)
    return RenderContext(
        platform=_HostAlone(
            {
                ".ContainerName": name,
                ".HostID": host.id,
                ".Hostname": host.name,
                ".HostIP": injected["OCCS_HOSTIP"],
                ".PoolID": host.pool_id,
            }
        ),
        interfaces=facts.interfaces if facts else {},
        injected=injected,
        find_key=lambda key: entry.value if (entry := memory.keys.get(key)) is not None else None,
        find_proxy=lambda service, port: _refuse("proxy"),
        find_token=lambda: _refuse("api_token"),
    )


def _refuse(function: str) -> NoReturn:
    raise Unrenderable(
        f"{function} has no meaning without a deployment: deploy the service instead"
    )
