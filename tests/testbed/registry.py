"""A registry of a bed, with or without a password."""

from __future__ import annotations

import base64
import json
import socket
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


class Registry:
    """A running registry; `address` is what comes before the first slash of its images' names."""

    def __init__(self, address: str, credentials: Credentials | None = None) -> None:
        self.address = address
        self.credentials = credentials

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
        """Tell whether the registry takes requests."""
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
        request = urllib.request.Request(f"http://{self.address}/v2/{path}", data, method=method)
        if media_type:
            request.add_header("Content-Type", media_type)
        if who := self.credentials:
            pair = base64.b64encode(f"{who.user}:{who.password}".encode()).decode()
            request.add_header("Authorization", f"Basic {pair}")
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
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
    folder: Path, ip: str, *, group: ProcessGroup, credentials: Credentials | None
) -> Registry:
    """Start a registry on a free port of `ip` with its data in `folder`, and wait for it.

    Raises BedError with the end of its log when it does not answer in time.
    """
    folder.mkdir()
    address = f"{ip}:{_free_port(ip)}"
    settings: dict[str, object] = {
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": address, "secret": "only one process"},
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
    registry = Registry(address, credentials)
    try:
        wait_until(registry.answers, 15, what=f"the registry {address} to answer")
    except BedError as error:
        raise BedError(f"{error} The end of its log:\n{log.read_text()[-2000:]}") from error
    return registry


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
