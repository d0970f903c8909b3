"""The join token: the secret that makes an engine a host, kept in a file of the data directory."""

import hmac
from pathlib import Path

from berth.runtime.files import write_private
from berth.runtime.ids import new_token

FILE_NAME = "join-token"
PREFIX = "berth-join-1"


class JoinToken:
    """Reads the file each time, so that the command line can rotate it under a running manager.

    A token reads ``berth-join-1.<secret>.<fingerprint>``: the SHA-256 of the instance's
    certificate authority, or ``-`` where agents are to come by plain HTTP.
    """

    def __init__(self, directory: Path, ca_fingerprint: str | None) -> None:
        self._path = directory / FILE_NAME
        self._pin = ca_fingerprint or "-"

    def read_or_make(self) -> str:
        """Return the token; one that pins another authority is written again with its old secret."""
        text = self._read()
        secret = secret_of(text)
        if secret and text == self._render(secret):
            return text
        return self._write(secret or new_token())

    def rotate(self) -> str:
        """Make a new token; the old one is good for nothing from now on."""
        return self._write(new_token())

    def matches(self, secret: str) -> bool:
        """Compare a secret with the token's in constant time."""
        kept = secret_of(self.read_or_make())
        return hmac.compare_digest(kept.encode(), secret.encode("utf-8", "replace"))

    def _read(self) -> str:
        try:
            return self._path.read_text("ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return ""

    def _write(self, secret: str) -> str:
        text = self._render(secret)
        write_private(self._path, text.encode("ascii") + b"\n")
        return text

    def _render(self, secret: str) -> str:
        return f"{PREFIX}.{secret}.{self._pin}"


def read_join_token(directory: Path) -> str:
    """Return the token of a data directory without its manager; "" when there is none yet."""
    path = directory / FILE_NAME
    return path.read_text("ascii").strip() if path.exists() else ""


def secret_of(token: str) -> str:
    """Return the secret inside a token; "" when it is not one."""
    parts = token.split(".")
    return parts[1] if len(parts) == 3 and parts[0] == PREFIX else ""
