"""The instance's own certificate authority, and the server certificate that it signs."""

import base64
import datetime
import hashlib
import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from berth.domain.errors import StartupError
from berth.runtime.files import make_private_directory, write_private

CA_DAYS = 3652
SERVER_DAYS = 397
#: A server certificate that ends sooner is made again.
RENEW_DAYS = 30
#: Certificates begin a little earlier than they are made, since clocks differ.
BEGIN_EARLIER = datetime.timedelta(hours=1)

#: The text of one certificate and nothing else.
_ONE_PEM = re.compile(
    r"\s*-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*"
)

#: OpenSSL's codes for certificates outside of their time.
_NOT_YET_VALID, _ENDED = 9, 10

_Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class TlsFiles:
    """What a server needs to speak TLS, and what a client needs to trust it."""

    #: Certificate of the authority.
    ca: Path
    #: Server certificate followed by the authority's.
    chain: Path
    #: Private key of the server certificate.
    key: Path

    def ca_pem(self) -> str:
        """Return the authority's certificate as text, without anything that its file has beside."""
        return to_pem(self._read_ca())

    def ca_fingerprint(self) -> str:
        """Return the SHA-256 of the authority's certificate in DER form, hexadecimal."""
        return fingerprint_of(self._read_ca())

    def authority_ends_at(self) -> datetime.datetime:
        """Return when the authority's certificate ends."""
        return x509.load_der_x509_certificate(self._read_ca()).not_valid_after_utc

    def _read_ca(self) -> bytes:
        certificate = x509.load_pem_x509_certificate(self.ca.read_bytes())
        return certificate.public_bytes(serialization.Encoding.DER)


def read_one_certificate(pem: str) -> bytes:
    """Return the DER form of the certificate that a text consists of.

    Raises ValueError when the text holds anything else: what is hashed and what is trusted must
    be the same bytes, and readers of PEM differ in what they make of the rest of a text.
    """
    found = _ONE_PEM.fullmatch(pem)
    if found is None:
        raise ValueError("it does not hold exactly one certificate")
    der = base64.b64decode("".join(found[1].split()), validate=True)
    x509.load_der_x509_certificate(der)  # refuses bytes after the certificate
    return der


def to_pem(der: bytes) -> str:
    """Return a certificate in its text form."""
    return ssl.DER_cert_to_PEM_cert(der)


def fingerprint_of(der: bytes) -> str:
    """Return the SHA-256 of a certificate's DER form, hexadecimal."""
    return hashlib.sha256(der).hexdigest()


def local_names() -> frozenset[str]:
    """Return every name and address under which this machine can be reached."""
    names = {"localhost", "127.0.0.1", "::1", socket.gethostname()}
    for addresses in psutil.net_if_addrs().values():
        for address in addresses:
            if address.family in (socket.AF_INET, socket.AF_INET6):
                names.add(address.address.partition("%")[0])
    return frozenset(name for name in names if name)


def read_or_make(directory: Path, *, names: frozenset[str], now: float) -> TlsFiles:
    """Make what is missing, ended, ends soon or names other addresses; the authority stays.

    Safe to repeat: each start of the manager calls it.
    """
    make_private_directory(directory)
    files = TlsFiles(
        ca=directory / "ca.pem", chain=directory / "server.pem", key=directory / "server.key"
    )
    moment = datetime.datetime.fromtimestamp(now, datetime.UTC)
    ca_key_path = directory / "ca.key"
    if not files.ca.exists():
        _make_authority(files.ca, ca_key_path, moment=moment)
    authority = x509.load_pem_x509_certificate(files.ca.read_bytes())
    _check_time(authority, files.ca, moment=moment)
    if not _serves(files, authority, names=names, moment=moment):
        key = _read_authority_key(ca_key_path)
        _make_server(files, authority, authority_key=key, names=names, moment=moment)
    return files


