"""Reading everything into memory at a manager's start."""

from typing import Any

import msgspec
from sqlalchemy import Connection, CursorResult, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from berth.domain.errors import StartupError
from berth.domain.lineage import Lineage
from berth.domain.records import Assignment, Deployment
from berth.domain.spec import ContainerSpec, hash_spec
from berth.runtime.exit_codes import Exit
from berth.store.memory import Memory
from berth.store.nouns import NOUNS
from berth.store.sql.codec import decode_settings, decoders
from berth.store.sql.database import InstanceCounters
from berth.store.sql.engine import describe_error
from berth.store.sql.tables import ROW_TABLES, settings_table, starts_table

#: Rows fetched at a time, so that texts and records are not all in memory at once.
_FETCH = 500


def load_memory(
    engine: Engine, memory: Memory, *, counters: InstanceCounters, start_id: str
) -> None:
    """Fill the memory from the database for a start of that id; raises ``StartupError``."""
    try:
        with engine.connect() as connection:
            _load_tables(connection, memory)
            body = connection.execute(select(settings_table.c.body)).scalar()
            if body is not None:
                memory.settings = decode_settings(body)
            starts = connection.execute(select(starts_table.c.id, starts_table.c.through))
            memory.lineage = Lineage(start_id, {row.id: row.through for row in starts})
    except SQLAlchemyError as error:
        raise StartupError(
            f"The database cannot be read: {describe_error(error)}.",
            exit_code=Exit.DATABASE,
        ) from None
    newest = max((event.id for event in memory.events.values()), default=0)
    memory.last_event_id = max(counters.last_event_id, newest)
    newest = max((status.generation for status in memory.statuses.values()), default=0)
    memory.status_generation = max(counters.status_generation, newest)


def _load_tables(connection: Connection, memory: Memory) -> None:
    decoder_of = decoders()
    tables = memory.tables
    specs: dict[str, ContainerSpec] = {}
    for name, noun in NOUNS.items():
        put = tables[name].put
        with _rows(connection, name) as rows:
            for key, body in rows:
                record = _decode(decoder_of[name], body, name=name, key=key)
                if noun.record is Assignment:
                    record = _share_spec(record, specs)
                elif noun.record is Deployment:
                    _offer_specs(record, specs)
                put(record)


def _decode(decoder: msgspec.json.Decoder[Any], body: str, *, name: str, key: str) -> Any:
    try:
        return decoder.decode(body)
    except msgspec.DecodeError as error:
        raise StartupError(
            f"The record {key!r} in table {name} cannot be read: {error}.",
            exit_code=Exit.DATABASE,
        ) from None


def _rows(connection: Connection, name: str) -> CursorResult[str, str]:
    """Go through ids and bodies in a lasting order."""
    table = ROW_TABLES[name]
    order = [func.length(table.c.id), table.c.id] if NOUNS[name].numeric_keys else [table.c.id]
    return connection.execution_options(yield_per=_FETCH).execute(
        select(table.c.id, table.c.body).order_by(*order)
    )


def _offer_specs(deployment: Deployment, specs: dict[str, ContainerSpec]) -> None:
    for service in deployment.services:
        specs[hash_spec(service.container, deployment.nonce)] = service.container


def _share_spec(assignment: Assignment, specs: dict[str, ContainerSpec]) -> Assignment:
    """Let assignments of one spec hold one object: at ten thousand slots it is most of memory."""
    shared = specs.setdefault(assignment.spec_hash, assignment.spec)
    if shared is assignment.spec or shared != assignment.spec:
        return assignment
    return msgspec.structs.replace(assignment, spec=shared)
