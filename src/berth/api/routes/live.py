"""Watch: everything that a page follows, over one WebSocket."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from berth.api.endpoints.auth import Needs, authorize
from berth.api.endpoints.routing import Endpoints, Notes, Route, strip_slash
from berth.api.http.errors import deny, render_error
from berth.api.http.sse import EventStream
from berth.api.streams.live_socket import LiveSocket
from berth.domain.errors import BerthError, UpgradeNeeded

endpoints = Endpoints("Watch")

PATH = "/api/v2/live"

#: The subprotocol; another one beside it may carry a bearer token.
PROTOCOL = "berth.live"


async def hold_live(websocket: WebSocket) -> None:
    """Carry channels for as long as both sides want."""
    try:
        principal = authorize(websocket, Needs(reads=True))
    except BerthError as error:
        await deny(websocket, render_error(error))
        return
    offered = websocket.scope.get("subprotocols", ())
    await websocket.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
    streams = [route for route in websocket.app.routes if _streams(route)]

    def is_stream(path: str) -> bool:
        return any(route.path_regex.match(strip_slash(path)) for route in streams)

    await LiveSocket(websocket, principal, is_stream=is_stream).serve()


live_route = WebSocketRoute(PATH, hold_live)


@endpoints.get(PATH, notes=Notes(errors=("426",), success="101"))
async def refuse_plain_live(
    *,
    since: Annotated[
        str | None, Query(description="A revision: what changed after it is sent first.")
    ] = None,
    kinds: Annotated[
        str | None, Query(description="Only these kinds of objects, separated by commas.")
    ] = None,
) -> Response:
    """Follow everything that a page shows: connect with a WebSocket.

    Channel 0 is `/api/v2/watch` with the query of the socket; frames open and close others, each
    a path that is answered with server-sent events.
    """
    raise UpgradeNeeded("the live socket is a conversation: connect with a WebSocket")


def _streams(route: object) -> bool:
    return isinstance(route, Route) and EventStream.media_type in route.notes.media_types
