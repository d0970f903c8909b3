"""Finds a text in everything that users see, from a lower-case copy that is kept per object."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from berth.domain.discovery_records import Key
from berth.domain.labels import DEPLOYMENT_LABEL, SERVICE_LABEL
from berth.domain.observed import EngineImage, HostFacts, InventoryItem
from berth.domain.records import Definition, Deployment, Host, Pool, Registry, Tag, Task
from berth.domain.states import Subtype
from berth.store.memory import Memory

#: Characters shown on each side of a match.
AROUND = 40

#: At most this many objects are described before others get a turn.
SLICE = 500

#: Stands between the texts of one object; no query has it.
_BORDER = "\0"

Field = tuple[str, str]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One object as it is searched."""

    kind: str
    id: str
    name: str
    #: Where the API has it.
    path: str
    #: Dotted paths of its texts, and these.
    fields: tuple[Field, ...]
    #: All texts in lower case.
    text: str
    #: Id and name in lower case.
    heads: tuple[str, str]


class Match(msgspec.Struct, frozen=True):
    """A place where the query stands, with a few characters around it."""

    field: str
    text: str


class ResultGroup(NamedTuple):
    """Objects of one kind that have something in common, such as their host."""

    key: str
    #: The common thing; when it changes, all are described again.
    common: Any
    records: Mapping[Any, Any]


class Description(NamedTuple):
    """What is searched of an object."""

    name: str
    path: str
    fields: Sequence[Field]


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """How the objects of one kind are gone through and described: record, common thing."""

    groups: Callable[[Memory], Iterable[ResultGroup]]
    describe: Callable[[Any, Any], Description]


class _Kept:
    """The entries of one group, each with the record that it was made of."""

    def __init__(self, common: Any) -> None:
        self.common = common
        self.entries: dict[str, tuple[Any, Entry]] = {}


