"""The console's files and pages, and what browsers may do with what they get."""

import dataclasses
import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from berth.api.app import create_app
from berth.api.console import ConsoleFiles
from integration.api_bed import Bed

SCRIPT = b"console.log(1);"
PAGE = (
    b'<!doctype html><meta name="csp-nonce" content="{{nonce}}"><script src="/assets/main-1a.js">'
)
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def build(folder: Path) -> Path:
    """Build a small console beside a secret that is not part of it."""
    (folder / "secret-key").write_text("secret")
    built = folder / "console"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_bytes(PAGE)
    (built / "icon.svg").write_text("<svg/>")
    script = built / "assets" / "main-1a.js"
    script.write_bytes(SCRIPT)
    script.with_name("main-1a.js.gz").write_bytes(gzip.compress(SCRIPT))
    script.with_name("main-1a.js.br").write_bytes(b"brotli")
    script.with_name("main-1a.js.map").write_text("{}")
    return built


def serve_console(bed: Bed, built: Path) -> httpx.AsyncClient:
    services = dataclasses.replace(bed.services, console=ConsoleFiles.read(built))
    transport = httpx.ASGITransport(app=create_app(services), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="https://berth.test")


@pytest.fixture
async def console(bed: Bed, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A caller without a credential of a manager that has a console."""
    async with serve_console(bed, build(tmp_path)) as client:
        yield client


async def test_every_address_of_the_console_shows_its_page(console: httpx.AsyncClient) -> None:
    for path in ("/", "/deployments/my.app/slots", "/login?to=%2Fhosts", "/apis", "/v1x/y"):
        answer = await console.get(path, headers=HTML)
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-cache"
        assert b"/assets/main-1a.js" in answer.content


async def test_the_api_keeps_its_paths(console: httpx.AsyncClient) -> None:
    for path in ("/api", "/api/nothing", "/v1", "/v1/nothing", "/version/x", "/metrics/x"):
        answer = await console.get(path, headers=HTML)
        assert (path, answer.status_code) == (path, 404)
        assert answer.json()["errors"][0]["code"] == "unknown_path"
    assert (await console.get("/healthz", headers=HTML)).status_code == 200
    assert (await console.get("/metrics", headers=HTML)).status_code == 401


async def test_each_page_has_a_nonce_of_its_own_and_a_strict_policy(
    console: httpx.AsyncClient,
) -> None:
    nonces = set()
    for _ in range(2):
        answer = await console.get("/")
        nonce = re.search(rb'content="([0-9a-f]{32})"', answer.content)
        assert nonce is not None
        nonces.add(nonce[1].decode())
        assert answer.headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; "
            f"style-src 'self' 'nonce-{nonce[1].decode()}'; img-src 'self' data:; "
            "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'"
        )
    assert len(nonces) == 2


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"),
        ("GZIP;q=0.0, br;q=x", None), ("", None),
    ],
)  # fmt: skip
async def test_a_script_comes_as_the_browser_takes_it(
    console: httpx.AsyncClient, accepted: str, encoding: str | None
) -> None:
    headers = {"Accept-Encoding": accepted}
    async with console.stream("GET", "/assets/main-1a.js", headers=headers) as answer:
        sent = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    plain = {"br": b"brotli", "gzip": gzip.compress(SCRIPT), None: SCRIPT}[encoding]
    assert len(sent) == len(plain)


async def test_files_with_a_hash_in_their_names_are_kept_for_ever_others_asked_for_again(
    console: httpx.AsyncClient,
) -> None:
    hashed, icon = await console.get("/assets/main-1a.js"), await console.get("/icon.svg")
    assert hashed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert icon.headers["Cache-Control"] == "no-cache"
    again = await console.get("/icon.svg", headers={"If-None-Match": icon.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret-key", "/assets/../../secret-key", "/%2e%2e/secret-key", "/..%2fsecret-key",
        "//secret-key", "/assets/..%5c..%5csecret-key", "/assets//etc/passwd", "/assets/%00",
        "/assets/main-1a.js.map", "/assets", "/assets/", "/index.html/../../secret-key",
    ],
)  # fmt: skip
async def test_nothing_but_the_files_of_the_build_is_served(
    console: httpx.AsyncClient, path: str
) -> None:
    request = console.build_request("GET", "/")
    request.url = request.url.copy_with(raw_path=path.encode())
    answer = await console.send(request)
    assert answer.status_code == 404
    assert b"secret" not in answer.content.replace(path.encode(), b"").replace(b"secret-key", b"")


async def test_what_an_update_took_away_is_missing_even_for_a_browser(
    console: httpx.AsyncClient,
) -> None:
    assert (await console.get("/assets/main-0f.js", headers=HTML)).status_code == 404


async def test_a_program_that_mistakes_a_path_gets_an_error_and_no_page(
    console: httpx.AsyncClient,
) -> None:
    for method, headers in (("GET", {"Accept": "*/*"}), ("POST", HTML)):
        answer = await console.request(method, "/deployments", headers=headers)
        assert answer.json()["errors"][0]["code"] == "unknown_path"


async def test_a_manager_without_a_console_says_how_to_get_it(bed: Bed, tmp_path: Path) -> None:
    async with serve_console(bed, tmp_path / "nothing") as client:
        answer = await client.get("/")
        assert "script/up" in answer.text
        assert (await client.get("/hosts", headers=HTML)).status_code == 404


async def test_the_reference_of_the_api_is_the_consoles_where_there_is_one(
    bed: Bed, tmp_path: Path
) -> None:
    built = build(tmp_path)
    async with serve_console(bed, built) as client:
        assert "<main" in (await client.get("/api/docs")).text
    (built / "docs.html").write_text('<p nonce="{{nonce}}">Reference')
    async with serve_console(bed, built) as client:
        answer = await client.get("/api/docs")
    assert "Reference" in answer.text
    assert "{{nonce}}" not in answer.text
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]


async def test_nothing_that_the_api_answers_is_shown_or_run_as_a_page(bed: Bed) -> None:
    await bed.put("/api/kv/x", content=b"<script>alert(1)</script>")
    for path in ("/api/kv/x?raw", "/api/nothing", "/api/pools/"):
        answer = await bed.http.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        policy = "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["Content-Security-Policy"] == policy
