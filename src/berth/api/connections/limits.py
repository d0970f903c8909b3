"""Every bound that holds for a connection of somebody who has shown no credential.

Before a credential nothing is held that grows: not bytes, not time, not connections. Most of the
bounds hold afterwards as well; what a call may bring is bounded where the call is.
"""

import msgspec

from berth.api.connections.proxies import Network


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection may hold and wait for, and how many there may be."""

    #: Bytes of a request's head, of a body's trailers, and of anything else between two bodies.
    head_bytes: int = 64 * 1024
    #: Header fields of one request, trailers included.
    fields: int = 128
    #: Requests that wait on one connection for the answers before them.
    pipelined: int = 32
    #: Bytes of all messages on a WebSocket before one of them brings a credential.
    opening_bytes: int = 64 * 1024
    #: Bytes of an answer that wait for a client; what makes the answer waits beyond that.
    unsent_bytes: int = 64 * 1024

    #: Longest wait for the end of a TLS handshake.
    handshake_s: float = 10.0
    #: Longest wait for a whole head, from the connection or from the head's first byte.
    head_s: float = 10.0
    #: Longest wait for the credential on a WebSocket that was opened without one.
    opening_s: float = 10.0
    #: Longest wait for a client to take anything of what waits for it.
    stall_s: float = 30.0
    #: A connection that was refused has this long to take the answer, and may send this much.
    close_s: float = 1.0
    dropped_bytes: int = 256 * 1024

    #: Connections in all.
    connections: int = 8192
    #: Connections on which nobody is known, in all and from one source.
    strangers: int = 384
    strangers_per_source: int = 128
    #: A stranger who has been connected for longer makes room for another while he waits.
    grace_s: float = 1.0
    #: Proxies that everybody comes from: of strangers from there only the bound in all holds.
    proxies: tuple[Network, ...] = ()
