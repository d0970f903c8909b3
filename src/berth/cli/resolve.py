"""Names first: what an argument names, by name, id, or the beginning of one that fits alone."""

import contextlib
import difflib
from collections.abc import Iterable, Sequence

from berth.cli.exits import ExitCode
from berth.cli.screen.problems import CommandError
from berth.client import Client, NotFoundError
from berth.client.records.workloads import Container

#: At most this many names are offered.
OFFERED = 5

#: An object: its id, and the names that it goes by.
Named = tuple[str, Sequence[str]]


def choose(text: str, items: Iterable[Named], *, what: str, listing: str) -> str:
    """Return the id of the one object that a text names. Raises CommandError."""
    known = list(items)
    for fits in (
        [each for each, _ in known if each == text],
        [each for each, names in known if text in names],
        [each for each, names in known if any(name.startswith(text) for name in (each, *names))],
    ):
        found = list(dict.fromkeys(fits)) if text else []
        if len(found) == 1:
            return found[0]
        if found:
            shown = ", ".join(sorted(found)[:OFFERED])
            more = f" and {len(found) - OFFERED} more" if len(found) > OFFERED else ""
            raise CommandError(
                f"{text!r} is more than one {what}: {shown}{more}", code="ambiguous_id"
            )
    names = {name for each, others in known for name in (each, *others) if name}
    close = difflib.get_close_matches(text, names, n=3)
    fixes = [f"did you mean: {', '.join(close)}"] if close else []
    raise CommandError(
        f"{what} {text!r} does not exist",
        exit_code=ExitCode.NOT_FOUND,
        code=f"unknown_{what.replace(' ', '_')}",
        fixes=[*fixes, listing],
    )


def find_deployment(client: Client, text: str) -> str:
    """Return the id of a deployment."""
    listed = client.deployments.list(fields=("deployment_id", "deployment_name"))
    items = [(each.deployment_id, [each.deployment_name]) for each in listed]
    return choose(text, items, what="deployment", listing="berth deployments ls")


def find_host(client: Client, text: str) -> str:
    """Return the id of a host."""
    listed = client.hosts.list(fields=("host_id", "info.hostname"))
    items = [(each.host_id, [each.info.hostname]) for each in listed]
    return choose(text, items, what="host", listing="berth hosts ls")


def find_pool(client: Client, text: str) -> str:
    """Return the id of a pool."""
    items = [(each.id, [each.name]) for each in client.pools.list(fields=("id", "name"))]
    return choose(text, items, what="pool", listing="berth pools ls")


def find_service(client: Client, text: str) -> str:
    """Return the id of a stored service."""
    listed = client.services.list(fields=("service_id", "service_name"))
    items = [(each.service_id, [each.service_name]) for each in listed]
    return choose(text, items, what="service", listing="berth services ls")


def find_stack(client: Client, text: str) -> str:
    """Return the id of a stored stack."""
    listed = client.stacks.list(fields=("service_id", "service_name"))
    items = [(each.service_id, [each.service_name]) for each in listed]
    return choose(text, items, what="stack", listing="berth stacks ls")


def find_registry(client: Client, text: str) -> str:
    """Return the id of a registry."""
    listed = client.registries.list(fields=("registry_id", "url"))
    items = [(each.registry_id, [each.url]) for each in listed]
    return choose(text, items, what="registry", listing="berth registries ls")


def find_task(client: Client, text: str) -> str:
    """Return the id of a task."""
    items: list[Named] = [(each.id, []) for each in client.tasks.list(fields=("ID",))]
    return choose(text, items, what="task", listing="berth tasks ls")


CONTAINER_FIELDS = (
    "container_id", "container_name", "deployment_id", "service_id", "service_slot", "host_id",
    "hostname", "state",
)  # fmt: skip


def find_container(client: Client, text: str) -> Container:
    """Return the container that a text names: by id, by name, or as ``DEPLOYMENT/SERVICE/SLOT``.

    A deployment or one of its services names its only container.
    """
    listed = [*_of_deployment(client, text), *client.containers.list(fields=CONTAINER_FIELDS)]
    known = {each.container_id: each for each in listed if each.container_id}
    inside = [each for each in known.values() if _is_below(each, text)]
    if len(inside) == 1:
        return inside[0]
    if inside:
        names = ", ".join(sorted(each.container_name for each in inside)[:OFFERED])
        raise CommandError(
            f"{text!r} has {len(inside)} containers: {names}",
            code="ambiguous_id",
            fixes=[f"berth containers ls --deployment {inside[0].deployment_id}"],
        )
    items = [(each, [container.container_name]) for each, container in known.items()]
    return known[choose(text, items, what="container", listing="berth containers ls")]


def _of_deployment(client: Client, text: str) -> list[Container]:
    """Return the containers of the deployment that a text seems to begin or end with.

    A deployment knows its containers at once, the list of all a moment later.
    """
    names = [text.partition("/")[0], text.split(".", 2)[-1]]
    for name in filter(None, dict.fromkeys(names)):
        with contextlib.suppress(NotFoundError):
            return list(client.deployments.containers(name))
    return []


def _is_below(container: Container, text: str) -> bool:
    path = (container.deployment_id, container.service_id, str(container.service_slot))
    parts = tuple(text.split("/"))
    return bool(container.deployment_id) and path[: len(parts)] == parts
