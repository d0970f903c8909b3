"""Container: a program inside a container, over a WebSocket."""

import asyncio
import contextlib
from typing import Annotated, Any

import msgspec
from fastapi import Query
from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from berth.api.connections.limits import Limits
from berth.api.endpoints.audit import Deed, record_deed
from berth.api.endpoints.auth import (
    Needs,
    Principal,
    authorize,
    authorize_token,
    bears_credential,
    services_of,
)
from berth.api.endpoints.credential_watch import wait_for_end_of_credential
from berth.api.endpoints.routing import Endpoints, Notes
from berth.api.http.errors import ErrorObject, deny, items_of, render_error, status_of
from berth.api.http.params import QueryFlag, read_query_flag
from berth.api.http.responses import encode
from berth.api.presenters.containers import check_contact
from berth.api.services import Services
from berth.control.containers import find_container
from berth.domain.errors import (
    BerthError,
    Invalid,
    Unauthenticated,
    Unreadable,
    UpgradeNeeded,
)
from berth.domain.ids import ContainerId, HostId
from berth.domain.streams import Exec, Piece, Stream
from berth.runtime.aio import run_until_first

endpoints = Endpoints("Container")

PATH = "/api/v2/containers/{container_id}/exec"

#: The subprotocol.
PROTOCOL = "berth.exec"

#: First byte of a binary frame: what it is.
STDIN, STDOUT, STDERR = 0, 1, 2

#: Longest wait for a first message; silence in both directions ends a program later.
OPENING_S = Limits().opening_s
IDLE_S = 3600.0

#: Input travels on in pieces of this size.
PIECE_BYTES = 32 * 1024

#: Codes of a close: the end of the manager, and the status of an error above this one.
GOING_AWAY, ERROR_CLOSE = 1001, 4000

#: Bounds of a command and of a terminal.
MAX_ARGUMENTS, MAX_SIZE = 1_000, 10_000
#: Characters of a command with its variables; Linux takes 2 MiB, and an agent's frame holds it.
MAX_COMMAND = 1024 * 1024


class Opening(msgspec.Struct, frozen=True):
    """The first message: what to run, and with which token where no header carried one."""

    token: str = ""
    command: list[str] = []
    tty: bool = False
    user: str = ""
    workdir: str = ""
    env: list[str] = []


class Size(msgspec.Struct, frozen=True):
    """Size of a terminal."""

    rows: int
    cols: int


class Control(msgspec.Struct, frozen=True):
    """A text message: the terminal has another size, or no more input comes."""

    resize: Size | None = None
    eof: bool = False


class ExitMessage(msgspec.Struct, frozen=True):
    """The last message: how the program ended; none when that is not known."""

    exit_code: int | None


async def hold_exec(websocket: WebSocket) -> None:
    """Run a program for as long as both sides want."""
    services = services_of(websocket)
    container_id = websocket.path_params["container_id"]
    principal = None
    try:
        if bears_credential(websocket):
            principal = authorize(websocket, Needs())
            _find(services, container_id)
    except BerthError as error:
        await deny(websocket, render_error(error))
        return
    offered = websocket.scope.get("subprotocols", ())
    await websocket.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the caller may be gone
        try:
            opening = await _read_opening(websocket, known=principal is not None)
            if principal is None:
                principal = authorize_token(websocket, opening.token, needs=Needs())
            host_id, full_id = _find(services, container_id)
            request = _request_of(opening, full_id)
            deed = Deed("exec_started", f"runs a program in the container {full_id[:12]}")
            await record_deed(websocket, principal, deed=deed)
            async with services.agents.open_stream(host_id, request) as stream:
                code = await _run(websocket, stream, principal=principal)
            await websocket.close(code)
        except BerthError as error:
            await websocket.send_text(encode(ErrorObject(items_of(error))).decode())
            await websocket.close(ERROR_CLOSE + status_of(error))


exec_route = WebSocketRoute(PATH, hold_exec)

#: A member of the query that may come several times.
_Words = list[str] | None


@endpoints.get(PATH, needs=Needs(), notes=Notes(errors=("409", "426"), success="101"))
async def refuse_plain_exec(
    container_id: str,
    *,
    command: Annotated[_Words, Query(description="One word of the command; once for each.")] = None,
    tty: Annotated[QueryFlag, Query(description="With a terminal.")] = False,
    user: Annotated[str, Query(description="Who runs it; else the user of the image.")] = "",
    workdir: Annotated[str, Query(description="Where it runs.")] = "",
    env: Annotated[_Words, Query(description="`NAME=value`; once for each.")] = None,
) -> Response:
    """Run a program in a container: connect with a WebSocket.

    Without a command in the query the first message says what to run, and may bring the token.
    """
    raise UpgradeNeeded("running a program is a conversation: connect with a WebSocket")


