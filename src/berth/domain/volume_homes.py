"""Where slots have their named volumes: the hosts that they go back to."""

from collections.abc import Iterator

from berth.domain.fleet import Fleet
from berth.domain.ids import DeploymentId, HostId, ServiceKey
from berth.domain.plan import slot_key
from berth.domain.records import Deployment, Host, VolumeHome
from berth.domain.spec import ServiceSpec
from berth.domain.states import Attempt, Availability


def home_id(deployment_id: DeploymentId, service: ServiceKey, *, slot: int) -> str:
    """Return the key under which the home of a slot is kept."""
    return slot_key(deployment_id, service, slot=slot)


def find_home(
    fleet: Fleet, deployment: Deployment, *, service: ServiceSpec, slot: int
) -> Host | None:
    """Return the host that a slot is tied to by its volume, or none.

    A slot per host has a volume on each. A host that left the pool holds nobody back. A slot
    that takes or reads the volumes of other services, or links services with a volume, is tied to
    the host where those are, if it is one.
    """
    if service.placement.availability is Availability.PER_HOST:
        return None
    if service.container.has_home:
        home = fleet.volume_homes.get(home_id(deployment.id, service.key, slot=slot))
        host_ids = set() if home is None else {home.host_id}
    else:
        host_ids = set(_homes_of_others(fleet, deployment, service=service))
    host = fleet.hosts.get(host_ids.pop()) if len(host_ids) == 1 else None
    return host if host is not None and host.pool_id == deployment.pool_id else None


def name_tie(service: ServiceSpec) -> str:
    """Return the words for what ties a slot to its home."""
    container = service.container
    of_volume = container.named_volumes or container.volumes_from
    return "its volume" if of_volume else "the volume of a service that it links to"


def _homes_of_others(
    fleet: Fleet, deployment: Deployment, *, service: ServiceSpec
) -> Iterator[HostId]:
    """Yield the hosts that hold the named volumes of services that this one builds on."""
    volumes = service.container.named_volumes
    named = {*service.container.volume_sources, *service.linked}
    if not named and not volumes:
        return
    for source in deployment.services:
        shares = source.key in named or not volumes.isdisjoint(source.container.named_volumes)
        if not shares or source.placement.availability is Availability.PER_HOST:
            continue
        if source.container.has_home:
            for slot in range(deployment.quantities.get(source.key, 1)):
                home = fleet.volume_homes.get(home_id(deployment.id, source.key, slot=slot))
                if home is not None:
                    yield home.host_id


def new_homes(fleet: Fleet, deployment: Deployment) -> Iterator[VolumeHome]:
    """Yield the homes to remember: of slots with a named volume whose containers came to run."""
    homes = {service.key for service in deployment.services if service.container.has_home}
    if not homes:
        return
    for assignment in fleet.assignments_of(deployment.id):
        report = fleet.report_of(assignment.id)
        ran = report is not None and Attempt.RUNNING <= report.state < Attempt.REMOVED
        if assignment.service not in homes or not assignment.wanted or not ran:
            continue
        home = VolumeHome(
            id=home_id(deployment.id, assignment.service, slot=assignment.slot),
            deployment_id=deployment.id,
            host_id=assignment.host_id,
        )
        if fleet.volume_homes.get(home.id) != home:
            yield home
