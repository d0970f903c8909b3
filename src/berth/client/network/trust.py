"""Whom a client trusts: the instance's own certificate authority, found by its fingerprint."""

import hashlib
import ssl

from berth.client.errors import UntrustedError, UsageError


def fingerprint_of(authority: str) -> str:
    """Return the SHA-256 of a certificate in DER form, hexadecimal. Raises UntrustedError."""
    try:
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(authority)).hexdigest()
    except ValueError as error:
        raise UntrustedError(f"the instance's authority is no certificate: {error}") from None


def context_of(authority: str) -> ssl.SSLContext:
    """Trust an authority alone, given as PEM. Raises UntrustedError.

    The name in the certificate is not compared: the authority signs for its instance only.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    try:
        context.load_verify_locations(cadata=authority)
    except (ssl.SSLError, ValueError) as error:
        raise UntrustedError(f"the instance's authority is no certificate: {error}") from None
    return context


def blind_context() -> ssl.SSLContext:
    """Trust everybody, for the one question whose answer is compared with a fingerprint."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def check_fingerprint(authority: str, fingerprint: str) -> None:
    """Compare an authority with the fingerprint of the one that is wanted. Raises UntrustedError."""
    found, wanted = fingerprint_of(authority), read_fingerprint(fingerprint)
    if found != wanted:
        raise UntrustedError(
            f"the instance has another certificate authority: its fingerprint is {found}, "
            f"not {wanted}"
        )


def read_fingerprint(text: str) -> str:
    """Read a fingerprint, with or without colons, in any case. Raises UsageError."""
    plain = text.strip().removeprefix("sha256:").replace(":", "").lower()
    if len(plain) != 64 or set(plain) - set("0123456789abcdef"):
        raise UsageError("a fingerprint is a SHA-256: 64 hexadecimal digits")
    return plain
