"""How many containers of each service a deployment wants."""

from collections.abc import Iterable, Mapping, Sequence

from berth.control.naming import shorten
from berth.domain.errors import Invalid
from berth.domain.ids import ServiceKey
from berth.domain.report import ReportEntry
from berth.domain.spec import ServiceSpec

#: Most containers of one service in one deployment.
MAX_QUANTITY = 10_000
#: Most unknown names that a report lists.
MAX_UNKNOWN = 20
#: Most services that a message lists.
_SHOWN = 5


def set_quantities(
    services: Sequence[ServiceSpec],
    *,
    kept: Mapping[ServiceKey, int],
    named: Mapping[str, int],
) -> dict[ServiceKey, int]:
    """Return one number for each service: the one named, else the one kept, else the text's, else 1.

    A name that is no service's is ignored; ``report_unknown`` tells of it.
    """
    for name, number in named.items():
        if not 0 <= number <= MAX_QUANTITY:
            raise Invalid(
                f"{number} is no number of containers: write 0 to {MAX_QUANTITY}",
                code="out_of_range",
                field=f"quantities.{shorten(name)}",
            )
    return {s.key: named.get(s.key, kept.get(s.key, _first(s))) for s in services}


def report_unknown(
    services: Sequence[ServiceSpec], *, kept: Iterable[str], named: Iterable[str]
) -> tuple[ReportEntry, ...]:
    """Report names that are no service's: old clients send that of the stack, and are not refused.

    One that is only kept belonged to a service that the new text dropped: callers send back all
    that they read, so nothing is said of it.
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


def _first(service: ServiceSpec) -> int:
    return 1 if service.replicas is None else service.replicas
