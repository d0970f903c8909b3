"""What many containers and hosts use at once."""

import msgspec

from berth.domain.usage import Usage


class UsageRow(msgspec.Struct, frozen=True, array_like=True):
    """The newest measurement of one, as an array; rates are per second."""

    #: Of the container or host.
    id: str
    #: Unix seconds.
    time: float
    #: 100 percent are one processor.
    cpu_percent: float
    memory_bytes: int
    #: 0 when there is none.
    memory_limit_bytes: int
    received_bytes_s: float
    sent_bytes_s: float
    read_bytes_s: float
    written_bytes_s: float


class UsageOfMany(msgspec.Struct, frozen=True):
    """Newest measurements, each an array in the order of the columns."""

    columns: tuple[str, ...]
    hosts: list[UsageRow]
    containers: list[UsageRow]


COLUMNS = UsageRow.__struct_fields__


def render_usage_row(key: str, usage: Usage) -> UsageRow:
    """Render a measurement."""
    return UsageRow(
        key,
        round(usage.at, 1),
        round(usage.cpu_percent, 2),
        round(usage.memory_bytes),
        round(usage.memory_limit_bytes),
        round(usage.received_bytes_s, 1),
        round(usage.sent_bytes_s, 1),
        round(usage.read_bytes_s, 1),
        round(usage.written_bytes_s, 1),
    )
