"""Host: how an engine becomes a host, and the sessions of agents."""

import asyncio
import contextlib
import logging

import msgspec
from starlette.requests import Request
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from berth.api.endpoints.audit import Deed, record_deed
from berth.api.endpoints.auth import (
    Needs,
    ServicesOf,
    principal_of,
    read_credential,
    require_host,
    require_join_secret,
    services_of,
)
from berth.api.endpoints.callers import address_of
from berth.api.endpoints.routing import Access, Endpoints, Notes
from berth.api.http.errors import deny, render_error
from berth.api.http.request_body import parse_json, read_body
from berth.api.http.responses import Json
from berth.api.http.timestamps import render_time
from berth.api.schemas.hosts import AuthorityAnswer, JoinTokenAnswer, JoinTokenBody
from berth.api.services import Services
from berth.control.hosts.join_token import JoinLimits
from berth.control.hosts.membership import JoiningHost, join_host
from berth.domain.errors import CallFailed, HostAway, Invalid, ProtocolError, RequestError
from berth.domain.ids import HostId
from berth.domain.records import Host, Tombstone
from berth.domain.states import HostState
from berth.protocol.messages import JOIN_PATH, MARKER_PREFIX, SESSION_PATH, JoinAnswer, JoinRequest
from berth.protocol.rules import check_facts
from berth.runtime.ids import hash_token, new_token, new_uuid

log = logging.getLogger(__name__)

endpoints = Endpoints("Host")

#: Facts of a machine are small.
JOIN_BYTES = 256 * 1024


@endpoints.get("/api/v2/hosts/join_token", needs=Needs())
async def get_join_token(services: ServicesOf) -> Json[JoinTokenAnswer]:
    """Return the token with which agents join."""
    return _show(services, services.join_token.read_or_make())


@endpoints.post("/api/v2/hosts/join_token/rotate")
async def rotate_join_token(
    request: Request, services: ServicesOf, *, body: JoinTokenBody | None = None
) -> Json[JoinTokenAnswer]:
    """Make a new join token, with an end and a number of uses if wanted; hosts that joined stay."""
    asked = body or JoinTokenBody()
    ends_at = None if asked.lifetime_s is None else services.clock.now() + asked.lifetime_s
    limits = JoinLimits(ends_at=ends_at, uses_left=asked.uses)
    deed = Deed("join_token_rotated", "made a new join token")
    await record_deed(request, principal_of(request), deed=deed)
    return _show(services, services.join_token.rotate(limits))


def _show(services: Services, token: str) -> Json[JoinTokenAnswer]:
    limits = services.join_token.read_limits()
    return Json(
        JoinTokenAnswer(
            join_token=token, expires_on=render_time(limits.ends_at), uses_left=limits.uses_left
        )
    )


@endpoints.get(JOIN_PATH, access=Access.PUBLIC)
async def get_authority(services: ServicesOf) -> Json[AuthorityAnswer]:
    """Return the certificate of the instance's authority, which the join token pins."""
    return Json(AuthorityAnswer(services.ca_pem or ""))


@endpoints.post(JOIN_PATH, access=Access.JOIN, notes=Notes(body=JoinRequest))
async def join(request: Request, services: ServicesOf) -> Json[JoinAnswer]:
    """Make an engine a host; the answer has the host's credential."""
    asked = _parse_join(await read_body(request, JOIN_BYTES))
    credential = new_token()
    joining = JoiningHost(
        facts=asked.facts,
        name=asked.name,
        pool_id=asked.pool_id,
        tags=tuple(asked.tags),
        others=await _find_others(services, asked),
    )
    new_id, credential_hash = HostId(new_uuid()), hash_token(credential)
    # The body took its time, and the last use may be gone. Nothing is awaited before it is taken, so
    # that two that come at once do not share it.
    require_join_secret(request)
    services.join_token.take_use()
    try:
        host = await services.commands.run(
            lambda draft: join_host(draft, joining, new_id=new_id, credential_hash=credential_hash)
        )
    except BaseException:
        services.join_token.return_use(read_credential(request).secret)
        raise
    log.info("host %s (%s) joined pool %s", host.name, host.id, host.pool_id)
    instance_id = services.store.memory.instance.id
    return Json(
        JoinAnswer(instance_id=instance_id, host_id=host.id, name=host.name, credential=credential)
    )


async def _find_others(services: Services, asked: JoinRequest) -> frozenset[HostId]:
    """Return the hosts in contact whose engine has the same id, and is not the marked one.

    Machines made from one image share the id of their engines. All are asked at once: the agent
    that joins waits no longer for many than for one.
    """
    memory = services.store.memory
    if not asked.marker.startswith(MARKER_PREFIX):
        return frozenset()
    alike = [
        host
        for host in memory.hosts.find("engine", asked.facts.engine_id)
        if memory.fleet.status_of(host.id).state is HostState.ACTIVE
    ]
    answers = await asyncio.gather(
        *(_is_other(services, host, marker=asked.marker) for host in alike)
    )
    return frozenset(host.id for host, other in zip(alike, answers, strict=True) if other)


async def _is_other(services: Services, host: Host, *, marker: str) -> bool:
    """Whether a host says that its engine is not the marked one."""
    try:
        return not await services.agents.find_marker(host.id, marker)
    except (HostAway, CallFailed) as failure:
        log.info("host %s does not say whether its engine is marked: %s", host.name, failure)
        return False


def _parse_join(body: bytes) -> JoinRequest:
    try:
        asked = msgspec.convert(parse_json(body), JoinRequest)
        check_facts(asked.facts)
        return asked
    except (msgspec.ValidationError, ProtocolError) as error:
        raise Invalid(f"the join is not understood: {error}") from None


#: At most this many bytes of text fit into a WebSocket's closing frame.
MAX_CLOSE_REASON = 123


class AgentSocket:
    """An accepted WebSocket as a session needs it."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def receive_bytes(self) -> bytes:
        """Return the next frame; raises EOFError when the agent is gone or sends text."""
        message = await self._websocket.receive()
        data = message.get("bytes")
        if message["type"] != "websocket.receive" or data is None:
            raise EOFError("the agent is gone")
        return bytes(data)

    async def send_bytes(self, data: bytes) -> None:
        """Send one frame; raises EOFError when the agent is gone."""
        try:
            await self._websocket.send_bytes(data)
        except (WebSocketDisconnect, RuntimeError, OSError):
            raise EOFError("the agent is gone") from None


async def hold_session(websocket: WebSocket) -> None:
    """Hold the session of an agent; a wrong credential is refused before accepting."""
    services = services_of(websocket)
    try:
        host = require_host(websocket)
    except RequestError as error:
        await deny(websocket, render_error(error))
        return
    await websocket.accept()
    socket = AgentSocket(websocket)
    if isinstance(host, Tombstone):
        refusal = await services.sessions.dismiss(socket, host)
    else:
        refusal = await services.sessions.serve(socket, host, address=address_of(websocket))
    reason = refusal.encode()[:MAX_CLOSE_REASON].decode(errors="ignore")
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the agent may be gone
        await websocket.close(reason=reason)


session_route = WebSocketRoute(SESSION_PATH, hold_session)
