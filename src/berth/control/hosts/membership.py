"""Hosts: they join, and move between pools."""

import msgspec

from berth.control.hosts.names import choose_name
from berth.control.naming import check_tags
from berth.control.pools import DEFAULT_POOL, check_pool
from berth.control.tags import ensure_tags
from berth.domain.errors import Conflict, Invalid, NotFound
from berth.domain.ids import HostId, PoolId
from berth.domain.observed import HostFacts
from berth.domain.origin import Origin
from berth.domain.records import Actor, Host, TaskKind, Tombstone
from berth.domain.states import HostState, Severity
from berth.domain.table import TableView
from berth.store.draft import Draft, NewEvent
from berth.store.task_log import TaskSubject, open_task


class JoiningHost(msgspec.Struct, frozen=True, kw_only=True):
    """An engine that wants to be a host; "" and () leave the choice to the manager."""

    facts: HostFacts
    name: str = ""
    pool_id: str = ""
    tags: tuple[str, ...] = ()
    #: Hosts whose engine has the same id and was proven to be another one.
    others: frozenset[HostId] = frozenset()


def join_host(draft: Draft, joining: JoiningHost, *, new_id: HostId, credential_hash: str) -> Host:
    """Make an engine a host, or replace the credential of a known one that is away.

    Raises Conflict unless a host with that engine is known to be away: two agents on one engine,
    or two machines that are copies of each other.
    """
    if not joining.facts.engine_id:
        raise Invalid("the engine's id is missing", code="required", field="facts.engine_id")
    alike = draft.hosts.find("engine", joining.facts.engine_id)
    known = [host for host in alike if host.id not in joining.others]
    # One that may be in contact goes first: it is the one to refuse for.
    known.sort(key=lambda host: draft.fleet.status_of(host.id).state is HostState.INACTIVE)
    if known:
        host = _take_over(draft, known[0], joining=joining)
    else:
        name = choose_name(draft, joining.name, hostname=joining.facts.hostname, own_id=new_id)
        host = Host(
            id=new_id,
            name=name,
            pool_id=_choose_pool(draft, joining.pool_id),
            engine_id=joining.facts.engine_id,
            credential_hash="",
            created_at=draft.now,
            tags=check_tags(joining.tags, field="tags"),
        )
    host = msgspec.structs.replace(
        host,
        credential_hash=credential_hash,
        revoked_at=0.0,
        address=joining.facts.address,
        public_address=joining.facts.public_address,
    )
    ensure_tags(draft, host.tags)
    draft.hosts.put(host)
    record_host_event(
        draft, host, key="host_joined", summary=f"Host {host.name} joined pool {host.pool_id}"
    )
    return host


def move_host(draft: Draft, host_id: str, *, pool_id: str, origin: Origin) -> Host:
    """Put a host into another pool; a task follows its containers out of the old one."""
    host = get_host(draft.hosts, host_id)
    target = check_pool(draft.pools, pool_id, field="pool_id")
    if host.pool_id == target:
        return host
    moved = msgspec.structs.replace(host, pool_id=target)
    draft.hosts.put(moved)
    about = TaskSubject(
        name=f"move host: {host.name} to pool {target}",
        subject=host.id,
        action=target,
        host_id=host.id,
    )
    open_task(draft, TaskKind.MOVE, about=about, origin=origin)
    record_host_event(
        draft, moved, key="host_moved", summary=f"Host {host.name} moved to pool {target}"
    )
    return moved


def revoke_host(draft: Draft, host_id: str, *, origin: Origin) -> Host:
    """Make a host's credential void: it can only come back by joining again. Safe to repeat."""
    host = get_host(draft.hosts, host_id)
    if host.revoked_at:
        return host
    revoked = msgspec.structs.replace(host, credential_hash="", revoked_at=draft.now)
    draft.hosts.put(revoked)
    summary = f"The access of host {host.name} was revoked"
    record_host_event(draft, revoked, key="host_revoked", summary=summary, caller=origin.user)
    return revoked


