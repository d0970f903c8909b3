"""The instance's certificates: made once, renewed from the same authority."""

import datetime
import hashlib
import ipaddress
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509

from berth.domain.errors import StartupError
from berth.runtime import tls
from berth.runtime.clock import SystemClock

NOW = 1_700_000_000.0
DAY = 86_400.0
NAMES = frozenset({"localhost", "box", "127.0.0.1", "::1"})


def make(directory: Path, *, names: frozenset[str] = NAMES, now: float = NOW) -> tls.TlsFiles:
    """Read or make the certificates below a directory."""
    return tls.read_or_make(directory / "tls", names=names, now=now)


def certificates(files: tls.TlsFiles) -> tuple[x509.Certificate, x509.Certificate]:
    """Return leaf and authority of the chain."""
    leaf, authority = x509.load_pem_x509_certificates(files.chain.read_bytes())
    return leaf, authority


def test_the_chain_is_the_leaf_and_its_authority(tmp_path: Path) -> None:
    files = make(tmp_path)
    leaf, authority = certificates(files)
    leaf.verify_directly_issued_by(authority)
    assert authority == x509.load_pem_x509_certificate(files.ca_pem().encode())
    assert authority.not_valid_after_utc.year == 2033
    assert leaf.not_valid_before_utc.timestamp() < NOW
    ends = datetime.datetime.fromtimestamp(NOW, datetime.UTC) + datetime.timedelta(days=397)
    assert leaf.not_valid_after_utc == ends


def test_every_name_and_address_is_in_the_leaf(tmp_path: Path) -> None:
    leaf, _ = certificates(make(tmp_path, names=NAMES | {"10.0.0.5"}))
    listed = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(listed.get_values_for_type(x509.DNSName)) == {"localhost", "box"}
    addresses = {str(each) for each in listed.get_values_for_type(x509.IPAddress)}
    assert addresses == {"127.0.0.1", "::1", "10.0.0.5"}


def test_this_machine_is_known_by_its_addresses() -> None:
    names = tls.local_names()
    assert names >= {"localhost", "127.0.0.1", "::1"}
    assert not any("%" in name for name in names)
    assert any(name.count(".") == 3 and ipaddress.ip_address(name) for name in names)


def test_keys_are_for_the_owner_alone(tmp_path: Path) -> None:
    files = make(tmp_path)
    for path in (files.key, tmp_path / "tls" / "ca.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_start_keeps_everything(tmp_path: Path) -> None:
    before = make(tmp_path).chain.read_bytes()
    assert make(tmp_path, now=NOW + 366 * DAY).chain.read_bytes() == before


@pytest.mark.parametrize(
    ("names", "now"),
    [(NAMES, NOW + 368 * DAY), (NAMES | {"10.0.0.9"}, NOW), (NAMES - {"box"}, NOW)],
)
def test_a_new_leaf_comes_from_the_same_authority(
    tmp_path: Path, names: frozenset[str], now: float
) -> None:
    old = make(tmp_path)
    pin, leaf = old.ca_fingerprint(), certificates(old)[0]
    new = make(tmp_path, names=names, now=now)
    assert new.ca_fingerprint() == pin
    assert certificates(new)[0] != leaf


def test_a_leaf_without_its_key_is_made_anew(tmp_path: Path) -> None:
    files = make(tmp_path)
    before = files.chain.read_bytes()
    files.key.write_text("")
    assert make(tmp_path).chain.read_bytes() != before
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.chain, files.key)


def test_a_leaf_with_the_key_of_another_is_made_anew(tmp_path: Path) -> None:
    files, other = make(tmp_path), make(tmp_path / "other")
    before = files.chain.read_bytes()
    files.key.write_bytes(other.key.read_bytes())
    assert make(tmp_path).chain.read_bytes() != before


def test_the_fingerprint_is_that_of_the_der_form(tmp_path: Path) -> None:
    files = make(tmp_path)
    der = ssl.PEM_cert_to_DER_cert(files.ca_pem())
    assert files.ca_fingerprint() == hashlib.sha256(der).hexdigest()


def test_what_stands_beside_the_authority_in_its_file_is_not_answered(tmp_path: Path) -> None:
    files, other = make(tmp_path), make(tmp_path / "other")
    true, pin = files.ca_pem(), files.ca_fingerprint()
    files.ca.write_text(f"a comment\n{true}{other.ca_pem()}")
    assert (files.ca_pem(), files.ca_fingerprint()) == (true, pin)


def test_one_certificate_is_read_and_made_text_again(tmp_path: Path) -> None:
    text = make(tmp_path).ca_pem()
    der = tls.read_one_certificate(f"\n{text}\n ")
    assert tls.to_pem(der) == text
    assert tls.read_one_certificate(text.replace("\n", "\r\n")) == der


def test_bytes_after_the_certificate_are_refused(tmp_path: Path) -> None:
    der = tls.read_one_certificate(make(tmp_path).ca_pem())
    with pytest.raises(ValueError):
        tls.read_one_certificate(tls.to_pem(der + der))


def test_a_lost_key_of_the_authority_is_told_when_it_is_needed(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "tls" / "ca.key").unlink()
    make(tmp_path)
    with pytest.raises(StartupError, match="Restore that file"):
        make(tmp_path, now=NOW + 380 * DAY)


def test_a_client_that_trusts_the_authority_trusts_the_leaf(tmp_path: Path) -> None:
    files = tls.read_or_make(tmp_path / "tls", names=NAMES, now=SystemClock().now())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.chain, files.key)
    client = ssl.create_default_context(cafile=str(files.ca))
    toward_server, toward_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    far = server.wrap_bio(toward_server, toward_client, server_side=True)
    near = client.wrap_bio(toward_client, toward_server, server_hostname="127.0.0.1")
    for side in (near, far, near, far):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    assert near.version() == "TLSv1.3"


@pytest.mark.parametrize(
    ("days", "words"), [(3653, "let every host join again"), (-20, "set the clock")]
)
def test_an_authority_outside_of_its_time_is_named_with_the_way_out(
    tmp_path: Path, days: int, words: str
) -> None:
    make(tmp_path)
    with pytest.raises(StartupError, match=words):
        make(tmp_path, now=NOW + days * 24 * 3600)


def test_a_certificate_is_renewed_when_it_is_time(tmp_path: Path) -> None:
    files = make(tmp_path)
    first, _ = certificates(files)
    assert not tls.renew(files, names=NAMES, now=NOW + 366 * DAY)
    assert certificates(files)[0] == first
    assert tls.renew(files, names=NAMES, now=NOW + 368 * DAY)
    assert certificates(files)[0].not_valid_after_utc > first.not_valid_after_utc
