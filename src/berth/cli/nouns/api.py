"""Any request, with your login."""

import sys
from pathlib import Path
from typing import Annotated, Any

import click
import msgspec

from berth.cli.menu import new_noun
from berth.cli.screen.problems import CommandError
from berth.cli.session import session_of
from berth.cli.signature import Argument

app = new_noun(__doc__)


@app.verb("api")
def api(
    ctx: click.Context,
    method: Annotated[str, Argument(help="GET, POST, PUT or DELETE.")],
    path: Annotated[str, Argument(help="A path of the API, with its query.")],
    body: Annotated[
        str, Argument(help="The body in JSON; @FILE reads it, - is standard input.")
    ] = "",
) -> None:
    """Send a request, and print what the API answers: berth api GET /api/v2/deployments/."""
    session = session_of(ctx)
    if method.upper() not in ("GET", "POST", "PUT", "DELETE"):
        raise CommandError(f"{method!r} is no method: write GET, POST, PUT or DELETE")
    content = _read(body)
    if method.upper() != "GET":
        session.announce(f"{method.upper()} {path.partition('?')[0]}")
    with session.open() as client:
        answer = client.call(method, path, body=content)
    if session.common.fields and isinstance(answer, list):
        session.output.records(answer)
    elif session.common.fields:
        session.output.record(answer)
    else:
        text = msgspec.json.encode(answer)
        session.output.write(msgspec.json.format(text, indent=2) + b"\n")


def _read(text: str) -> Any:
    try:
        if text == "-":
            text = sys.stdin.read()
        elif text.startswith("@"):
            text = Path(text[1:]).read_text("utf-8")
        return msgspec.json.decode(text) if text else None
    except OSError as error:
        raise CommandError(f"{text[1:]} cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"the body is no JSON: {error}") from None
