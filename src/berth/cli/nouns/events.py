"""What happened, and what needs attention."""

from dataclasses import dataclass
from typing import Annotated

import click

from berth.cli.menu import new_noun
from berth.cli.options import Deployment, Host, Words, fits, several
from berth.cli.screen.table import TextTable
from berth.cli.screen.words import SEVERITIES, parse_time, when
from berth.cli.session import Session, session_of
from berth.cli.signature import Option
from berth.client import Client
from berth.client.nouns.events import Wanted
from berth.client.records.instance import Event, Status

app = new_noun(__doc__)


@dataclass(frozen=True, kw_only=True)
class EventFilters:
    """Which events or statuses are meant."""

    severity: Annotated[
        list[str] | None, Option(help="Of these severities: info, warning, error ...")
    ] = None
    query: Annotated[
        str, Option("--q", metavar="QUERY", help='For example +severity:>2 "pull failed".')
    ] = ""
    deployment: Deployment = None
    host: Host = None

    def wanted(self, *, severity: tuple[str, ...]) -> Wanted:
        """Return them as the client asks for them."""
        return Wanted(
            q=self.query,
            severity=severity,
            deployment=several(self.deployment),
            host=several(self.host),
        )


@app.verb("events")
def list_events(
    ctx: click.Context,
    words: Words = None,
    *,
    follow: Annotated[bool, Option("--follow", "-f", help="Go on with those that come.")] = False,
    filters: EventFilters,
) -> None:
    """List what happened, the newest last."""
    session = session_of(ctx)
    wanted = filters.wanted(severity=several(filters.severity))
    with session.open() as client:
        found = [each for each in client.events.list(wanted) if _fits(words, each)][::-1]
        if not follow:
            _print_events(session, found)
            return
        for each in found:
            _print_event(session, each)
        _follow(session, client, wanted=wanted, words=words)


def _fits(words: list[str] | None, each: Event | Status) -> bool:
    return fits(words, each.summary, each.message, each.actor_label, each.sub_actor_label)


def _print_events(session: Session, found: list[Event]) -> None:
    table = TextTable("WHEN", "SEVERITY", "ABOUT", "WHAT")
    for each in found:
        at = when(parse_time(each.first_seen), now=session.output.now, exact=session.common.exact)
        table.add(at, SEVERITIES.get(each.severity, SEVERITIES[2]), each.actor_label, each.summary)
    session.output.table(table, records=found, ids=[str(each.event_id) for each in found])


def _print_event(session: Session, each: Event) -> None:
    at = when(parse_time(each.first_seen), now=session.output.now, exact=True)
    session.output.item(
        each, f"{at}  {SEVERITIES.get(each.severity, SEVERITIES[2])}  {each.summary}"
    )


def _follow(session: Session, client: Client, *, wanted: Wanted, words: list[str] | None) -> None:
    """Print events as they come; the list is asked again, since it knows the filters."""
    from msgspec.structs import replace

    newest = max((each.event_id for each in client.events.list()), default=0)
    for _ in client.watch(kinds=["event"]):
        for each in reversed(list(client.events.list(replace(wanted, since=newest)))):
            newest = max(newest, each.event_id)
            if _fits(words, each):
                _print_event(session, each)


@app.verb("status")
def list_statuses(
    ctx: click.Context,
    words: Words = None,
    *,
    every: Annotated[bool, Option("--all", help="Those that are cleared, too.")] = False,
    filters: EventFilters,
) -> None:
    """List what needs attention, the worst first."""
    session = session_of(ctx)
    chosen = several(filters.severity) or (() if every else ("warning", "error", "critical"))
    wanted = filters.wanted(severity=chosen)
    with session.open() as client:
        found = [each for each in client.statuses.list(wanted) if _fits(words, each)]
    found.sort(key=lambda each: (-each.severity, each.last_seen))
    if not found and not session.common.for_machines:
        session.output.print("nothing needs attention")
        return
    table = TextTable("SEVERITY", "SINCE", "ABOUT", "WHAT")
    for each in found:
        since = when(
            parse_time(each.first_seen), now=session.output.now, exact=session.common.exact
        )
        table.add(
            SEVERITIES.get(each.severity, SEVERITIES[2]), since, each.actor_label, each.summary
        )
    session.output.table(table, records=found, ids=[each.fingerprint for each in found])
