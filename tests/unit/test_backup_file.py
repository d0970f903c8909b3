"""The file of a backup, and what is no such file."""

import asyncio
import base64
import gzip
import json
import time
from typing import Any

import pytest

from berth.api.http.request_body import cut_out_file
from berth.control.backup.file import MAX_FILE_BYTES, Backup, BackupData, KeyItem
from berth.control.backup.kinds import KINDS
from berth.control.backup.reader import MAX_COMMAS, read_backup
from berth.control.backup.writer import write_backup
from berth.control.discovery.keys import MAX_STORE_BYTES
from berth.domain.errors import Invalid, RequestError, TooLarge, Unreadable
from berth.runtime.passphrase import WrongPassphrase, seal, unseal


def a_file(**members: Any) -> bytes:
    """Make the bytes of a file with these members."""
    document = {
        "format": "berth-backup", "version": 1, "created_on": "", "manager_version": "", "data": {},
    }  # fmt: skip
    return gzip.compress(json.dumps(document | members).encode())


def a_text(tag: str) -> bytes:
    """Make the bytes of a file with a tag, not gzipped."""
    return gzip.decompress(a_file(data={"tags": [tag]}))


def test_what_was_written_is_read() -> None:
    data = BackupData(tags=("é",), keys=(KeyItem(key="a", value=b"\x00\xff", flags=3),))
    backup = Backup(created_on="now", manager_version="1", data=data)
    file = b"".join(write_backup(backup))
    assert read_backup(file) == backup
    assert read_backup(gzip.decompress(file)) == backup


def test_members_of_a_later_program_are_ignored() -> None:
    assert read_backup(a_file(more=1, data={"tags": ["x"], "new": {}})).data.tags == ("x",)


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"", Unreadable, "invalid_backup"),
        (b"hello", Unreadable, "invalid_backup"),
        (b"{", Unreadable, "invalid_backup"),
        (b'{"a":' + b"[" * 100_000, Unreadable, "invalid_backup"),
        (b'{"format": "\xff"}', Unreadable, "invalid_backup"),
        (gzip.compress(b"{}")[:-4], Unreadable, "invalid_backup"),
        (b"\x1f\x8bnonsense", Unreadable, "invalid_backup"),
        (b"[]", Invalid, "unknown_format"),
        (b"{}", Invalid, "unknown_format"),
        (a_file(format="other"), Invalid, "unknown_format"),
        (a_file(version=2), Invalid, "unknown_version"),
        (a_file(version=0), Invalid, "unknown_version"),
        (a_file(data={"tags": ["a\0b"]}), Invalid, "invalid_text"),
        (a_file(data={"tags": ["a\\\0b"]}), Invalid, "invalid_text"),
        (a_file(data={"tags": ["," * (MAX_COMMAS + 1)]}), TooLarge, "too_large"),
        (a_file(data={"tags": [7]}), Invalid, "invalid_value"),
        (a_file(data={"keys": [{"key": "a", "value": "no base64!"}]}), Invalid, "invalid_value"),
    ],
)
def test_what_is_no_backup_is_refused(body: bytes, kind: type[RequestError], code: str) -> None:
    with pytest.raises(kind) as refused:
        read_backup(body)
    assert refused.value.code == code


def test_a_backslash_before_u0000_is_no_nul() -> None:
    assert read_backup(a_file(data={"tags": ["\\u0000"]})).data.tags == ("\\u0000",)


def test_a_nul_is_found_across_a_border_of_what_is_searched_at_once() -> None:
    start = a_text("x").index(b'x"')
    for beyond in range(8):
        with pytest.raises(Invalid):
            read_backup(a_text("x" * (1024 * 1024 - start - beyond) + "\0"))


async def test_a_large_text_holds_nobody_else_up() -> None:
    file, longest = a_file(more="a" * 40_000_000), 0.0
    reading, clock = asyncio.create_task(asyncio.to_thread(read_backup, file)), time.perf_counter
    while not reading.done():
        begun = clock()
        await asyncio.sleep(0.001)
        longest = max(longest, clock() - begun)
    assert (await reading).data == BackupData()
    assert longest < 0.5


def test_a_full_key_value_store_fits_into_a_backup() -> None:
    assert len(base64.b64encode(bytes(MAX_STORE_BYTES))) < MAX_FILE_BYTES


def test_a_refusal_names_the_place() -> None:
    with pytest.raises(Invalid) as refused:
        read_backup(a_file(data={"pools": [{"id": "a"}, {"id": 7}]}))
    assert refused.value.field == "data.pools[1].id"


def test_a_small_file_that_unpacks_to_very_much_is_refused() -> None:
    bomb = a_file(data={"tags": ["x" * 1_000_000]})
    assert len(bomb) < 10_000
    assert read_backup(bomb).data.tags
    with pytest.raises(TooLarge):
        read_backup(bomb, largest=1_000_000)


def find_file(body: bytes) -> bytes:
    """Return what is left of a body."""
    left = bytearray(body)
    cut_out_file(left)
    return bytes(left)


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_a_file_is_found_inside_a_form(newline: bytes) -> None:
    content = b"\x1f\x8b\r\n--not the boundary\r\n\r\n"
    lines = [b"--XyZ", b'Content-Disposition: form-data; name="f"; filename="b"',
             b"Content-Type: text/plain", b"", content, b"--XyZ--", b""]  # fmt: skip
    assert find_file(newline.join(lines)) == content


@pytest.mark.parametrize("body", [b"", b"{}", b"\x1f\x8b", b"-- ", b"- -x\r\n"])
def test_a_body_without_a_boundary_is_the_file(body: bytes) -> None:
    assert find_file(body) == body


@pytest.mark.parametrize("body", [b"--x\r\nA: b\r\n\r\ncontent", b"--x\r\n", b"--x\n--x--"])
def test_a_form_that_is_cut_off_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        find_file(body)


def test_a_sealed_text_opens_with_its_passphrase_alone() -> None:
    sealed = seal("secret", "open sésame")
    assert b"secret" not in sealed.ciphertext.encode()
    assert unseal(sealed, "open sésame") == "secret"
    assert seal("secret", "open sésame").ciphertext != sealed.ciphertext
    for wrong in ("open", ""):
        with pytest.raises(WrongPassphrase):
            unseal(sealed, wrong)


def test_every_member_of_a_backup_has_its_kind() -> None:
    names = [kind.name for kind in KINDS]
    assert sorted([*names, "settings"]) == sorted(BackupData.__struct_fields__)
