"""Services whose containers belong on one host: joined by links, or by a volume that they share."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec

from berth.domain.ids import ServiceKey
from berth.domain.records import Deployment
from berth.domain.spec import ServiceSpec
from berth.domain.states import Availability

#: Code of the bond by a volume; a slot with a home of its own is free of it.
SHARED_VOLUME = "shared_volume"


class Bond(msgspec.Struct, frozen=True):
    """Why a service goes only where another one has a container."""

    service: ServiceKey
    code: str
    #: What follows the name of the other service in a sentence.
    clause: str

    @property
    def refusal(self) -> tuple[str, str]:
        """The reason against a host without such a container."""
        return self.code, f"no container of service {self.service}, {self.clause}, is on the host"


class Together:
    """The bonds between a deployment's services, worked out at the first question.

    Each service is bound to those before it in their order, so that rings have a beginning. One
    of which no container is wanted binds nobody.
    """

    def __init__(self, deployment: Deployment, ordered: Sequence[ServiceSpec]) -> None:
        self._deployment = deployment
        self._ordered = ordered

    def bonds_of(self, service: ServiceSpec) -> tuple[Bond, ...]:
        """Return what must be on a host for the service to be there."""
        return self._bonds.get(service.key, ())

    def group_of(self, service: ServiceSpec) -> frozenset[ServiceKey]:
        """Return the services that belong together with it, by whatever chain of bonds, and it."""
        return self._groups.get(service.key, frozenset())

    @cached_property
    def _bonds(self) -> Mapping[ServiceKey, tuple[Bond, ...]]:
        if not any(one.container.links or one.container.mounts for one in self._ordered):
            return {}
        binding = _Binding()
        wanted = (s for s in self._ordered if self._deployment.quantities.get(s.key, 1))
        return {service.key: binding.bind(service) for service in wanted}

    @cached_property
    def _groups(self) -> Mapping[ServiceKey, frozenset[ServiceKey]]:
        members: dict[ServiceKey, set[ServiceKey]] = {}
        for key, bonds in self._bonds.items():
            joined = [members[bond.service] for bond in bonds]
            largest = max(joined, key=len, default=set())
            largest.add(key)
            members[key] = largest
            for each in joined:
                if each is not largest:
                    largest |= each
                    members.update(dict.fromkeys(each, largest))
        frozen = {id(group): frozenset(group) for group in members.values() if len(group) > 1}
        return {key: frozen[id(group)] for key, group in members.items() if id(group) in frozen}


class _Binding:
    """Binds one service after the other to those that came before."""

    def __init__(self) -> None:
        self._before: set[ServiceKey] = set()
        #: Services before that link one that is still to come.
        self._linked_by: dict[ServiceKey, list[ServiceKey]] = {}
        #: The last service before that mounts a volume: it is bound to the one before itself.
        self._last_with: dict[str, ServiceKey] = {}

    def bind(self, service: ServiceSpec) -> tuple[Bond, ...]:
        bonds: dict[ServiceKey, Bond] = {}
        for key in service.linked:
            if key in self._before:
                bonds[key] = Bond(key, "links", "which it links to")
            else:
                self._linked_by.setdefault(key, []).append(service.key)
        for key in self._linked_by.pop(service.key, ()):
            bonds.setdefault(key, Bond(key, "links", "which links to it"))
        # A service per host has a volume on each.
        if service.placement.availability is not Availability.PER_HOST:
            for volume in sorted(service.container.named_volumes):
                last = self._last_with.get(volume)
                if last is not None:
                    clause = f"with which it shares the volume {volume!r}"
                    bonds.setdefault(last, Bond(last, SHARED_VOLUME, clause))
                self._last_with[volume] = service.key
        self._before.add(service.key)
        bonds.pop(service.key, None)
        return tuple(bonds.values())
