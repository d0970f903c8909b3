"""Keys for what a container may use: memory, processor, processes."""

import re
from collections.abc import Mapping

from berth.definition.service.linux_names import LIMITS
from berth.definition.service.service_draft import KeyParser, ServiceDraft, member
from berth.definition.text import scalars, values
from berth.definition.text.nodes import Dictionary, Node, Scalar
from berth.definition.text.position import Position
from berth.definition.text.scalars import is_null
from berth.domain.spec import ContainerSpec, UlimitSpec

#: The engine refuses less.
MIN_MEMORY = 6 * 2**20
MIN_CPUS = 0.01


def parse_limit(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    """Take over the most memory that a container may use."""
    size = values.byte_size(node, at)
    if size is not None and 0 < size < MIN_MEMORY:
        at.problem(node, "the engine refuses a memory limit below 6m: use 6m or more")
    elif size is not None:
        _set(draft, "memory_bytes", value=size, node=node, at=at)


def _parse_swap(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    unlimited = isinstance(node, Scalar) and node.value == "-1"
    size = -1 if unlimited else values.byte_size(node, at)
    if size:
        _set(draft, "memory_swap_bytes", value=size, node=node, at=at)


def parse_reservation(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    """Take over the memory that is kept free for a container."""
    size = values.byte_size(node, at)
    if size is not None:
        _set(draft, "memory_reservation_bytes", value=size, node=node, at=at)


def parse_processes(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    """Take over how many processes a container may have."""
    limit = values.integer(-1, 2**31)(node, at)
    # -1 is another word for "no limit".
    _set(draft, "pids_limit", value=max(limit or 0, 0), node=node, at=at)


def parse_cpus(name: str) -> KeyParser:
    """Make a parser of a share of processors."""

    def parse(node: Node, at: Position, *, draft: ServiceDraft) -> None:
        wanted = values.number(0, 4096)(node, at)
        if name == "cpus" and wanted is not None and 0 < wanted < MIN_CPUS:
            at.problem(node, f"the engine refuses a share below {MIN_CPUS}: use {MIN_CPUS} or more")
        elif wanted is not None:
            _set(draft, name, value=wanted, node=node, at=at)

    return parse


def _set(draft: ServiceDraft, name: str, *, value: float, node: Node, at: Position) -> None:
    """Set a member that two keys may name; a second value that differs is a problem."""
    draft.places[name] = node, at
    known = draft.container.setdefault(name, value)
    if known != value:
        at.problem(node, f"another key of the service says {known:g}, this one {value:g}: keep one")


def _limits(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    found = []
    if not isinstance(node, Dictionary):
        if not is_null(node):
            at.problem(node, "a mapping of names is expected here, for example nofile: 65536")
        return
    for name, (key, item) in node.entries.items():
        place = at.inside(name)
        if name not in LIMITS:
            place.problem(key, f"{values.shown(name)} is not a limit: use a name such as nofile")
        elif isinstance(item, Dictionary):
            members = values.mapping(item, place, readers=_SOFT_HARD, what="a limit")
            limit = values.filled(UlimitSpec(name, 0, 0), members)
            if len(members) < len(_SOFT_HARD):
                place.problem(item, "a limit has two parts: write soft and hard, or one number")
            elif limit.hard != -1 and not 0 <= limit.soft <= limit.hard:
                place.problem(item, "soft is greater than hard: lower it to hard")
            else:
                found.append(limit)
        elif (both := _limit(item, place)) is not None:
            found.append(UlimitSpec(name, both, both))
    draft.container["ulimits"] = tuple(sorted(found, key=lambda limit: limit.name))


_limit = values.integer(-1)
_SOFT_HARD: Mapping[str, values.Reader[object]] = {"soft": _limit, "hard": _limit}


def check_limits(draft: ServiceDraft) -> None:
    """Hold together the limits that an engine takes only side by side; wants all keys read."""
    found = values.filled(ContainerSpec(image=""), draft.container)
    limit, swap = found.memory_bytes, found.memory_swap_bytes
    # A limit that could not be read has a problem of its own.
    unread = "memory_bytes" not in draft.places and draft.body.get("mem_limit") is not None
    rules = (
        (
            "memory_swap_bytes",
            swap > 0 and not limit and not unread,
            "memswap_limit has no effect without mem_limit: add mem_limit",
        ),
        (
            "memory_swap_bytes",
            0 < swap < limit,
            "memswap_limit is memory plus swap: use at least mem_limit",
        ),
        (
            "memory_reservation_bytes",
            0 < limit < found.memory_reservation_bytes,
            "mem_reservation is greater than mem_limit: use at most mem_limit",
        ),
        (
            "cpus",
            found.cpus > 0 and (found.cpu_period_us > 0 or found.cpu_quota_us > 0),
            "cpus and cpu_quota with cpu_period exclude each other: keep one way to say it",
        ),
    )
    for name, is_wrong, message in rules:
        if is_wrong:
            node, at = draft.places[name]
            at.problem(node, message)


def _swappiness(node: Node, at: Position) -> int | None:
    """Read a share of 100; -1 is another word for the engine's default."""
    share = values.integer(-1, 100)(node, at)
    return None if share == -1 else share


def _microseconds(low: int, high: int) -> values.Reader[int]:
    """Make a reader of microseconds, or of a duration such as ``50ms``; 0 and -1 set nothing."""

    def read(node: Node, at: Position) -> int | None:
        if isinstance(node, Scalar) and scalars.as_integer(node.value) is not None:
            found = values.integer(-1, high)(node, at)
        else:
            seconds = values.duration(node, at)
            found = None if seconds is None else round(seconds * 1e6)
        if found is None or found in (0, -1) or low <= found <= high:
            return found
        at.problem(node, f"{found} microseconds are out of range: use {low} to {high}")
        return None

    return read


def _shares(node: Node, at: Position) -> int | None:
    """Read a weight; 0 is another word for the engine's default, and the kernel knows no 1."""
    shares = values.integer(0, 262_144)(node, at)
    if shares == 1:
        at.problem(node, "1 is out of range: use 2 to 262144")
    return shares


def _cpuset(node: Node, at: Position) -> str | None:
    value = _cpuset_text(node, at)
    for first, last in _RANGE.findall(value or ""):
        if int(first) > int(last):
            at.problem(node, f"the range {first}-{last} runs backwards: write {last}-{first}")
            return None
    return value


_RANGE = re.compile(r"([0-9]+)-([0-9]+)")
_cpuset_text = values.text_like(
    r"[0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*",
    "write numbers and ranges, for example 0-2,5",
)


KEYS: Mapping[str, KeyParser] = {
    "mem_limit": parse_limit,
    "memswap_limit": _parse_swap,
    "mem_reservation": parse_reservation,
    "mem_swappiness": member("memory_swappiness", _swappiness),
    "shm_size": member("shm_bytes", values.byte_size),
    "cpus": parse_cpus("cpus"),
    "cpu_period": member("cpu_period_us", _microseconds(1000, 1_000_000)),
    "cpu_quota": member("cpu_quota_us", _microseconds(1000, 10**9)),
    "cpu_shares": member("cpu_shares", _shares),
    "cpuset": member("cpuset", _cpuset),
    "pids_limit": parse_processes,
    "ulimits": _limits,
    "oom_kill_disable": member("oom_kill_disable", values.boolean),
    "oom_score_adj": member("oom_score_adj", values.integer(-1000, 1000)),
}
