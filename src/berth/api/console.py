"""The console: its built files, served as they are, and the page that every address of it shows."""

import hashlib
import logging
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from berth.api.http.encodings import accepted_encodings
from berth.api.http.etag import is_known
from berth.runtime.ids import new_token

log = logging.getLogger(__name__)

#: The page of all addresses, and the one of the reference of the API.
INDEX, DOCS = "index.html", "docs.html"

#: Stands in pages where the nonce of an answer goes.
NONCE_MARK = b"{{nonce}}"

#: Files below this folder have a hash in their names: another content is another name.
_HASHED = "assets/"

#: By the end of a name; what the machine's own table says differs from one to the other.
_MEDIA_TYPES = {
    "css": "text/css",
    "html": "text/html",
    "ico": "image/x-icon",
    "js": "text/javascript",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "webmanifest": "application/manifest+json",
    "woff2": "font/woff2",
}

#: How a file may be compressed, best first, and the end that the build adds to its name.
_ENCODINGS = {"br": ".br", "gzip": ".gz"}

_MISSING = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Berth</title>
<h1>Berth is running</h1>
<p>This manager was installed without its console.</p>
<p>In a checkout of Berth, <code>script/up</code> builds the console and serves it at this address.
Packages of a release contain it.</p>
<p><a href="/api/docs">The reference of the API</a> works without it.</p>
</html>
"""


class ConsoleFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the build."""

    content: bytes
    media_type: str
    #: By the word of Accept-Encoding.
    compressed: Mapping[str, bytes]
    tag: str


class ConsoleFiles:
    """The build, read once: what is not in it cannot be asked for."""

    def __init__(self, files: Mapping[str, ConsoleFile]) -> None:
        self._files = files

    @classmethod
    def read(cls, folder: Traversable) -> "ConsoleFiles":
        """Read a folder; one that is missing is an empty build."""
        contents = _read_folder(folder, prefix="") if folder.is_dir() else {}
        ends = tuple(_ENCODINGS.values())
        return cls(
            {
                name: _make_file(name, contents)
                for name in contents
                if not (name.endswith(ends) and name.rpartition(".")[0] in contents)
            }
        )

    @classmethod
    def read_shipped(cls) -> "ConsoleFiles":
        """Read the build that was installed with the program."""
        files = cls.read(resources.files("berth").joinpath("console"))
        if not files.is_complete:
            log.info("this installation has no console: the address of the API says how to get it")
        return files

    @property
    def is_complete(self) -> bool:
        """Whether there is a console."""
        return INDEX in self._files

    def answer_file(self, request: Request, name: str) -> Response | None:
        """Answer with a file; None when the build has none of that name."""
        file = self._files.get(name)
        if file is None or file.media_type == "text/html":
            return None
        hashed = name.startswith(_HASHED)
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable" if hashed else "no-cache",
            "ETag": file.tag,
            "Vary": "Accept-Encoding",
        }
        if is_known(request, file.tag):
            return Response(status_code=304, headers=headers)
        content = file.content
        accepted = accepted_encodings(request.headers)
        for encoding, compressed in file.compressed.items():
            if encoding in accepted:
                content = compressed
                headers["Content-Encoding"] = encoding
                break
        return Response(content, headers=headers, media_type=file.media_type)

    def answer_page(self, name: str) -> Response | None:
        """Answer with a page that has a nonce of its own; None when the build has no such page."""
        file = self._files.get(name)
        return None if file is None else answer_page(file.content)


class Console:
    """Answers for the console's addresses; what the API has goes on to it."""

    def __init__(self, app: ASGIApp, *, files: ConsoleFiles, api_words: frozenset[str]) -> None:
        self._app = app
        self._files = files
        #: First words of the paths of the API.
        self._api_words = api_words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the API answer."""
        answer = self._answer(scope)
        await (answer or self._app)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        """Ordered rules, the first that fits; None is for the API."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return None
        name = scope["path"].removeprefix("/")
        if name.partition("/")[0] in self._api_words:
            return None
        request = Request(scope)
        found = self._files.answer_file(request, name)
        if found is not None:
            return found
        if not name:
            return self._files.answer_page(INDEX) or answer_page(_MISSING)
        # An old page asks for what an update took away: a page in its place would not load.
        if name.startswith(_HASHED) or "text/html" not in request.headers.get("accept", ""):
            return None
        return self._files.answer_page(INDEX)


def answer_page(content: bytes, *, inline_script: bool = False) -> Response:
    """Answer with a page under the strict policy, with a fresh nonce in the place of each mark."""
    nonce = new_token(16)
    page = content.replace(NONCE_MARK, nonce.encode())
    script = f"'nonce-{nonce}'" if inline_script else "'self'"
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": (
            f"default-src 'none'; script-src {script}; style-src 'self' 'nonce-{nonce}'; "
            "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
    }
    return Response(page, headers=headers, media_type="text/html")


def _read_folder(folder: Traversable, *, prefix: str) -> dict[str, bytes]:
    """Read all files below a folder by their names from there."""
    contents: dict[str, bytes] = {}
    for each in folder.iterdir():
        if each.is_dir():
            contents |= _read_folder(each, prefix=f"{prefix}{each.name}/")
        elif not each.name.endswith(".map"):
            contents[prefix + each.name] = each.read_bytes()
    return contents


def _make_file(name: str, contents: Mapping[str, bytes]) -> ConsoleFile:
    content = contents[name]
    ends = {encoding: name + end for encoding, end in _ENCODINGS.items()}
    return ConsoleFile(
        content=content,
        media_type=_MEDIA_TYPES.get(name.rpartition(".")[2], "application/octet-stream"),
        compressed={
            encoding: contents[other] for encoding, other in ends.items() if other in contents
        },
        tag=f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"',
    )
