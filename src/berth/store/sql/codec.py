"""Records to rows and bodies to records."""

import logging
from collections.abc import Mapping
from typing import Any

import msgspec

from berth.domain.errors import Invalid
from berth.domain.settings import Settings, settings_from
from berth.store.nouns import NOUNS
from berth.store.sql.tables import SETTINGS, Row

log = logging.getLogger(__name__)

_encoder = msgspec.json.Encoder()


def row_of(table: str, key: str, *, record: Any) -> Row:
    """Return the row that keeps the record.

    Raises what the record's author must answer for: ``Invalid`` for text that is no Unicode, or
    for a NUL character in a column, and msgspec's errors for values that are no JSON.
    """
    try:
        body = _encoder.encode(record).decode()
    except UnicodeEncodeError:
        raise Invalid("A text contains half of a character (a lone surrogate).") from None
    row: Row = {"id": key, "body": body}
    if table != SETTINGS:
        row.update(NOUNS[table].columns.values_of(record))
    for column, value in row.items():
        if isinstance(value, str) and "\0" in value:
            raise Invalid("A name or id contains a NUL character.", field=column)
    return row


def decoders() -> Mapping[str, msgspec.json.Decoder[Any]]:
    """Make the decoders of bodies by table; unknown members are skipped, absent ones default."""
    return {name: msgspec.json.Decoder(noun.record) for name, noun in NOUNS.items()}


def decode_settings(body: str) -> Settings:
    """Read stored settings; one that this version does not know or accept falls to its default."""
    settings, refused = settings_from(msgspec.json.decode(body, type=dict[str, Any]))
    for reason in refused:
        log.warning("a stored setting is not used: %s", reason)
    return settings
