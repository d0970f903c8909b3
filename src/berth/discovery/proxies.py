"""The ports behind which a host's containers reach a service of their deployment."""

import zlib
from collections.abc import Container

#: First and last port of a host's bridge that proxies listen on.
FIRST_PORT, LAST_PORT = 20_000, 29_999


def choose_proxy_port(
    deployment_id: str, service: str, *, target: int, taken: Container[int]
) -> int | None:
    """Return a port of the range: the same for the same three, or the next that is free.

    None when the whole range is taken.
    """
    count = LAST_PORT - FIRST_PORT + 1
    start = zlib.crc32(f"{deployment_id}/{service}/{target}".encode()) % count
    ports = (FIRST_PORT + (start + step) % count for step in range(count))
    return next((port for port in ports if port not in taken), None)