class SearchIndex:
    """Keeps what the last search read; only what changed since is described again."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, _Kept]] = {}

    async def refresh(self, memory: Memory, *, kinds: Sequence[str]) -> None:
        """Describe what is new; others get their turn in between."""
        made = 0
        for kind in kinds:
            known = self._kept.setdefault(kind, {})
            present = set()
            for group in list(KINDS[kind].groups(memory)):
                present.add(group.key)
                made += self._refresh_group(known, group, kind=kind)
                if made >= SLICE:
                    made = 0
                    await asyncio.sleep(0)
            for key in known.keys() - present:
                del known[key]

    def _refresh_group(self, known: dict[str, _Kept], group: ResultGroup, *, kind: str) -> int:
        """Return how many entries were made."""
        kept = known.get(group.key)
        if kept is None or kept.common != group.common:
            kept = known[group.key] = _Kept(group.common)
        entries, made = kept.entries, 0
        for record_id, record in group.records.items():
            entry = entries.get(record_id)
            if entry is None or entry[0] is not record:
                described = KINDS[kind].describe(record, group.common)
                entries[record_id] = record, _make_entry(kind, record_id, described=described)
                made += 1
        if len(entries) > len(group.records):
            for record_id in entries.keys() - group.records.keys():
                del entries[record_id]
        return made

    def find(self, query: str, *, kinds: Sequence[str], window: slice) -> tuple[list[Entry], int]:
        """Return the asked part of the objects that have the query in a text, and how many do.

        Those that have it in their name or id come first.
        """
        needle = query.lower()
        buckets: dict[tuple[int, int], list[Entry]] = {}
        total = 0
        for order, kind in enumerate(kinds):
            for kept in self._kept[kind].values():
                for _, entry in kept.entries.values():
                    if needle in entry.text:
                        total += 1
                        buckets.setdefault((_rank(entry, needle), order), []).append(entry)
        found: list[Entry] = []
        for place in sorted(buckets):
            if len(found) >= window.stop:
                break
            found += sorted(buckets[place], key=_heads_of)
        return found[window], total


def find_matches(entry: Entry, query: str) -> list[Match]:
    """Return every field that has the query, with its first occurrence."""
    needle = query.lower()
    matches = []
    for field, text in entry.fields:
        small = text.lower()
        place = small.find(needle)
        if place >= 0:
            # A few letters change their length when they become small.
            shown = text if len(small) == len(text) else small
            matches.append(Match(field, _cut(shown, place, length=len(needle))))
    return matches


def _cut(text: str, place: int, *, length: int) -> str:
    start, end = max(0, place - AROUND), place + length + AROUND
    cut = " ".join(text[start:end].split())
    return f"{'...' if start else ''}{cut}{'...' if end < len(text) else ''}"


def _rank(entry: Entry, needle: str) -> int:
    """Ordered rules: is it the name, does that begin with it, hold it, or only another text."""
    name, own_id = entry.heads
    if needle in (name, own_id):
        return 0
    if name.startswith(needle) or own_id.startswith(needle):
        return 1
    return 2 if needle in name or needle in own_id else 3


def _heads_of(entry: Entry) -> tuple[str, str]:
    return entry.heads


def _make_entry(kind: str, record_id: str, *, described: Description) -> Entry:
    kept = tuple((field, text) for field, text in described.fields if text)
    shown_id = record_id.partition("/")[2] if kind in _DEFINITIONS else record_id
    return Entry(
        kind=kind,
        id=shown_id,
        name=described.name,
        path=described.path,
        fields=kept,
        text=_BORDER.join([text for _, text in kept]).lower(),
        heads=(described.name.lower(), shown_id.lower()),
    )


def _table(name: str) -> Callable[[Memory], Iterable[ResultGroup]]:
    """Go through a table of memory."""

    def groups(memory: Memory) -> Iterator[ResultGroup]:
        table = memory.tables[name]
        yield ResultGroup("", None, {table.key_of(record): record for record in table.values()})

    return groups


def _definitions_of(subtype: Subtype) -> Kind:
    def groups(memory: Memory) -> Iterator[ResultGroup]:
        found: list[Definition] = memory.definitions.find("subtype", subtype.value)
        yield ResultGroup("", None, {each.id: each for each in found})

    def describe(each: Definition, _: None) -> Description:
        path = f"/api/v2/{subtype.value}s/{quote(each.definition_id, safe='')}"
        fields = (
            ("service_name", each.name),
            ("service_id", each.definition_id),
            ("content", each.content),
        )
        return Description(each.name, path, fields)

    return Kind(groups=groups, describe=describe)


def _describe_deployment(each: Deployment, _: None) -> Description:
    fields = (
        ("deployment_name", each.name),
        ("deployment_id", each.id),
        ("placement.pool_id", each.pool_id),
        ("created_by", each.created_by),
        ("stack.service_name", each.service_name),
        ("stack.service_id", each.service_id),
        ("stack.content", each.content),
    )
    return Description(each.name, f"/api/v2/deployments/{quote(each.id, safe='')}", fields)


def _containers(memory: Memory) -> Iterator[ResultGroup]:
    for host_id, items in memory.observed.inventory.items():
        host = memory.hosts.get(host_id)
        if host is not None:
            yield ResultGroup(host_id, (host.id, host.name), items)


def _describe_container(item: InventoryItem, host: tuple[str, str]) -> Description:
    """Describe a container by its list entry: its environment may hold passwords."""
    container, (host_id, hostname) = item.container, host
    fields = (
        ("container_name", container.name),
        ("container_id", container.id),
        ("image", container.image),
        ("hostname", hostname),
        ("host_id", host_id),
        ("command", container.command),
        ("deployment_id", container.labels.get(DEPLOYMENT_LABEL, "")),
        ("service_id", container.labels.get(SERVICE_LABEL, "")),
    )
    path = f"/api/containers/{container.id}/host/{host_id}"
    return Description(container.name, path, fields)


def _images(memory: Memory) -> Iterator[ResultGroup]:
    """Yield each image once, with the first host that has it."""
    seen: set[str] = set()
    for host_id, images in memory.observed.images.items():
        new = {image_id: image for image_id, image in images.items() if image_id not in seen}
        seen |= new.keys()
        yield ResultGroup(host_id, host_id, new)


def _describe_image(image: EngineImage, host_id: str) -> Description:
    fields = [("Id", image.id)]
    fields += [("RepoTags", name) for name in image.names]
    fields += [("RepoDigests", digest) for digest in image.digests]
    name = image.names[0] if image.names else image.id
    return Description(name, f"/api/images/{quote(image.id, safe=':')}/hosts/{host_id}", fields)


def _hosts(memory: Memory) -> Iterator[ResultGroup]:
    for host in memory.hosts.values():
        yield ResultGroup(host.id, memory.fleet.status_of(host.id).facts, {host.id: host})


def _describe_host(each: Host, facts: HostFacts | None) -> Description:
    fields = [
        ("info.hostname", each.name),
        ("host_id", each.id),
        ("info.pool_id", each.pool_id),
        ("duty", each.duty.value),
    ]
    fields += [("tags", tag) for tag in each.tags]
    addresses = {each.address, each.public_address}
    if facts is not None:
        addresses |= {*facts.interfaces.values()}
        fields.append(("info.docker_version", facts.engine_version))
        fields.append(("info.host_version", facts.agent_version))
    fields += [("info.ip_addresses", address) for address in sorted(addresses)]
    return Description(each.name, f"/api/hosts/{each.id}", fields)


def _describe_pool(each: Pool, _: None) -> Description:
    fields = [("name", each.name), ("id", each.id), ("description", each.description)]
    fields += [("tags", tag) for tag in each.tags]
    return Description(each.name, f"/api/pools/{quote(each.id, safe='')}", fields)


def _describe_registry(each: Registry, _: None) -> Description:
    fields = (
        ("url", each.url),
        ("registry_id", each.id),
        ("email", each.email),
        ("username", each.username),
        ("description", each.description),
    )
    return Description(each.url, f"/api/v2/registries/{each.id}", fields)


def _describe_tag(each: Tag, _: None) -> Description:
    return Description(each.id, "/api/tags/", (("id", each.id),))


def _describe_task(each: Task, _: None) -> Description:
    fields = (
        ("Name", each.name),
        ("ID", each.id),
        ("User", each.user),
        ("Subsystem", each.subsystem),
        ("HostID", each.host_id),
        ("Message", each.message),
    )
    return Description(each.name, f"/api/v2/tasks/{each.id}", fields)


def _describe_key(each: Key, _: None) -> Description:
    """Describe a key by its name alone: values are not searched."""
    return Description(each.id, f"/api/kv/{quote(each.id)}", (("Key", each.id),))


#: In the order in which results of one rank are listed.
KINDS = {
    "service": _definitions_of(Subtype.SERVICE),
    "stack": _definitions_of(Subtype.STACK),
    "deployment": Kind(groups=_table("deployments"), describe=_describe_deployment),
    "container": Kind(groups=_containers, describe=_describe_container),
    "image": Kind(groups=_images, describe=_describe_image),
    "host": Kind(groups=_hosts, describe=_describe_host),
    "pool": Kind(groups=_table("pools"), describe=_describe_pool),
    "registry": Kind(groups=_table("registries"), describe=_describe_registry),
    "tag": Kind(groups=_table("tags"), describe=_describe_tag),
    "task": Kind(groups=_table("tasks"), describe=_describe_task),
    "key": Kind(groups=_table("keys"), describe=_describe_key),
}

_DEFINITIONS = frozenset({"service", "stack"})
