"""The only place that draws chance: ids, tokens, jitter."""

import hashlib
import random
import secrets
import string
import uuid


def new_uuid() -> str:
    """Make a lower-case UUID."""
    return str(uuid.uuid4())


def new_token(bytes_of_chance: int = 32) -> str:
    """Make a secret of twice as many lower-case hexadecimal digits."""
    return secrets.token_hex(bytes_of_chance)


def new_word(letters: int) -> str:
    """Make a secret of a number of lower-case letters."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(letters))


def new_password() -> str:
    """Make a password that can be typed."""
    return secrets.token_urlsafe(18)


def hash_token(token: str) -> str:
    """Return the fingerprint under which a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def jitter(low: float, high: float) -> float:
    """Draw a number between two others."""
    return random.uniform(low, high)
