"""Log in to an instance, and forget a login."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

import click

from berth.cli import contexts as kept
from berth.cli.contexts import Context, check_name
from berth.cli.exits import ExitCode
from berth.cli.menu import new_noun
from berth.cli.screen.problems import CommandError
from berth.cli.session import Session, ask, ask_secret, can_ask, session_of
from berth.cli.signature import Argument, Option
from berth.client import Client
from berth.client.network.transport import read_url
from berth.client.network.trust import fingerprint_of

app = new_noun(__doc__)


@dataclass(frozen=True, kw_only=True)
class AsWho:
    """As whom to log in, and what to call the instance."""

    name: Annotated[str, Option(help="Name of the context; else the host's name.")] = ""
    user: Annotated[str, Option(help="Name of the user.")] = "admin"
    password_file: Annotated[
        str,
        Option(metavar="FILE", help="Read the password from a file; - is standard input."),
    ] = ""
    fingerprint: Annotated[
        str, Option(metavar="SHA256", help="Fingerprint of the instance's authority.")
    ] = ""
    guard: Annotated[bool, Option("--guard", help="Let each write ask for the name.")] = False


@app.verb("login")
def log_in(
    ctx: click.Context,
    url: Annotated[str, Argument(help="Address of the manager; else that of the context.")] = "",
    *,
    as_who: AsWho,
) -> None:
    """Log in to an instance, and keep the login as a context."""
    session = session_of(ctx)
    every = kept.read(session.environment)
    known_name = as_who.name or session.common.context or ("" if url else every.current)
    known = every.contexts.get(known_name)
    if not url and known is None:
        raise CommandError("an address is needed", fixes=["berth login https://HOST:8443"])
    address = read_url(url or (known.url if known else ""))
    chosen_name = check_name(known_name or _name_of(address))
    authority = _find_authority(session, address, fingerprint=as_who.fingerprint)
    password = _read_password(session, as_who.password_file, user=as_who.user)
    with Client(address, authority=authority, options=session.options) as client:
        token = client.access.log_in(as_who.user, password)
    context = Context(
        url=address,
        token=token,
        user=as_who.user,
        authority=authority,
        guarded=as_who.guard or (known.guarded if known else False),
    )
    path = kept.write(every.put(chosen_name, context, use=True), session.environment)
    session.output.show(f"logged in to {chosen_name} ({address}) as {as_who.user}; kept in {path}")


def _name_of(address: str) -> str:
    """Return a name for an instance: the first part of its host's name."""
    host = urlsplit(address).hostname or "default"
    plain = host if host.replace(".", "").isdecimal() or ":" in host else host.partition(".")[0]
    return plain.replace(":", "-").strip("-") or "default"


def _find_authority(session: Session, address: str, *, fingerprint: str) -> str:
    """Ask who is there, and have it confirmed: by fingerprint, or by whoever sits here."""
    if not address.startswith("https:"):
        return ""
    if fingerprint:
        with Client.pinned(address, fingerprint=fingerprint, options=session.options) as client:
            return client.driver.site.authority
    with Client(address, options=session.options) as asking:
        asking.driver.trust_everybody()
        authority = asking.hosts.authority().ca
    found = fingerprint_of(authority)
    known = kept.read(session.environment).contexts.values()
    if any(each.url == address and each.authority == authority for each in known):
        return authority
    session.output.warn(
        f"the instance at {address} has the authority with the fingerprint", f"  {found}"
    )
    if not session.common.yes:
        if not can_ask():
            raise CommandError(
                "nobody can say whether that is right", fixes=[f"say --fingerprint {found}"]
            )
        if ask("Is that the one that its manager shows? [y/N] ").lower() not in ("y", "yes"):
            raise CommandError("nothing was done", exit_code=ExitCode.CANCELLED)
    return authority


def _read_password(session: Session, path: str, *, user: str) -> str:
    if not path:
        return ask_secret(f"Password of {user}: ")
    from berth.cli.screen.problems import read_text

    return read_text(path)[0].rstrip("\r\n")


@app.verb("logout")
def log_out(
    ctx: click.Context,
    name: Annotated[str, Argument(help="Name of the context; else the current one.")] = "",
) -> None:
    """Forget the login of a context; the context stays."""
    session = session_of(ctx)
    every = kept.read(session.environment)
    chosen = name or session.common.context or every.current
    context = every.get(chosen)
    from msgspec.structs import replace

    kept.write(every.put(chosen, replace(context, token="")), session.environment)
    session.output.show(f"logged out of {chosen}")
