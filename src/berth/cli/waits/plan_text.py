"""Plans, as an operator reads them."""

from collections import Counter
from collections.abc import Mapping

from berth.cli.exits import ExitCode
from berth.cli.screen.words import many
from berth.cli.session import Session
from berth.client.records.workloads import Deployment, Plan, UnplacedSlot

#: Names of hosts that are shown for a reason.
MAX_NAMES = 5


def show_plan(session: Session, name: str, *, planned: Plan, known: Deployment | None) -> int:
    """Print what would happen, and return the exit code."""
    if session.common.for_machines:
        session.output.record(planned, name=name)
    else:
        chosen = session.context
        before = f"generation {known.generation} → {known.generation + 1}" if known else "new"
        where = f"{session.context_name} ({chosen.url})" if session.context_name else chosen.url
        session.output.print(f"{name} on {where}: {before}")
        session.output.print(*describe(planned))
        session.output.print("Nothing was done.")
    return ExitCode.WAITS if planned.unplaced else ExitCode.DONE


def describe(planned: Plan) -> list[str]:
    """Return the lines of a plan."""
    lines = []
    by_service: dict[str, list[str]] = {}
    for placement in planned.placements:
        by_service.setdefault(placement.service_id, []).append(placement.hostname)
    for service, hosts in by_service.items():
        counted = ", ".join(
            host if count == 1 else f"{host} ({count})" for host, count in Counter(hosts).items()
        )
        lines.append(f"  + {service}  {many(len(hosts), 'slot')}: {counted}")
    waiting: dict[str, list[UnplacedSlot]] = {}
    for slot in planned.unplaced:
        waiting.setdefault(slot.service_id, []).append(slot)
    for service, slots in waiting.items():
        verb = "waits" if len(slots) == 1 else "wait"
        lines.append(f"  {many(len(slots), 'slot')} of {service} {verb}:")
        lines += [f"    {line}" for line in _reasons(slots[0])]
    if not lines:
        lines.append("  = unchanged")
    if planned.more:
        lines.append("  and more: this is the first part of a long plan")
    return lines


def _reasons(slot: UnplacedSlot) -> list[str]:
    counted: Mapping[str, int] = Counter(reason.message for reason in slot.reasons)
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [f"{many(count, 'host')}  {message}" for message, count in ranked]
