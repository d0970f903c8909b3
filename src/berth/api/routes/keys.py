"""Key Value: the shared store of users and platform, under two families of paths."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from berth.api.endpoints.audit import Deed
from berth.api.endpoints.auth import FOR_DEPLOYMENTS, ServicesOf
from berth.api.endpoints.routing import Endpoints, Notes
from berth.api.http.params import QueryFlag, QueryIndex
from berth.api.http.request_body import read_body
from berth.api.http.responses import Json, Ready
from berth.control.discovery.keys import MAX_VALUE_BYTES, delete_key, delete_keys_below, put_key
from berth.discovery.key_answers import TEXT, KeyPair, ReadOptions, UnsortedKeys, answer_read

endpoints = Endpoints("Key Value")

#: The bare value may be of any kind, and where a missing key is 404, it is without a body.
_READING = Notes(media_types=("text/plain",), bare_errors=("404",))
_WRITING = Notes(media_types=("text/plain",))

#: Programs write keys over and over.
_WRITES = Deed("key_written", "wrote the key {key!r}", every_s=60.0)
_DELETES = Deed("key_deleted", "deleted the key {key!r}", every_s=60.0)

_FAMILIES = ("/api/kv/{key:text}", "/v1/kv/{key:text}")

#: The value, for the description: any bytes.
_VALUE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def read_key(
    key: str,
    request: Request,
    *,
    services: ServicesOf,
    keys: Annotated[QueryFlag, Query(description="Names below the key, sorted.")] = False,
    recurse: Annotated[QueryFlag, Query(description="Pairs below the key, sorted.")] = False,
    raw: Annotated[QueryFlag, Query(description="The bare value.")] = False,
) -> Json[list[KeyPair] | list[str]]:
    """Return a key as a list of one pair, its bare value, or what is below a prefix.

    Of a missing key the list is empty below `/api`, and 404 below `/v1` as in Consul; its bare
    value is 404 on both.
    """
    answer = answer_read(
        UnsortedKeys(services.store.memory.keys),
        key,
        options=ReadOptions(keys, recurse, raw),
        consul=request.url.path.startswith("/v1/"),
    )
    code = 200 if answer.found else 404
    return Ready(answer.body, code, media_type=answer.media_type)


async def write_key(
    key: str,
    request: Request,
    *,
    services: ServicesOf,
    flags: Annotated[QueryIndex, Query(description="Kept with the key.")] = 0,
    cas: Annotated[
        QueryIndex | None,
        Query(description="Write only if this is the key's ModifyIndex; 0: if there is no key."),
    ] = None,
) -> Response:
    """Write a key; the body is the value, byte for byte."""
    value = await read_body(request, MAX_VALUE_BYTES)
    written = await services.commands.run(
        lambda draft: put_key(draft, key, value=value, flags=flags, cas=cas)
    )
    return Response("true" if written else "false", media_type=TEXT)


async def remove_key(
    key: str,
    services: ServicesOf,
    *,
    recurse: Annotated[QueryFlag, Query(description="Everything below the key.")] = False,
) -> Json[bool]:
    """Remove a key, or everything below a prefix."""
    remove = delete_keys_below if recurse else delete_key
    await services.commands.run(lambda draft: remove(draft, key))
    return Json(True)


for _path in _FAMILIES:
    _family = "_v1" if _path.startswith("/v1") else ""
    _read = {"operation_id": f"read_key{_family}", "notes": _READING}
    _write = {"operation_id": f"write_key{_family}", "notes": _WRITING, "openapi_extra": _VALUE}
    endpoints.get(_path, needs=FOR_DEPLOYMENTS, **_read)(read_key)
    endpoints.put(_path, deed=_WRITES, **_write)(write_key)
    endpoints.delete(_path, deed=_DELETES, operation_id=f"remove_key{_family}")(remove_key)
