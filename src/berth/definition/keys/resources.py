"""Keys for what a container may use: memory, processor, processes."""

from collections.abc import Mapping

from berth.definition import values
from berth.definition.draft import Draft, KeyParser, member
from berth.definition.nodes import Node, Scalar
from berth.definition.place import Place

#: The engine refuses less.
MIN_MEMORY = 6 * 2**20


def _parse_limit(node: Node, at: Place, *, draft: Draft) -> None:
    size = values.byte_size(node, at)
    if size is not None and 0 < size < MIN_MEMORY:
        at.problem(node, "the engine refuses a memory limit below 6m: use 6m or more")
    elif size is not None:
        draft.container["memory_bytes"] = size


def _parse_swap(node: Node, at: Place, *, draft: Draft) -> None:
    unlimited = isinstance(node, Scalar) and node.value == "-1"
    size = -1 if unlimited else values.byte_size(node, at)
    limit = draft.container.get("memory_bytes", 0)
    if not size or not isinstance(limit, int):
        return
    if not limit and draft.body.get("mem_limit") is None:
        at.problem(node, "memswap_limit has no effect without mem_limit: add mem_limit")
    elif 0 < size < limit:
        at.problem(node, "memswap_limit is memory plus swap: use at least mem_limit")
    else:
        draft.container["memory_swap_bytes"] = size


def _parse_reservation(node: Node, at: Place, *, draft: Draft) -> None:
    size = values.byte_size(node, at)
    limit = draft.container.get("memory_bytes", 0)
    if size is not None and isinstance(limit, int) and 0 < limit < size:
        at.problem(node, "mem_reservation is greater than mem_limit: use at most mem_limit")
    elif size is not None:
        draft.container["memory_reservation_bytes"] = size


def _parse_processes(node: Node, at: Place, *, draft: Draft) -> None:
    limit = values.integer(-1, 2**31)(node, at)
    # -1 is another word for "no limit".
    draft.container["pids_limit"] = max(limit or 0, 0)


# mem_limit stands before the keys that are compared with it.
KEYS: Mapping[str, KeyParser] = {
    "mem_limit": _parse_limit,
    "memswap_limit": _parse_swap,
    "mem_reservation": _parse_reservation,
    "shm_size": member("shm_bytes", values.byte_size),
    "cpus": member("cpus", values.number(0, 4096)),
    "cpu_shares": member("cpu_shares", values.integer(0, 262_144)),
    "cpuset": member(
        "cpuset",
        values.text_like(
            r"[0-9]{1,4}(-[0-9]{1,4})?(,[0-9]{1,4}(-[0-9]{1,4})?)*",
            "write numbers and ranges, for example 0-2,5",
        ),
    ),
    "pids_limit": _parse_processes,
}
