"""Reads what an engine counts of a container."""

import msgspec

from berth.agent.engine.streams_base import Counters


class _CpuUsage(msgspec.Struct):
    total_usage: int = 0


class _Cpu(msgspec.Struct):
    cpu_usage: _CpuUsage = msgspec.field(default_factory=_CpuUsage)


class _Memory(msgspec.Struct):
    usage: int = 0
    limit: int = 0
    stats: dict[str, int] = msgspec.field(default_factory=dict)


class _Network(msgspec.Struct):
    rx_bytes: int = 0
    tx_bytes: int = 0


class _Transfer(msgspec.Struct):
    op: str = ""
    value: int = 0


class _Block(msgspec.Struct):
    io_service_bytes_recursive: list[_Transfer] | None = None


class _Stats(msgspec.Struct):
    cpu_stats: _Cpu = msgspec.field(default_factory=_Cpu)
    memory_stats: _Memory = msgspec.field(default_factory=_Memory)
    networks: dict[str, _Network] | None = None
    blkio_stats: _Block = msgspec.field(default_factory=_Block)


_decoder = msgspec.json.Decoder(_Stats)


def parse_counters(body: bytes) -> Counters:
    """Read the answer of ``GET /containers/{id}/stats``; raises ValueError.

    Memory is without the page cache that can be dropped, as ``docker stats`` shows it.
    """
    stats = _decoder.decode(body)
    memory, networks = stats.memory_stats, (stats.networks or {}).values()
    cache = memory.stats.get("inactive_file", memory.stats.get("total_inactive_file", 0))
    moved = {"read": 0, "write": 0}
    for transfer in stats.blkio_stats.io_service_bytes_recursive or ():
        if transfer.op.lower() in moved:
            moved[transfer.op.lower()] += transfer.value
    return Counters(
        cpu_s=stats.cpu_stats.cpu_usage.total_usage / 1e9,
        memory_bytes=max(0, memory.usage - cache),
        memory_limit_bytes=memory.limit,
        received_bytes=sum(each.rx_bytes for each in networks),
        sent_bytes=sum(each.tx_bytes for each in networks),
        read_bytes=moved["read"],
        written_bytes=moved["write"],
    )
