"""Tags: words that must exist before hosts and pools can have them."""

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from berth.control.naming import check_tags, shorten
from berth.domain.errors import Invalid, NotFound
from berth.domain.fleet import Fleet
from berth.domain.records import Host, Pool, Tag
from berth.domain.table import TableView
from berth.store.draft import Draft

Kind = Literal["host", "pool"]


class TagObject(msgspec.Struct, frozen=True):
    """A host or pool and the tags that it has."""

    kind: Kind
    id: str
    tags: tuple[str, ...]


def create_tag(draft: Draft, name: str) -> str:
    """Make a tag and return its name; one that exists stays as it is."""
    (checked,) = check_tags((name,), field="id")
    ensure_tags(draft, (checked,))
    return checked


def ensure_tags(draft: Draft, tags: Iterable[str]) -> None:
    """Make those of the tags that do not exist yet."""
    for name in tags:
        if name not in draft.tags:
            draft.tags.put(Tag(id=name, created_at=draft.now))


def delete_tag(draft: Draft, name: str) -> None:
    """Drop a tag, and take it off every host and pool; raises NotFound."""
    if draft.tags.drop(name) is None:
        raise NotFound(f"tag {shorten(name)!r} does not exist", code="unknown_tag")
    for host in [host for host in draft.hosts.values() if name in host.tags]:
        draft.hosts.put(msgspec.structs.replace(host, tags=_without(host.tags, name)))
    for pool in [pool for pool in draft.pools.values() if name in pool.tags]:
        draft.pools.put(msgspec.structs.replace(pool, tags=_without(pool.tags, name)))


def apply_tags(draft: Draft, kind: str, *, object_id: str, tags: tuple[str, ...]) -> TagObject:
    """Return a host or pool exactly these tags; raises Invalid when anything named is unknown."""
    chosen = check_tags(tags, field="tags")
    unknown = [name for name in chosen if name not in draft.tags]
    if unknown:
        raise Invalid(
            f"tag {unknown[0]!r} does not exist: make it with POST /api/tags/ first",
            code="unknown_tag",
            field="tags",
        )
    if kind == "host":
        host = _find_host(draft.hosts, object_id)
        draft.hosts.put(msgspec.structs.replace(host, tags=chosen))
        return TagObject("host", host.id, chosen)
    if kind == "pool":
        pool = draft.pools.get(object_id)
        if pool is None:
            raise _unknown_object("pool", object_id)
        draft.pools.put(msgspec.structs.replace(pool, tags=chosen))
        return TagObject("pool", pool.id, chosen)
    raise Invalid(
        f"{shorten(kind)!r} has no tags: the kind must be host or pool",
        code="unknown_kind",
        field="kind",
    )


def tag_objects(fleet: Fleet) -> Iterator[TagObject]:
    """Go through the hosts and pools that have tags, each kind by id."""
    for host in sorted(fleet.hosts.values(), key=_id_of):
        if host.tags:
            yield TagObject("host", host.id, host.tags)
    for pool in sorted(fleet.pools.values(), key=_id_of):
        if pool.tags:
            yield TagObject("pool", pool.id, pool.tags)


def _find_host(hosts: TableView[Host], id_or_name: str) -> Host:
    found = hosts.get(id_or_name) or next(iter(hosts.find("name", id_or_name)), None)
    if found is None:
        raise _unknown_object("host", id_or_name)
    return found


def _unknown_object(kind: Kind, object_id: str) -> Invalid:
    return Invalid(
        f"{kind} {shorten(object_id)!r} does not exist", code=f"unknown_{kind}", field="id"
    )


def _without(tags: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(tag for tag in tags if tag != name)


def _id_of(record: Host | Pool) -> str:
    return record.id