def _find(services: Services, id_or_prefix: str) -> tuple[HostId, ContainerId]:
    host_id, full_id = find_container(services.store.memory.fleet, id_or_prefix)
    check_contact(services, host_id)
    return host_id, full_id


async def _read_opening(websocket: WebSocket, *, known: bool) -> Opening:
    """Read what to run from the query, or, without a command there, from the first message."""
    asked = _opening_of(websocket.query_params)
    if known and asked.command:
        return asked
    try:
        async with asyncio.timeout(OPENING_S):
            first = _decode(await websocket.receive(), Opening)
    except TimeoutError:
        raise Unauthenticated("no first message came", code="no_credential") from None
    return first if first.command else msgspec.structs.replace(asked, token=first.token)


def _opening_of(query: QueryParams) -> Opening:
    try:
        tty = bool(read_query_flag(query["tty"])) if "tty" in query else False
    except ValueError as error:
        raise Unreadable(f"tty {error}", code="invalid_query", field="tty") from None
    return Opening(
        command=query.getlist("command"),
        tty=tty,
        user=query.get("user", ""),
        workdir=query.get("workdir", ""),
        env=query.getlist("env"),
    )


def _request_of(opening: Opening, container_id: ContainerId) -> Exec:
    texts = [*opening.command, *opening.env, opening.user, opening.workdir]
    if not opening.command or not opening.command[0]:
        raise Invalid("a program needs a command", code="required", field="command")
    if len(texts) > MAX_ARGUMENTS or sum(map(len, texts)) > MAX_COMMAND:
        raise Invalid("the command is too long", code="too_long", field="command")
    if any("\0" in text for text in texts):
        raise Invalid("the command cannot be run like that", code="invalid_value", field="command")
    if any("=" not in each.lstrip("=") for each in opening.env):
        raise Invalid("variables are written NAME=value", code="invalid_value", field="env")
    return Exec(
        container_id=container_id,
        command=tuple(opening.command),
        tty=opening.tty,
        user=opening.user,
        workdir=opening.workdir,
        env=tuple(opening.env),
    )


class _Activity:
    """When something last went either way."""

    def __init__(self, services: Services) -> None:
        self._clock = services.clock
        self._at = self._clock.monotonic()

    def note(self) -> None:
        """Note that something went."""
        self._at = self._clock.monotonic()

    async def wait_for_silence(self) -> None:
        """Return when nothing has gone for too long."""
        while (left_s := self._at + IDLE_S - self._clock.monotonic()) > 0:
            await self._clock.sleep(left_s)


async def _run(websocket: WebSocket, stream: Stream, *, principal: Principal) -> int:
    """Carry bytes both ways until somebody ends; return the code of the close."""
    services = services_of(websocket)
    activity = _Activity(services)
    results = await run_until_first(
        _send_output(websocket, stream, activity=activity),
        _take_input(websocket, stream, activity=activity),
        wait_for_end_of_credential(websocket, principal),
        services.stopping.wait(),
        activity.wait_for_silence(),
    )
    for result in results[:3]:
        if isinstance(result, BerthError | WebSocketDisconnect):
            raise result
    if results[0] is None:
        return 1000
    if services.stopping.is_set():
        return GOING_AWAY
    raise Unreadable(f"nothing was said for {IDLE_S:.0f} s", code="idle")


async def _send_output(websocket: WebSocket, stream: Stream, *, activity: _Activity) -> None:
    code: int | None = None
    while (piece := await stream.receive()) is not None:
        activity.note()
        if piece.name == "exit":
            code = int(piece.data)
        else:
            head = STDERR if piece.name == "stderr" else STDOUT
            await websocket.send_bytes(bytes([head]) + piece.data)
    await websocket.send_text(encode(ExitMessage(code)).decode())


async def _take_input(websocket: WebSocket, stream: Stream, *, activity: _Activity) -> None:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        activity.note()
        data = message.get("bytes")
        if data is None:
            await _take_control(_decode(message, Control), stream)
        elif data[:1] != bytes([STDIN]):
            raise Unreadable("a frame to a program begins with a byte 0", code="invalid_frame")
        else:
            for start in range(1, len(data), PIECE_BYTES):
                await stream.send(Piece("stdin", data[start : start + PIECE_BYTES]))


async def _take_control(control: Control, stream: Stream) -> None:
    if control.resize is not None:
        size = (control.resize.rows, control.resize.cols)
        if not all(0 < each <= MAX_SIZE for each in size):
            raise Unreadable("no terminal has that size", code="invalid_frame", field="resize")
        await stream.send(Piece("resize", "{} {}".format(*size).encode()))
    if control.eof:
        await stream.send(Piece("eof"))


def _decode(message: Any, kind: type[Any]) -> Any:
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text = message.get("text")
    if text is None:
        raise Unreadable("a text message in JSON was expected", code="invalid_frame")
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unreadable(f"the message is not understood: {error}", code="invalid_frame") from None
