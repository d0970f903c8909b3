"""Follows the progress of a pull or push, and sums it over the image's layers."""

import base64

import msgspec

from berth.agent.engine.protocol import PullProgress
from berth.domain.images import Credentials

#: Statuses after which a layer costs nothing more.
_FINISHED = frozenset({"Pull complete", "Already exists", "Layer already exists", "Pushed"})
#: How the status of a pushed layer begins that another repository of the registry has.
_MOUNTED = "Mounted from"
#: Statuses of a layer whose bytes are all here.
_DOWNLOADED = frozenset({"Download complete", "Verifying Checksum"})


class _Detail(msgspec.Struct):
    current: int = 0
    total: int = 0


class _Failure(msgspec.Struct):
    message: str = ""


class PullLine(msgspec.Struct, rename="camel"):
    """One line of the stream that a pull or a push answers."""

    status: str = ""
    id: str = ""
    progress_detail: _Detail | None = None
    error: str = ""
    error_detail: _Failure | None = None
    #: Podman's spelling of ``status``.
    stream: str = ""

    @property
    def failure(self) -> str:
        """Why the pull failed, "" when it did not."""
        return (self.error_detail.message if self.error_detail else "") or self.error


class _Layer(msgspec.Struct):
    #: None until the registry has said it.
    size: int | None = None
    #: Downloaded and unpacked bytes; a whole layer is twice its size.
    done: int = 0
    finished: bool = False


_line = msgspec.json.Decoder(PullLine)


def parse_line(line: bytes) -> PullLine:
    """Read one line; raises msgspec.DecodeError."""
    return _line.decode(line)


class PullMeter:
    """Folds the lines of one pull into one progress, whose percent never falls."""

    #: Completes the sentence about an image.
    verb = "pulling"
    #: How often the bytes of a layer are handled: a pull downloads and unpacks them.
    phases = 2

    def __init__(self, image: str) -> None:
        self._image = image
        self._layers: dict[str, _Layer] = {}
        self._last = PullProgress("")
        self._percent = 0

    def feed(self, line: PullLine) -> PullProgress | None:
        """Count a line in; None when it changes nothing that is worth telling."""
        if line.id and self._is_layer(line):
            self._count(line)
        progress = PullProgress(self._message(line), self._sum())
        if progress == self._last:
            return None
        self._last = progress
        return progress

    def _is_layer(self, line: PullLine) -> bool:
        # The first line has the tag as its id.
        return line.id in self._layers or not line.status.startswith("Pulling from")

    def _count(self, line: PullLine) -> None:
        layer = self._layers.setdefault(line.id, _Layer())
        detail = line.progress_detail
        if line.status in _FINISHED or line.status.startswith(_MOUNTED):
            layer.finished = True
            layer.size = layer.size or 0
        elif line.status in _DOWNLOADED:
            layer.done = max(layer.done, layer.size or 0)
        elif detail and detail.total > 0:
            layer.size = detail.total
            before = detail.total if line.status == "Extracting" else 0
            layer.done = max(layer.done, before + min(detail.current, detail.total))

    def _sum(self) -> int | None:
        sizes = [layer.size for layer in self._layers.values() if layer.size is not None]
        if not sum(sizes):
            return None
        # A layer that waits for its turn has no size yet: it counts as an average one.
        usual = sum(sizes) // len(sizes)
        total = done = 0
        for layer in self._layers.values():
            size = usual if layer.size is None else layer.size
            whole = self.phases * size
            total += whole
            done += whole if layer.finished else min(layer.done, whole)
        self._percent = max(self._percent, 100 * done // total)
        return self._percent

    def _message(self, line: PullLine) -> str:
        if not self._layers:
            return line.status or line.stream.strip() or f"{self.verb} {self._image}"
        finished = sum(layer.finished for layer in self._layers.values())
        return f"{self.verb} {self._image}: {finished} of {len(self._layers)} layers"


class PushMeter(PullMeter):
    """Folds the lines of one push."""

    verb = "pushing"
    phases = 1


#: The header of a caller without a login: base64url of an empty object.
NO_AUTH = "e30="


def render_auth(credentials: Credentials) -> str:
    """Return the value of Docker's ``X-Registry-Auth`` header: base64url of a JSON object."""
    body = {
        "username": credentials.username,
        "password": credentials.password,
        "serveraddress": credentials.registry,
    }
    return base64.urlsafe_b64encode(msgspec.json.encode(body)).decode()
