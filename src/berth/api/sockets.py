"""WebSockets that are refused before they open: with the error object, as every other request."""

from starlette.responses import Response
from starlette.websockets import WebSocket

from berth.api.http.errors import ErrorItem, render_problem


async def deny(websocket: WebSocket, answer: Response) -> None:
    """Answer instead of opening; a server that cannot do that closes."""
    if "websocket.http.response" in websocket.scope.get("extensions", {}):
        await websocket.send_denial_response(answer)
    else:
        await websocket.close()


async def deny_unknown(websocket: WebSocket) -> None:
    """Answer that there is no such WebSocket."""
    message = f"there is no WebSocket at {websocket.url.path}"
    await deny(websocket, render_problem(404, [ErrorItem(message=message, code="unknown_path")]))
