"""Encrypts a text with a passphrase that a person chose, so that it can leave the instance."""

import base64

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from berth.runtime.ids import new_token

_SALT_BYTES = 16

#: Cost of one key: 32 MiB and some 100 ms; each guess of the passphrase costs as much.
_COST, _BLOCK, _LANES = 2**15, 8, 1
_KDF = f"scrypt-{_COST}-{_BLOCK}-{_LANES}"


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """An encrypted text, and what its key is made of beside the passphrase."""

    #: How the key is derived; there is one way so far.
    kdf: str = _KDF
    salt: bytes
    ciphertext: str


class WrongPassphrase(Exception):
    """The text cannot be decrypted with that passphrase."""


def seal(text: str, passphrase: str) -> Sealed:
    """Encrypt a text; takes some 100 ms."""
    salt = bytes.fromhex(new_token(_SALT_BYTES))
    ciphertext = _cipher(passphrase, salt).encrypt(text.encode())
    return Sealed(salt=salt, ciphertext=ciphertext.decode("ascii"))


def unseal(sealed: Sealed, passphrase: str) -> str:
    """Return the text; takes some 100 ms. Raises WrongPassphrase, also for a damaged text."""
    if sealed.kdf != _KDF:
        raise WrongPassphrase("the key was derived in a way that this version does not know")
    try:
        return _cipher(passphrase, sealed.salt).decrypt(sealed.ciphertext.encode()).decode()
    except (InvalidToken, UnicodeError):
        raise WrongPassphrase("the passphrase is wrong, or the text is damaged") from None


def _cipher(passphrase: str, salt: bytes) -> Fernet:
    key = Scrypt(salt=salt, length=32, n=_COST, r=_BLOCK, p=_LANES).derive(passphrase.encode())
    return Fernet(base64.urlsafe_b64encode(key))
