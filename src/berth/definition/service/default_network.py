"""The network that services share on a host where the text names none."""

from collections.abc import Sequence

import msgspec

from berth.domain.spec import NetworkSpec, ServiceSpec

#: Compose's name for it.
DEFAULT = "default"


def join_default_network(services: Sequence[ServiceSpec]) -> tuple[ServiceSpec, ...]:
    """Put services without a network on the default one, where any has a network or a link.

    Other texts leave all on the engine's own bridge: a network per deployment costs each host a
    subnet, and engines run out of their own after thirty.
    """
    if not any(one.container.networks or one.container.links for one in services):
        return tuple(services)
    linked = {link.service for one in services for link in one.container.links}
    return tuple(_joined(one, is_linked=one.key in linked) for one in services)


def drop_lost_links(service: ServiceSpec) -> ServiceSpec:
    """Take links to other containers from a service that is not on the engine's own bridge."""
    container = service.container
    on_bridge = not container.networks and container.network_mode in ("", "bridge", "default")
    if on_bridge or not container.external_links:
        return service
    container = msgspec.structs.replace(container, external_links=())
    return msgspec.structs.replace(service, container=container)


def _joined(service: ServiceSpec, *, is_linked: bool) -> ServiceSpec:
    """Put a service on the default network; the engine's bridge is no choice for one with links."""
    container = service.container
    if container.external_links and not (container.networks or container.links or is_linked):
        # The engine finds other containers by their names on its own bridge alone.
        container = msgspec.structs.replace(
            container, network_mode=container.network_mode or "bridge"
        )
        return msgspec.structs.replace(service, container=container)
    on_bridge = container.network_mode == "bridge" and bool(container.links or is_linked)
    if container.networks or (container.network_mode and not on_bridge):
        return service
    network = (NetworkSpec(DEFAULT),)
    container = msgspec.structs.replace(container, networks=network, network_mode="")
    return msgspec.structs.replace(service, container=container)
