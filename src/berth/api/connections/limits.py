"""Every bound that holds for a connection of somebody who has shown no credential."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection may hold before anybody is known on it."""

    #: Bytes of a request's head, of a body's trailers, and of anything else between two bodies.
    head_bytes: int = 64 * 1024
    #: Header fields of one request, trailers included.
    fields: int = 128
    #: Requests that wait on one connection for the answers before them.
    pipelined: int = 32
    #: A connection that was refused has this long to take the answer, and may send this much.
    close_s: float = 1.0
    dropped_bytes: int = 256 * 1024
