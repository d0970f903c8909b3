"""Reads the file of a backup bit by bit, so that no other thread waits long for it."""

import re
import typing
import zlib
from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from berth.control.backup.file import FORMAT, MAX_UNPACKED_BYTES, VERSION, Backup, BackupData
from berth.domain.errors import Invalid, TooLarge, Unreadable

T = TypeVar("T")

#: More commas than this are refused: looking past that many values already takes a while.
MAX_COMMAS = 4_000_000

#: At most this many bytes are unpacked and searched at once.
_TAKE_BYTES = 64 * 1024
_GIVE_BYTES = 1024 * 1024

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31
_NUL = b"\\u0000"
_BACKSLASH = ord("\\")
_PLACE = re.compile(r" - at `\$\.?(?P<field>[^`]*)`$")

Bytes = bytes | bytearray


_NO_DATA = msgspec.Raw(b"{}")


class _Head(msgspec.Struct, frozen=True):
    format: str = ""
    version: int = 0


def read_backup(body: Bytes, *, largest: int = MAX_UNPACKED_BYTES) -> Backup:
    """Read the bytes of a file, gzipped or not; a large one takes a while, so use a thread.

    Raises Unreadable for what is neither, TooLarge, and Invalid for another format, a newer version
    or a member that is missing or of a wrong kind.
    """
    text = _unpack(body, largest)
    if sum(text.count(b",", *span) for span in _spans(text)) > MAX_COMMAS:
        raise TooLarge("the backup holds too many values")
    members = _read_members(text)
    if _holds_nul(text):
        raise Invalid("a text of the backup has a NUL character", code="invalid_text")
    data = members.get("data")
    if data is not None:
        members["data"] = _NO_DATA
    backup = _decode_at("", _encode_some(members, Backup.__struct_fields__), kind=Backup)
    return msgspec.structs.replace(backup, data=_read_data(data or _NO_DATA))


def _read_members(text: Bytes) -> dict[str, msgspec.Raw]:
    """Cut the document into its members, and check format and version."""
    try:
        members = _decode(text, dict[str, msgspec.Raw])
        head = _decode(_encode_some(members, _Head.__struct_fields__), _Head)
    except msgspec.ValidationError:
        raise _other_format() from None
    if head.format != FORMAT:
        raise _other_format()
    if head.version > VERSION or head.version < 1:
        raise Invalid(
            f"the backup has version {head.version}, this program reads up to {VERSION}: use the "
            "Berth that wrote it, or a newer one",
            code="unknown_version",
            field="version",
        )
    return members


def _encode_some(members: dict[str, msgspec.Raw], names: Iterable[str]) -> bytes:
    return msgspec.json.encode({name: members[name] for name in names if name in members})


def _read_data(text: msgspec.Raw) -> BackupData:
    """Read each object on its own: nothing else of the program runs while one is decoded."""
    members = _decode_at("data", text, kind=dict[str, msgspec.Raw])
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(BackupData):
        if field.name not in members:
            continue
        place, member = f"data.{field.name}", members[field.name]
        if typing.get_origin(field.type) is tuple:
            kind = typing.get_args(field.type)[0]
            items = _decode_at(place, member, kind=list[msgspec.Raw])
            values[field.name] = tuple(
                _decode_at(f"{place}[{position}]", item, kind=kind)
                for position, item in enumerate(items)
            )
        else:
            values[field.name] = _decode_at(place, member, kind=field.type)
    return BackupData(**values)


def _decode_at(place: str, text: Bytes | msgspec.Raw, *, kind: type[T]) -> T:
    try:
        return _decode(text, kind)
    except msgspec.ValidationError as error:
        raise _to_invalid(str(error), place) from None


def _decode(text: Bytes | msgspec.Raw, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _unreadable("neither gzip nor JSON") from None
    except RecursionError:
        raise _unreadable("nested too deeply") from None


def _unpack(body: Bytes, largest: int) -> Bytes:
    if not body.startswith(_GZIP_MAGIC):
        return body
    unpacker = zlib.decompressobj(wbits=_GZIP_WINDOW)
    text, view = bytearray(), memoryview(body)
    for start in range(0, len(body), _TAKE_BYTES):
        waiting: Bytes | memoryview = view[start : start + _TAKE_BYTES]
        given = _GIVE_BYTES
        while (waiting or given == _GIVE_BYTES) and not unpacker.eof:
            given = _unpack_more(unpacker, waiting, text=text)
            waiting = unpacker.unconsumed_tail
            if len(text) > largest:
                raise TooLarge(f"the backup unpacks to more than {largest} bytes")
    if not unpacker.eof:
        raise _unreadable("cut off")
    return text


def _unpack_more(unpacker: Any, packed: Bytes | memoryview, *, text: bytearray) -> int:
    try:
        piece = unpacker.decompress(packed, _GIVE_BYTES)
    except zlib.error:
        raise _unreadable("damaged") from None
    text += piece
    return len(piece)


def _holds_nul(text: Bytes) -> bool:
    """Return whether a text has the escape of NUL, which no database takes."""
    return any(_holds_nul_in(text, span) for span in _spans(text))


def _holds_nul_in(text: Bytes, span: tuple[int, int]) -> bool:
    start, end = span
    found = text.find(_NUL, start, end + len(_NUL) - 1)
    while found >= 0:
        before = found
        while before and text[before - 1] == _BACKSLASH:
            before -= 1
        if (found - before) % 2 == 0:
            return True
        found = text.find(_NUL, found + len(_NUL), end + len(_NUL) - 1)
    return False


def _spans(text: Bytes) -> list[tuple[int, int]]:
    """Cut a text into parts that are searched in no time."""
    return [(start, start + _GIVE_BYTES) for start in range(0, len(text), _GIVE_BYTES)]


def _unreadable(what: str) -> Unreadable:
    return Unreadable(f"the file is no backup: it is {what}", code="invalid_backup")


def _other_format() -> Invalid:
    return Invalid("the file is no backup of Berth", code="unknown_format", field="format")


def _to_invalid(message: str, place: str) -> Invalid:
    within = _PLACE.search(message)
    text = _PLACE.sub("", message).replace("`", "")
    inner = within["field"] if within else ""
    dot = "." if place and inner and not inner.startswith("[") else ""
    return Invalid(
        f"the backup is not understood: {text[:1].lower()}{text[1:]}",
        code="invalid_value",
        field=f"{place}{dot}{inner}",
    )