def _check_time(authority: x509.Certificate, path: Path, *, moment: datetime.datetime) -> None:
    """Raise StartupError when the authority has ended, or has not begun by this machine's clock."""
    if moment < authority.not_valid_before_utc:
        raise StartupError(
            f"The clock of this machine says {moment:%Y-%m-%d %H:%M} UTC, which is before the "
            f"instance's authority in {path} begins ({authority.not_valid_before_utc:%Y-%m-%d}): set "
            "the clock.",
            exit_code=1,
        )
    if moment >= authority.not_valid_after_utc:
        raise StartupError(
            f"The instance's authority in {path} ended on {authority.not_valid_after_utc:%Y-%m-%d}, "
            f"and the clock of this machine says {moment:%Y-%m-%d}. If the clock is right, move "
            f"{path.parent} away, start again, and let every host join again: empty its agent's data "
            "directory and use a new join token.",
            exit_code=1,
        )


def describe_clock_trouble(error: Exception | None, now: float) -> str:
    """Return what a refused certificate has to do with a clock, "" when nothing."""
    words = {_NOT_YET_VALID: "is not valid yet", _ENDED: "is not valid any more"}
    what = words.get(getattr(error, "verify_code", 0), "")
    if not what:
        return ""
    today = datetime.datetime.fromtimestamp(now, datetime.UTC)
    return (
        f"its certificate {what} by the clock of this host, which says {today:%Y-%m-%d %H:%M} UTC: "
        "set the clock of this host, or the manager's if that one is wrong"
    )


def renew(files: TlsFiles, *, names: frozenset[str], now: float) -> bool:
    """Make a new server certificate if it is time, and return whether there is a new one."""
    before = files.chain.read_bytes()
    read_or_make(files.ca.parent, names=names, now=now)
    return files.chain.read_bytes() != before


def _make_authority(path: Path, key_path: Path, *, moment: datetime.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Berth instance CA")])
    certificate = (
        _builder(name, name, key=key, moment=moment, days=CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_private(key_path, _key_bytes(key))
    write_private(path, certificate.public_bytes(serialization.Encoding.PEM))


def _make_server(
    files: TlsFiles,
    authority: x509.Certificate,
    *,
    authority_key: _Key,
    names: frozenset[str],
    moment: datetime.datetime,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Berth manager")])
    days = min(SERVER_DAYS, (authority.not_valid_after_utc - moment).days)
    certificate = (
        _builder(name, authority.subject, key=key, moment=moment, days=days)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_to_san(names)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    write_private(files.key, _key_bytes(key))
    write_private(files.chain, certificate.public_bytes(pem) + authority.public_bytes(pem))


def _read_authority_key(path: Path) -> _Key:
    try:
        return _read_key(path)
    except (OSError, ValueError) as error:
        raise StartupError(
            f"The server certificate must be renewed, but the key of the instance's authority in "
            f"{path} cannot be read: {error}. Restore that file from a backup.",
            exit_code=1,
        ) from error


def _builder(
    subject: x509.Name, issuer: x509.Name, *, key: _Key, moment: datetime.datetime, days: int
) -> x509.CertificateBuilder:
    """Begin a certificate with what the authority's and the server's have in common."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - BEGIN_EARLIER)
        .not_valid_after(moment + datetime.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _serves(
    files: TlsFiles,
    authority: x509.Certificate,
    *,
    names: frozenset[str],
    moment: datetime.datetime,
) -> bool:
    """Return whether the server certificate can go on being used."""
    try:
        certificate = x509.load_pem_x509_certificate(files.chain.read_bytes())
        key = _read_key(files.key)
        certificate.verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, InvalidSignature):
        return False  # missing, unreadable or foreign: each means a new one
    remaining = certificate.not_valid_after_utc - moment
    return (
        key.public_key() == certificate.public_key()
        and remaining > datetime.timedelta(days=RENEW_DAYS)
        and certificate.not_valid_before_utc <= moment
        and _san_of(certificate) == set(_to_san(names))
    )


def _to_san(names: frozenset[str]) -> list[x509.GeneralName]:
    """Turn names and addresses into what a certificate lists."""
    listed: list[x509.GeneralName] = []
    for name in sorted(names):
        try:
            listed.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            if name.isascii():
                listed.append(x509.DNSName(name))
    return listed


def _san_of(certificate: x509.Certificate) -> set[x509.GeneralName]:
    try:
        return set(
            certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        )
    except x509.ExtensionNotFound:
        return set()


def _read_key(path: Path) -> _Key:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path} holds a key of another kind")
    return key


def _key_bytes(key: _Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
