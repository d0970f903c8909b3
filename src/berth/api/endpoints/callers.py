"""Where requests come from."""

from starlette.requests import HTTPConnection


def address_of(connection: HTTPConnection) -> str:
    """Return the address that a connection comes from, "" when nobody knows it."""
    return connection.client.host if connection.client else ""
