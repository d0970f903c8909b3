"""Writes the file of a backup piece by piece, so that no other thread waits long for it."""

import zlib
from collections.abc import Iterator

import msgspec

from berth.control.backup.file import Backup, BackupData

#: At most this many bytes are encoded before they are packed.
_PIECE_BYTES = 64 * 1024

_GZIP_WINDOW = 31
_LEVEL = 6

_encode = msgspec.json.Encoder().encode


def write_backup(backup: Backup) -> list[bytes]:
    """Return the parts of the file; a large one takes a while, so run it in a thread."""
    packer = zlib.compressobj(_LEVEL, wbits=_GZIP_WINDOW)
    parts, waiting = [], bytearray()
    for piece in _pieces(backup):
        waiting += piece
        if len(waiting) >= _PIECE_BYTES:
            parts.append(packer.compress(waiting))
            waiting = bytearray()
    parts += [packer.compress(waiting), packer.flush()]
    return [part for part in parts if part]


def _pieces(backup: Backup) -> Iterator[bytes]:
    """Encode the document, at most one object of it at once."""
    shell = msgspec.structs.asdict(backup)
    del shell["data"]
    yield _encode(shell)[:-1] + b',"data":{'
    for number, field in enumerate(msgspec.structs.fields(BackupData)):
        yield b'%s"%s":' % (b"," if number else b"", field.name.encode())
        value = getattr(backup.data, field.name)
        if isinstance(value, tuple):
            yield from _array(value)
        else:
            yield _encode(value)
    yield b"}}"


def _array(items: tuple[object, ...]) -> Iterator[bytes]:
    yield b"["
    for number, item in enumerate(items):
        yield (b"," if number else b"") + _encode(item)
    yield b"]"
