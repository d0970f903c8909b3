"""Backup: configuration in one file, out of an instance and into the same or another one."""

import asyncio
import datetime
from collections.abc import AsyncIterator
from typing import Annotated, cast

import msgspec
from fastapi import Header, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from berth.api.endpoints.audit import Deed, record_deed
from berth.api.endpoints.auth import CurrentUser, Needs, ServicesOf, principal_of
from berth.api.endpoints.routing import Endpoints, Notes
from berth.api.http.request_body import cut_out_file, read_large_body
from berth.api.http.responses import Json
from berth.api.http.timestamps import render_time
from berth.api.http.worker_thread import run_aside
from berth.api.requests.deployment_body import make_origin
from berth.api.schemas.backup import ImportAnswer, ImportQuery, render_import
from berth.api.services import Services
from berth.control.backup.collectors import collect_keys
from berth.control.backup.export import collect_data, collect_secrets
from berth.control.backup.file import MAX_FILE_BYTES, Backup, BackupSecrets
from berth.control.backup.reader import read_backup
from berth.control.backup.restoration import Prepared, Wish
from berth.control.backup.restore import apply_restore, plan_restore, prepare_restore
from berth.control.backup.writer import write_backup
from berth.domain.errors import Unavailable
from berth.domain.ids import TaskId
from berth.runtime.aio import take_turns
from berth.runtime.ids import new_uuid
from berth.runtime.passphrase import Sealed, WrongPassphrase, seal, unseal

endpoints = Endpoints("Backup")

MEDIA_TYPE = "application/octet-stream"

Passphrase = Annotated[str, Header(alias="X-Berth-Passphrase", max_length=1024)]

_FILE = {
    "requestBody": {
        "required": True,
        "description": "The exported file, as it is or as one part of a form.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@endpoints.get(
    "/api/v2/export", needs=Needs(), notes=Notes(errors=("422",), media_types=(MEDIA_TYPE,))
)
async def export_backup(
    request: Request, services: ServicesOf, *, passphrase: Passphrase = ""
) -> Response:
    """Return a backup of the configuration; secrets are in it, encrypted, with a passphrase only."""
    deed = Deed("export_made", "exported the configuration" + " and its secrets" * bool(passphrase))
    await record_deed(request, principal_of(request), deed=deed)
    memory, now = services.store.memory, services.clock.now()
    data, keys = collect_data(memory), list(memory.keys.values())
    secrets = collect_secrets(memory, decrypt=services.secrets.reveal) if passphrase else None

    def write() -> list[bytes]:
        sealed = _seal(secrets, passphrase) if secrets is not None else None
        return write_backup(
            Backup(
                created_on=render_time(now),
                manager_version=services.version.version,
                data=msgspec.structs.replace(data, keys=collect_keys(keys)),
                secrets=sealed,
            )
        )

    moment = datetime.datetime.fromtimestamp(now, datetime.UTC)
    disposition = f'attachment; filename="berth-backup-{moment:%Y%m%d-%H%M%S}.bin"'
    parts = await run_aside(write)
    length = str(sum(len(part) for part in parts))
    headers = {"Content-Disposition": disposition, "Content-Length": length}
    return StreamingResponse(_send_all(parts), media_type=MEDIA_TYPE, headers=headers)


@endpoints.post("/api/v2/import", max_body=MAX_FILE_BYTES, openapi_extra=_FILE)
async def import_backup(
    request: Request,
    services: ServicesOf,
    user: CurrentUser,
    query: Annotated[ImportQuery, Query()],
    passphrase: Passphrase = "",
) -> Json[ImportAnswer]:
    """Bring a backup in: all of it or nothing. A dry run lists the changes."""
    turn = cast(asyncio.Lock, request.app.state.import_turn)
    if turn.locked():
        raise Unavailable("another backup is being imported: try again when that is done")
    async with turn:
        body = await read_large_body(request, MAX_FILE_BYTES)
        prepared = await run_aside(lambda: _prepare(services, body, passphrase=passphrase))
        task_ids = tuple(TaskId(new_uuid()) for _ in prepared.data.deployments)
        wish, origin = (
            Wish(mode=query.mode, start=query.start, task_ids=task_ids),
            make_origin(user),
        )
        if query.dry_run:
            memory, now = services.store.memory, services.clock.now()
            steps = plan_restore(memory, prepared, wish=wish, origin=origin, now=now)
            restored, changes = await take_turns(steps, clock=services.clock)
            return Json(render_import(restored, changes))
        restored = await services.commands.run_steps(
            lambda draft: apply_restore(draft, prepared, wish=wish, origin=origin)
        )
        return Json(render_import(restored))


async def _send_all(parts: list[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def _prepare(services: Services, body: bytearray, *, passphrase: str) -> Prepared:
    """Read the file and all that is in it; runs in a thread, since it takes a while."""
    cut_out_file(body)
    backup = read_backup(body)
    secrets = _unseal(backup.secrets, passphrase)

    def encrypt(text: str, kept: str) -> str:
        same = services.secrets.reveal(kept) == text
        return kept if same else services.secrets.encrypt(text)

    memory = services.store.memory
    return prepare_restore(backup.data, secrets, memory=memory, encrypt=encrypt)


def _seal(secrets: BackupSecrets, passphrase: str) -> Sealed:
    return seal(msgspec.json.encode(secrets).decode(), passphrase)


def _unseal(sealed: Sealed | None, passphrase: str) -> BackupSecrets:
    """Return the secrets; none without the right passphrase, which is no failure."""
    if sealed is None or not passphrase:
        return BackupSecrets()
    try:
        return msgspec.json.decode(unseal(sealed, passphrase), type=BackupSecrets)
    except (WrongPassphrase, msgspec.DecodeError):
        return BackupSecrets()
