"""A registry of a bed, with or without a password, over plain HTTP or TLS."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import cast

from .command import BedError, run_command, wait_until
from .images import Blob, Image, build_image, standard_images
from .packages import find_program
from .processes import ProcessGroup
from .state import Credentials

_FIRST_PORT = 5000
_CERTIFICATE = "certificate.pem"


class Registry:
    """A running registry; `address` is what comes before the first slash of its images' names."""

    def __init__(
        self,
        address: str,
        credentials: Credentials | None = None,
        *,
        certificate: Path | None = None,
    ) -> None:
        self.address = address
        self.credentials = credentials
        #: What a client must trust; none with plain HTTP.
        self.certificate = certificate

    def image(self, name: str) -> str:
        """Return the full reference of one of the standard images, such as `web:1`."""
        return f"{self.address}/bed/{name}"

    def push_image(self, name: str, tag: str, *, image: Image) -> str:
        """Make an image, store it as `name:tag` and return its full reference.

        The name is the whole path inside the registry, such as `shop/api`.
        """
        built = build_image(image)
        for blob in built.blobs:
            self._upload(name, blob)
        path = f"{name}/manifests/{tag}"
        self._request("PUT", path, data=built.manifest.data, media_type=built.manifest.media_type)
        return f"{self.address}/{name}:{tag}"

    def push_standard_images(self) -> None:
        """Store the images that every registry of a bed has."""
        for name, image in standard_images().items():
            self.push_image(f"bed/{name.partition(':')[0]}", name.partition(":")[2], image=image)

    def answers(self) -> bool:
        """Return whether the registry takes requests."""
        try:
            self._request("GET", "")
        except BedError:
            return False
        return True

    def _upload(self, name: str, blob: Blob) -> None:
        if self._request("HEAD", f"{name}/blobs/{blob.digest}") is not None:
            return
        answer = self._request("POST", f"{name}/blobs/uploads/") or {}
        location = answer["Location"].partition("/v2/")[2]
        separator = "&" if "?" in location else "?"
        path = f"{location}{separator}digest={blob.digest}"
        self._request("PUT", path, data=blob.data, media_type="application/octet-stream")

    def _request(
        self, method: str, path: str, *, data: bytes | None = None, media_type: str = ""
    ) -> dict[str, str] | None:
        """Return the headers of the answer, or none when there is no such thing."""
        scheme = "https" if self.certificate else "http"
        url = f"{scheme}://{self.address}/v2/{path}"
        request = urllib.request.Request(url, data, method=method)
        if media_type:
            request.add_header("Content-Type", media_type)
        if who := self.credentials:
            pair = base64.b64encode(f"{who.user}:{who.password}".encode()).decode()
            request.add_header("Authorization", f"Basic {pair}")
        tls = ssl.create_default_context(cafile=self.certificate) if self.certificate else None
        direct = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)
        )
        try:
            with direct.open(request, timeout=30) as answer:
                return dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == HTTPStatus.NOT_FOUND:
                    return None
                said = error.read().decode(errors="replace")[:500]
            raise BedError(
                f"The registry {self.address} refused {method} {path}: {said}"
            ) from error
        except OSError as error:
            raise BedError(f"The registry {self.address} does not answer: {error}") from error


def start_registry(
    folder: Path, ip: str, *, group: ProcessGroup, credentials: Credentials | None, tls: bool
) -> Registry:
    """Start a registry on a free port of `ip` with its data in `folder`, and wait for it.

    With `tls` it has a certificate of its own that nobody trusts unless asked to.

    Raises BedError with the end of its log when it does not answer in time.
    """
    folder.mkdir()
    address = f"{ip}:{_free_port(ip)}"
    settings: dict[str, object] = {
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": address, "secret": "only one process"} | _tls(folder, ip, wanted=tls),
    }
    if credentials:
        passwords = folder / "htpasswd"
        passwords.write_text(
            run_command(
                ["htpasswd", "-niBC", "4", credentials.user], stdin=f"{credentials.password}\n"
            )
        )
        settings["auth"] = {"htpasswd": {"realm": "bed", "path": str(passwords)}}
    file = folder / "settings.yml"
    file.write_text(json.dumps(settings))  # JSON is YAML
    log = folder / "registry.log"
    group.start_detached([find_program("docker-registry"), "serve", str(file)], log)
    registry = Registry(address, credentials, certificate=find_certificate(folder))
    try:
        wait_until(registry.answers, 15, what=f"the registry {address} to answer")
    except BedError as error:
        raise BedError(f"{error} The end of its log:\n{log.read_text()[-2000:]}") from error
    return registry


def find_certificate(folder: Path) -> Path | None:
    """Return the certificate of the registry whose data is in a folder; none with plain HTTP."""
    certificate = folder / _CERTIFICATE
    return certificate if certificate.exists() else None


def _tls(folder: Path, ip: str, *, wanted: bool) -> dict[str, object]:
    """Make a certificate for an address, and return the settings that name it."""
    if not wanted:
        return {}
    certificate, key = folder / _CERTIFICATE, folder / "key.pem"
    run_command(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=bed", "-addext", f"subjectAltName=IP:{ip}",
            "-keyout", str(key), "-out", str(certificate),
        ]
    )  # fmt: skip
    return {"tls": {"certificate": str(certificate), "key": str(key)}}


def _free_port(ip: str) -> int:
    """Return the first free port from 5000; the bed alone uses this address."""
    for port in range(_FIRST_PORT, _FIRST_PORT + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ip, port))
            except OSError:
                continue
            return cast(int, probe.getsockname()[1])
    raise BedError(f"No free port for a registry on {ip} from {_FIRST_PORT} on.")
