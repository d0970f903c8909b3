"""WebSockets that are refused before they open: with the error object, as every other request."""

from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from berth.api.errors import ErrorItem, render_problem


async def deny(websocket: WebSocket, answer: Response) -> None:
    """Answer instead of opening; a server that cannot do that closes."""
    if "websocket.http.response" in websocket.scope.get("extensions", {}):
        await websocket.send_denial_response(answer)
    else:
        await websocket.close()


async def _deny_unknown(websocket: WebSocket) -> None:
    message = f"there is no WebSocket at {websocket.url.path}"
    await deny(websocket, render_problem(404, [ErrorItem(message=message, code="unknown_path")]))


#: Takes every path, so it comes after all others.
unknown_route = WebSocketRoute("/{path:text}", _deny_unknown)
