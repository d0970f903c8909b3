"""A service while its keys are read one after another."""

from typing import Protocol

import msgspec

from berth.definition.nodes import Dictionary, Node
from berth.definition.place import Place
from berth.definition.values import Reader
from berth.domain.ids import ServiceKey
from berth.domain.spec import ContainerSpec, MountSpec, PlacementRules, ServiceSpec


class Draft:
    """Members found so far; what is absent keeps the default of its record."""

    def __init__(self, key: ServiceKey, body: Dictionary) -> None:
        self.key = key
        #: The whole service, for rules that look at several keys.
        self.body = body
        #: Members of ``ContainerSpec``.
        self.container: dict[str, object] = {}
        #: Members of ``PlacementRules``.
        self.placement: dict[str, object] = {}
        #: By target; filled by several keys.
        self.mounts: dict[str, MountSpec] = {}
        #: What the constraints say, by member of ``PlacementRules``.
        self.constraints: dict[str, set[str]] = {}
        self.description = ""
        self.phase = 0

    def finish(self) -> ServiceSpec:
        """Give the service; call it only when no problem was found, for it needs an image."""
        if self.mounts:
            self.container["mounts"] = tuple(self.mounts.values())
        for name, values in self.constraints.items():
            self.placement[name] = tuple(sorted(values))
        return ServiceSpec(
            key=self.key,
            container=msgspec.structs.replace(ContainerSpec(image=""), **self.container),
            placement=msgspec.structs.replace(PlacementRules(), **self.placement),
            description=self.description,
            phase=self.phase,
        )


class KeyParser(Protocol):
    """Takes over what one key of a service says."""

    def __call__(self, node: Node, at: Place, *, draft: Draft) -> None: ...


def member(name: str, read: Reader[object]) -> KeyParser:
    """Make a parser that stores what ``read`` gives as one member of ``ContainerSpec``."""

    def parse(node: Node, at: Place, *, draft: Draft) -> None:
        value = read(node, at)
        if value is not None:
            draft.container[name] = value

    return parse


def ignore(reason: str) -> KeyParser:
    """Make a parser that only reports the key."""

    def parse(node: Node, at: Place, *, draft: Draft) -> None:
        at.ignored(node, reason)

    return parse
