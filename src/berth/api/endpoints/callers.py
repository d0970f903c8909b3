"""Where requests come from, and what they are called."""

from starlette.requests import HTTPConnection

#: Place in a scope for the request's id.
REQUEST_ID = "berth.request_id"


def address_of(connection: HTTPConnection) -> str:
    """Return the address that a connection comes from, "" when nobody knows it."""
    return connection.client.host if connection.client else ""


def request_id_of(connection: HTTPConnection) -> str:
    """Return the id that the answer names, "" outside of any."""
    return str(connection.scope.get(REQUEST_ID, ""))
