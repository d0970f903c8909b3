"""Other services of a text on the same host, as a container's settings name them. Pure."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from berth.agent.containers.observed_container import ObservedContainer
from berth.agent.engine.protocol import Attachment
from berth.domain.ids import ServiceKey
from berth.domain.labels import SLOT_LABEL
from berth.domain.spec import ContainerSpec
from berth.protocol.messages import AgentAssignment

#: Names another container of the host, whoever made it.
_CONTAINER = "container:"

#: Returns the containers of a service of the same deployment on this host.
Find = Callable[[ServiceKey], Sequence[ObservedContainer]]


class LinkedServices(msgspec.Struct, frozen=True, kw_only=True):
    """What of a container's settings depends on other containers of the host."""

    networks: tuple[Attachment, ...] = ()
    #: Container id and alias, on the default bridge.
    links: tuple[tuple[str, str], ...] = ()
    volumes_from: tuple[str, ...] = ()
    #: What the container starts without, for people.
    remark: str = ""


def missing_volumes(spec: ContainerSpec, find: Find) -> str:
    """Return a sentence when a container is missing whose volumes are taken; "" when all are there."""
    for text in spec.volumes_from:
        name, _ = _split_mode(text)
        if not name.startswith(_CONTAINER) and _first(find(ServiceKey(name))) is None:
            return f"no container of service {name}, whose volumes it uses, is on this host yet"
    return ""


def resolve_links(
    assignment: AgentAssignment, find: Find, *, networks: Mapping[str, str]
) -> LinkedServices:
    """Resolve links, volumes and networks; ``networks`` has the engine's names of networks."""
    spec = assignment.spec
    alive = {link.service: _first(_alive(find(link.service))) for link in spec.links}
    missing = sorted({service for service, seen in alive.items() if seen is None})
    on_bridge = ((alive[link.service], link.alias) for link in spec.links)
    others = [(name, alias) for name, _, alias in (t.rpartition(":") for t in spec.external_links)]
    return LinkedServices(
        networks=_attachments(assignment, networks),
        links=()
        if spec.networks
        else (*((seen.id, alias) for seen, alias in on_bridge if seen is not None), *others),
        volumes_from=tuple(_volumes(spec, find)),
        remark=_remark(missing, on_network=bool(spec.networks)) if missing else "",
    )


def _remark(missing: Sequence[ServiceKey], *, on_network: bool) -> str:
    start = f"nothing of {', '.join(missing)}, which it links to, ran on this host when it started"
    follows = "the name is found as soon as it does" if on_network else "it has no such link"
    return f"{start}: {follows}"


def _attachments(
    assignment: AgentAssignment, networks: Mapping[str, str]
) -> tuple[Attachment, ...]:
    # The engine resolves a link on a network by the other's alias, whenever that comes.
    links = tuple(
        f"{link.service}:{link.alias}"
        for link in assignment.spec.links
        if link.alias != link.service
    )
    return tuple(
        Attachment(
            networks[network.name],
            tuple(dict.fromkeys((assignment.service, *network.aliases))),
            links,
        )
        for network in assignment.spec.networks
    )


def _volumes(spec: ContainerSpec, find: Find) -> list[str]:
    found = []
    for text in spec.volumes_from:
        name, mode = _split_mode(text)
        seen = None if name.startswith(_CONTAINER) else _first(find(ServiceKey(name)))
        found.append((seen.id if seen else name.removeprefix(_CONTAINER)) + mode)
    return found


def _split_mode(text: str) -> tuple[str, str]:
    return (text.removesuffix(":ro"), ":ro") if text.endswith(":ro") else (text, "")


def _alive(containers: Sequence[ObservedContainer]) -> list[ObservedContainer]:
    return [one for one in containers if one.alive]


def _first(containers: Sequence[ObservedContainer]) -> ObservedContainer | None:
    """Return the newest container of the lowest slot."""
    newest_first = sorted(containers, key=lambda one: one.age, reverse=True)
    return min(newest_first, key=_slot, default=None)


def _slot(container: ObservedContainer) -> int:
    text = container.labels.get(SLOT_LABEL, "")
    return int(text) if text.isdecimal() else 0
