"""The secret key, encryption, and the hashing of passwords."""

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from berth.runtime.secrets import Secrets, Undecipherable, make_key


@pytest.fixture
def secrets() -> Iterator[Secrets]:
    """Yield secrets with a fresh key."""
    made = Secrets(make_key())
    yield made
    made.close()


def test_the_key_is_a_private_file_that_stays(tmp_path: Path) -> None:
    ciphertext = Secrets.read_or_make(tmp_path).encrypt("hello")
    assert Secrets.read_or_make(tmp_path).decrypt(ciphertext) == "hello"
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_what_another_key_encrypted_cannot_be_read(secrets: Secrets) -> None:
    foreign = Secrets(make_key()).encrypt("hello")
    for wrong in (foreign, "", "x", "é"):
        with pytest.raises(Undecipherable):
            secrets.decrypt(wrong)


def test_two_encryptions_of_one_text_differ(secrets: Secrets) -> None:
    assert secrets.encrypt("a") != secrets.encrypt("a")


async def test_a_password_is_known_by_its_hash(secrets: Secrets) -> None:
    kept = await secrets.hash_password("correct")
    assert kept.startswith("$argon2id$v=19$m=19456,")
    assert await secrets.verify_password(kept, "correct")
    assert not await secrets.verify_password(kept, "wrong")


@pytest.mark.parametrize("kept", [None, "", "no hash", "$argon2id$v=19$m=1"])
async def test_no_hash_is_never_right(secrets: Secrets, kept: str | None) -> None:
    assert not await secrets.verify_password(kept, "")


async def test_passwords_are_hashed_one_at_a_time_beside_the_loop(secrets: Secrets) -> None:
    await secrets.hash_password("first")
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await asyncio.gather(*(secrets.hash_password(str(number)) for number in range(3)))
    counting.cancel()
    assert turns > 10
