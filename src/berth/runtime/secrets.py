"""The instance's secret key, what it encrypts, and the hashing of passwords."""

import asyncio
import base64
import hmac
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken

from berth.runtime.files import write_private
from berth.runtime.ids import new_password, new_token

#: Memory of one hashing, in KiB; one thread hashes, so this is the most that logins take at once.
HASH_MEMORY_KIB = 19 * 1024

KEY_FILE = "secret-key"


class Undecipherable(Exception):
    """A text was not encrypted with this key."""


class Secrets:
    """Encrypts what must be shown again, and hashes what must only be compared."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Fernet(key)
        #: Another key, for what is signed.
        self._signing_key = hmac.digest(key, b"berth: signatures", "sha256")
        self._hasher = PasswordHasher(time_cost=2, memory_cost=HASH_MEMORY_KIB, parallelism=1)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="password-hash")
        self._decoy: str | None = None

    @classmethod
    def read_or_make(cls, directory: Path) -> "Secrets":
        """Read the key file of a data directory; the first call makes it (0600)."""
        path = directory / KEY_FILE
        try:
            key = path.read_bytes().strip()
        except FileNotFoundError:
            key = make_key()
            write_private(path, key + b"\n")
        return cls(key)

    def encrypt(self, text: str) -> str:
        """Encrypt a text; two calls never return the same."""
        return self._cipher.encrypt(text.encode()).decode("ascii")

    def decrypt(self, ciphertext: str) -> str:
        """Return the text; raises Undecipherable when it was not made with this key."""
        try:
            return self._cipher.decrypt(ciphertext.encode()).decode()
        except (InvalidToken, UnicodeError):
            raise Undecipherable("the text was not encrypted with this key") from None

    def reveal(self, ciphertext: str) -> str:
        """Return the text; "" for "", and for one that was made with a key that is lost."""
        try:
            return self.decrypt(ciphertext) if ciphertext else ""
        except Undecipherable:
            return ""

    def sign(self, text: str) -> str:
        """Return hexadecimal digits that only this key makes of a text."""
        return hmac.digest(self._signing_key, text.encode(), "sha256").hex()

    async def hash_password(self, password: str) -> str:
        """Return the Argon2 string to keep for a password."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._hasher.hash, password)

    async def verify_password(self, kept: str | None, password: str) -> bool:
        """Return whether the password is the one kept; none takes the same time and is never true."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._verify, kept, password)

    def close(self) -> None:
        """End the hashing thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _verify(self, kept: str | None, password: str) -> bool:
        if kept is None and self._decoy is None:
            self._decoy = self._hasher.hash(new_password())
        try:
            matches = self._hasher.verify(kept or self._decoy or "", password)
        except (VerificationError, InvalidHashError, UnicodeError):
            return False
        return matches and kept is not None


def make_key() -> bytes:
    """Make a key of the form that ``Secrets`` takes."""
    return base64.urlsafe_b64encode(bytes.fromhex(new_token(32)))