def delete_host(draft: Draft, host_id: str, *, origin: Origin) -> Host:
    """Drop a host that is away, with what was kept of it; its agent hears of it if it comes back."""
    host = get_host(draft.hosts, host_id)
    state = draft.fleet.status_of(host.id).state
    if state is not HostState.INACTIVE and not host.revoked_at:
        why = "its agent is in contact: stop it or revoke its access first"
        if state is HostState.UNKNOWN:
            why = "it may still come into contact with this manager, which just started"
        raise Conflict(f"host {host.name!r} cannot be removed: {why}", code="host_active")
    draft.hosts.drop(host.id)
    draft.tombstones.put(
        Tombstone(
            id=host.id,
            name=host.name,
            engine_id=host.engine_id,
            credential_hash=host.credential_hash,
            deleted_at=draft.now,
        )
    )
    for home in [home for home in draft.volume_homes.values() if home.host_id == host.id]:
        draft.volume_homes.drop(home.id)
    for port in draft.proxy_ports.find("host", host.id):
        draft.proxy_ports.drop(port.id)
    summary = f"Host {host.name} was removed"
    for status in draft.statuses.find("subject", ("host", host.id)):
        draft.clear_status(
            NewEvent(
                key=status.event.key,
                severity=Severity.CLEARED,
                summary=summary,
                actor=status.event.actor,
                sub_actor=status.event.sub_actor,
            )
        )
    record_host_event(draft, host, key="host_removed", summary=summary, caller=origin.user)
    return host


def get_host(hosts: TableView[Host], id_or_name: str) -> Host:
    """Return the host named in a path, by its id or its name; raises NotFound."""
    host = hosts.get(id_or_name)
    if host is not None:
        return host
    named = hosts.find("name", id_or_name)
    if not named:
        raise NotFound(f"host {id_or_name!r} does not exist", code="unknown_host")
    return named[0]


def _take_over(draft: Draft, known: Host, *, joining: JoiningHost) -> Host:
    """Return the record of a known engine as the joining agent wants it; what it leaves out stays."""
    state = draft.fleet.status_of(known.id).state
    if state is HostState.UNKNOWN and not known.revoked_at:
        raise Conflict(
            f"this engine is host {known.name!r} already, and this manager just started: its agent "
            f"may still come into contact. Try again in {draft.settings.host_ttl_s:.0f} s",
            code="host_not_heard",
        )
    if state is HostState.ACTIVE and not known.revoked_at:
        raise Conflict(
            f"this engine is host {known.name!r} already, and its agent is in contact: stop that "
            "agent first, or leave it as it is; one engine has one agent",
            code="host_active",
        )
    if joining.name and joining.name != known.name:
        name = choose_name(draft, joining.name, hostname="", own_id=known.id)
        known = msgspec.structs.replace(known, name=name)
    if joining.pool_id:
        known = msgspec.structs.replace(known, pool_id=_choose_pool(draft, joining.pool_id))
    if joining.tags:
        known = msgspec.structs.replace(known, tags=check_tags(joining.tags, field="tags"))
    return known


def _choose_pool(draft: Draft, wanted: str) -> PoolId:
    if wanted:
        return check_pool(draft.pools, wanted, field="pool_id")
    if DEFAULT_POOL in draft.pools:
        return DEFAULT_POOL
    return min(pool.id for pool in draft.pools.values())


def record_host_event(
    draft: Draft, host: Host, *, key: str, summary: str, caller: str = ""
) -> None:
    """Record an event about a host; ``caller`` is the user who wanted it."""
    about = {"host_id": host.id, "hostname": host.name, "host_group": str(host.pool_id)}
    draft.record_event(
        NewEvent(
            key=key,
            severity=Severity.INFO,
            summary=summary,
            actor=Actor("host", host.id, host.name),
            details=about | ({"caller": caller} if caller else {}),
        )
    )
