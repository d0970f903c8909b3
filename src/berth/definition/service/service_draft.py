"""A service while its keys are read one after another."""

from collections.abc import Mapping
from typing import Protocol

from berth.definition.service.stack import Stack
from berth.definition.text.nodes import Dictionary, Node
from berth.definition.text.position import Position
from berth.definition.text.scalars import says_nothing
from berth.definition.text.values import Reader, filled, mapping, pairs
from berth.domain.ids import ServiceKey
from berth.domain.spec import (
    ContainerSpec,
    Dependency,
    MountSpec,
    PlacementRules,
    Probe,
    ServiceSpec,
    UpdatePolicy,
)


class ServiceDraft:
    """Members found so far; what is absent keeps the default of its record."""

    def __init__(self, key: ServiceKey, body: Dictionary, *, stack: Stack) -> None:
        self.key = key
        #: What it shares with the other services.
        self.stack = stack
        #: The whole service, for rules that read several keys.
        self.body = body
        #: Members of ``ContainerSpec``.
        self.container: dict[str, object] = {}
        #: Members of ``PlacementRules``.
        self.placement: dict[str, object] = {}
        #: By target; filled by several keys.
        self.mounts: dict[str, MountSpec] = {}
        #: What the constraints say, by member of ``PlacementRules``.
        self.constraints: dict[str, set[str]] = {}
        #: By label; filled by several keys.
        self.probes: dict[str, Probe] = {}
        #: Where members stand that are compared with others once all keys are read.
        self.places: dict[str, tuple[Node, Position]] = {}
        self.depends_on: tuple[Dependency, ...] = ()
        self.update = UpdatePolicy()
        self.rollback = UpdatePolicy()
        self.replicas: int | None = None
        #: Whether its mode makes it a job, whose containers run once.
        self.is_job = False
        self.description = ""
        self.phase = 0

    def finish(self) -> ServiceSpec:
        """Return the service; call it only when no problem was found, for it needs an image.

        Checks are in the order of their labels, as the variables that set them are.
        """
        if self.mounts:
            self.container["mounts"] = tuple(self.mounts.values())
        if self.probes:
            self.container["probes"] = tuple(self.probes[label] for label in sorted(self.probes))
        for name, values in self.constraints.items():
            self.placement[name] = tuple(sorted(values))
        return ServiceSpec(
            key=self.key,
            container=filled(ContainerSpec(image=""), self.container),
            placement=filled(PlacementRules(), self.placement),
            description=self.description,
            phase=self.phase,
            depends_on=self.depends_on,
            update=self.update,
            rollback=self.rollback,
            external_volumes=tuple(
                sorted(
                    {mount.source for mount in self.mounts.values() if mount.kind == "volume"}
                    & self.stack.external_volumes
                )
            ),
            replicas=0 if self.key in self.stack.idle else self.replicas,
        )


class KeyParser(Protocol):
    """Takes over what one key of a service says."""

    def __call__(self, node: Node, at: Position, *, draft: ServiceDraft) -> None: ...


def member(name: str, read: Reader[object]) -> KeyParser:
    """Make a parser that stores what ``read`` returns as one member of ``ContainerSpec``."""

    def parse(node: Node, at: Position, *, draft: ServiceDraft) -> None:
        value = read(node, at)
        if value is not None:
            draft.container[name] = value

    return parse


def as_pairs(name: str) -> KeyParser:
    """Make a parser of names with values, written as a map or as a list, for one member."""

    def parse(node: Node, at: Position, *, draft: ServiceDraft) -> None:
        found = {key: value or "" for key, value, _ in pairs(node, at)}
        draft.container[name] = tuple(sorted(found.items()))

    return parse


def section(parsers: Mapping[str, KeyParser], *, what: str) -> KeyParser:
    """Make a parser of a mapping; its members are read in the order of the table."""

    def parse(node: Node, at: Position, *, draft: ServiceDraft) -> None:
        found: dict[str, Node] = {}
        for name in mapping(node, at, readers=dict.fromkeys(parsers, _as_node), what=what):
            assert isinstance(node, Dictionary)
            found[name] = node.entries[name][1]
        for name, parser in parsers.items():
            if name in found:
                parser(found[name], at.inside(name), draft=draft)

    return parse


def _as_node(node: Node, at: Position) -> object | None:
    return None if says_nothing(node) else node


def ignore(reason: str) -> KeyParser:
    """Make a parser that only reports the key."""

    def parse(node: Node, at: Position, *, draft: ServiceDraft) -> None:
        at.ignored(node, reason)

    return parse
