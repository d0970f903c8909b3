"""The join token: the secret that makes an engine a host, kept in a file of the data directory."""

import hmac
from pathlib import Path

import msgspec

from berth.runtime.files import write_private
from berth.runtime.ids import hash_token, new_token

FILE_NAME = "join-token"

#: Stands beside the token where it has an end or a number of uses.
LIMITS_FILE = "join-token-limits"
PREFIX = "berth-join-1"


class JoinLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How long a join token is good, and for how many joins; None has no bound."""

    #: Unix seconds.
    ends_at: float | None = None
    uses_left: int | None = None

    def is_over(self, now: float) -> bool:
        """Whether the token is good for no further join."""
        return (self.ends_at is not None and self.ends_at <= now) or self.uses_left == 0


class _KeptLimits(msgspec.Struct, frozen=True):
    """The limits as they are kept: with the token that they are of."""

    token_hash: str
    limits: JoinLimits


class JoinToken:
    """Reads the file each time, so that the command line can rotate it under a running manager.

    A token reads ``berth-join-1.<secret>.<fingerprint>``: the SHA-256 of the instance's
    certificate authority, or ``-`` where agents are to come by plain HTTP.
    """

    def __init__(self, directory: Path, ca_fingerprint: str | None) -> None:
        self._path = directory / FILE_NAME
        self._limits_path = directory / LIMITS_FILE
        self._pin = ca_fingerprint or "-"

    def read_or_make(self) -> str:
        """Return the token; one that pins another authority is written again with its old secret."""
        text = self._read()
        secret = secret_of(text)
        if secret and text == self._render(secret):
            return text
        return self._write(secret or new_token())

    def rotate(self, limits: JoinLimits | None = None) -> str:
        """Make a new token; the old one is good for nothing from now on."""
        secret = new_token()
        text = self._write(secret)
        self._limits_path.unlink(missing_ok=True)
        if limits is not None and limits != JoinLimits():
            self._write_limits(secret, limits)
        return text

    def read_limits(self) -> JoinLimits:
        """Return how long the token is good, and for how many joins."""
        try:
            kept = msgspec.json.decode(self._limits_path.read_bytes(), type=_KeptLimits)
        except FileNotFoundError:
            return JoinLimits()
        except msgspec.MsgspecError:
            return JoinLimits(uses_left=0)  # damaged: rather no join than any
        # A token that was put into the file from outside has none.
        return kept.limits if kept.token_hash == self._hash() else JoinLimits()

    def take_use(self) -> None:
        """Count a join with the token as it is now."""
        self._count(-1)

    def return_use(self, secret: str) -> None:
        """Take back the count of a join that did not come about, unless the token was rotated."""
        if self.matches(secret):
            self._count(1)

    def matches(self, secret: str) -> bool:
        """Compare a secret with the token's in constant time."""
        kept = secret_of(self.read_or_make())
        return hmac.compare_digest(kept.encode(), secret.encode("utf-8", "replace"))

    def _count(self, difference: int) -> None:
        limits = self.read_limits()
        if limits.uses_left is not None:
            left = max(0, limits.uses_left + difference)
            changed = msgspec.structs.replace(limits, uses_left=left)
            self._write_limits(secret_of(self._read()), changed)

    def _write_limits(self, secret: str, limits: JoinLimits) -> None:
        kept = _KeptLimits(hash_token(secret), limits)
        write_private(self._limits_path, msgspec.json.encode(kept))

    def _hash(self) -> str:
        return hash_token(secret_of(self._read()))

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
