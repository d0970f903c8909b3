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
    return tuple(_joined(one) for one in services)


def _joined(service: ServiceSpec) -> ServiceSpec:
    container = service.container
    if container.networks or container.network_mode:
        return service
    container = msgspec.structs.replace(container, networks=(NetworkSpec(DEFAULT),))
    return msgspec.structs.replace(service, container=container)
