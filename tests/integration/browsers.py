"""Browsers that are signed in to the console, and what their cookies must not allow."""

import contextlib
from collections.abc import AsyncIterator

import httpx

from berth.api.endpoints.auth import SESSION_COOKIE
from integration.api_bed import PASSWORD, USER, Bed

ORIGIN = "https://berth.test"

#: What a browser sends with a call of the console's own page.
OWN_PAGE = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "X-Berth-Console": "1"}

LOGIN = {"username": USER, "password": PASSWORD}
PATH = "/api/v2/session"


@contextlib.asynccontextmanager
async def open_browser(bed: Bed, *, name: str = "Firefox") -> AsyncIterator[httpx.AsyncClient]:
    """A browser with an empty cookie jar that shows the console's page."""
    transport = httpx.ASGITransport(app=bed.app, client=("192.0.2.7", 4711))
    headers = OWN_PAGE | {"User-Agent": name}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as browser:
        yield browser


@contextlib.asynccontextmanager
async def sign_in(bed: Bed, *, name: str = "Firefox") -> AsyncIterator[httpx.AsyncClient]:
    """A browser that is signed in."""
    async with open_browser(bed, name=name) as browser:
        answer = await browser.post(PATH, json=LOGIN)
        assert answer.status_code == 200, answer.text
        yield browser


def cookie_of(browser: httpx.AsyncClient) -> str:
    """The text of a browser's session."""
    return browser.cookies[SESSION_COOKIE]
