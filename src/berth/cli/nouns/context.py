"""The instances that you are logged in to."""

from typing import Annotated

import click
from msgspec.structs import replace

from berth.cli import contexts as kept
from berth.cli.contexts import Context
from berth.cli.menu import new_noun
from berth.cli.screen.table import TextTable
from berth.cli.session import session_of
from berth.cli.signature import Argument, Option
from berth.client.network.trust import fingerprint_of

app = new_noun(__doc__)

Name = Annotated[str, Argument(help="Name of the context.")]


def _shown(name: str, context: Context, *, current: bool) -> dict[str, object]:
    """Return what may be seen of a context: all but the token."""
    return {
        "name": name,
        "url": context.url,
        "user": context.user,
        "logged_in": bool(context.token),
        "guarded": context.guarded,
        "current": current,
        "fingerprint": fingerprint_of(context.authority) if context.authority else "",
    }


@app.verb("ls")
def list_contexts(ctx: click.Context) -> None:
    """List the contexts."""
    session = session_of(ctx)
    every = kept.read(session.environment)
    table = TextTable("CURRENT", "NAME", "URL", "USER", "GUARDED")
    shown = []
    for name, context in sorted(every.contexts.items()):
        shown.append(_shown(name, context, current=name == every.current))
        mark = "*" if name == every.current else ""
        user = context.user if context.token else "(logged out)"
        table.add(mark, name, context.url, user, "yes" if context.guarded else "")
    session.output.table(table, records=shown, ids=sorted(every.contexts))


@app.verb("show")
def show(ctx: click.Context, name: Annotated[str, Argument()] = "") -> None:
    """Show a context; the current one unless another is named."""
    session = session_of(ctx)
    every = kept.read(session.environment)
    chosen = name or session.context_name
    members = _shown(chosen, every.get(chosen), current=chosen == every.current)
    lines = [f"{member.replace('_', ' ')}: {value}" for member, value in members.items()]
    session.output.record(members, lines=lines, name=chosen)


@app.verb("use")
def use(ctx: click.Context, name: Name) -> None:
    """Make a context the current one."""
    session = session_of(ctx)
    every = kept.read(session.environment)
    kept.write(every.put(name, every.get(name), use=True), session.environment)
    session.output.show(f"{name} is the current context")


@app.verb("rm")
def remove(ctx: click.Context, name: Name) -> None:
    """Forget a context with its login."""
    session = session_of(ctx)
    every = kept.read(session.environment)
    every.get(name)
    kept.write(every.without(name), session.environment)
    session.output.show(f"{name} is forgotten")


@app.verb("guard")
def guard(
    ctx: click.Context,
    name: Name,
    *,
    off: Annotated[bool, Option("--off", help="Guard it no longer.")] = False,
) -> None:
    """Let each write to a context ask for its name, unless --yes=NAME says it."""
    session = session_of(ctx)
    every = kept.read(session.environment)
    context = replace(every.get(name), guarded=not off)
    kept.write(every.put(name, context), session.environment)
    session.output.show(f"{name} is {'not guarded any more' if off else 'guarded'}")
