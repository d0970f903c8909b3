"""Sets and changes of assignments as frames, more than one when they are large."""

from collections.abc import Iterator

import msgspec

from berth.protocol import codec
from berth.protocol.messages import AgentAssignment, AssignmentChange, AssignmentSet
from berth.protocol.parts import PART_BYTES, split


def encode_set(full: AssignmentSet) -> Iterator[bytes]:
    """Yield the frames of a set; the agent obeys it with the last one."""
    frame = codec.encode(full)
    if len(frame) <= PART_BYTES:
        yield frame
        return
    parts = list(split(full.assignments, _weigh))
    for number, part in enumerate(parts, 1):
        yield codec.encode(
            msgspec.structs.replace(
                full,
                first=number == 1,
                last=number == len(parts),
                assignments=tuple(part),
            )
        )


def encode_change(change: AssignmentChange) -> Iterator[bytes]:
    """Yield the frames of a change; each is obeyed at once, the last one reaches the revision."""
    frame = codec.encode(change)
    if len(frame) <= PART_BYTES:
        yield frame
        return
    # What goes is sent first, so that it makes room.
    put = sorted(change.put, key=lambda one: one.intent, reverse=True)
    parts = list(split(put, _weigh)) or [[]]
    for number, part in enumerate(parts, 1):
        yield codec.encode(
            msgspec.structs.replace(
                change,
                results_in=change.results_in if number == len(parts) else change.applies_to,
                put=tuple(part),
                drop=change.drop if number == 1 else (),
            )
        )


def _weigh(assignment: AgentAssignment) -> int:
    return len(msgspec.msgpack.encode(assignment))
