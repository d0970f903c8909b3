"""How many containers of each service a deployment wants."""

from collections.abc import Iterable, Mapping, Sequence

from berth.control.naming import shorten
from berth.domain.errors import Invalid
from berth.domain.ids import ServiceKey
from berth.domain.records import Deployment
from berth.domain.report import ReportEntry
from berth.domain.spec import ServiceSpec

#: Most containers of one service in one deployment.
MAX_QUANTITY = 10_000
#: Most unknown names that a report lists.
MAX_UNKNOWN = 20
#: Most services that a message lists.
_SHOWN = 5


def name_quantities(
    services: Sequence[ServiceSpec], *, old: Deployment | None, named: Mapping[str, int | None]
) -> dict[ServiceKey, int]:
    """Return the numbers that users have named, with those of a request; none follows the text again.

    A number that is sent back as it was read names nothing. A name that is no service's is
    ignored; ``report_unknown`` reports it.
    """
    _check_range(named)
    kept = old.named if old is not None else {}
    present = old.quantities if old is not None else {}
    numbers: dict[ServiceKey, int] = {}
    for service in services:
        key = service.key
        number = named.get(key, kept.get(key))
        sent_back = key not in kept and number == present.get(key) == service.quantity
        if number is not None and not sent_back:
            numbers[key] = number
    return numbers


def _check_range(named: Mapping[str, int | None]) -> None:
    for name, number in named.items():
        if number is not None and not 0 <= number <= MAX_QUANTITY:
            raise Invalid(
                f"{number} is no number of containers: write 0 to {MAX_QUANTITY}",
                code="out_of_range",
                field=f"quantities.{shorten(name)}",
            )


def report_unknown(
    services: Sequence[ServiceSpec], *, kept: Iterable[str], named: Iterable[str]
) -> tuple[ReportEntry, ...]:
    """Report names that are no service's: old clients send that of the stack, and are not refused.

    One that is only kept belonged to a service that the new text dropped: callers send back all
    that they read, so it is not reported.
    """
    keys = [str(service.key) for service in services]
    unknown = [name for name in named if name not in keys and name not in kept]
    known = ", ".join(keys[:_SHOWN]) + (" and more" if len(keys) > _SHOWN else "")
    return tuple(
        ReportEntry(
            0,
            f"quantities.{shorten(name)}",
            "ignored",
            f"the definition has no service {shorten(name)!r}; it has {known}",
        )
        for name in unknown[:MAX_UNKNOWN]
    )
