"""How many containers of each service a deployment wants."""

from collections.abc import Mapping, Sequence

from berth.control.naming import shorten
from berth.domain.errors import Invalid
from berth.domain.ids import ServiceKey
from berth.domain.spec import ServiceSpec

#: Most containers of one service in one deployment.
MAX_QUANTITY = 10_000


def set_quantities(
    services: Sequence[ServiceSpec],
    *,
    kept: Mapping[ServiceKey, int],
    named: Mapping[str, int],
) -> dict[ServiceKey, int]:
    """Give one number for each service: the one named, else the one kept, else the text's, else 1.

    A name that is neither a service's nor kept raises Invalid. One that is only kept belonged to
    a service that the new text dropped: callers send back all that they read, so it is ignored.
    """
    keys = {service.key for service in services}
    for name, number in named.items():
        field = f"quantities.{shorten(name)}"
        if name not in keys and name not in kept:
            raise Invalid(
                f"the definition has no service {shorten(name)!r}",
                code="unknown_service",
                field=field,
            )
        if not 0 <= number <= MAX_QUANTITY:
            raise Invalid(
                f"{number} is no number of containers: write 0 to {MAX_QUANTITY}",
                code="out_of_range",
                field=field,
            )
    return {s.key: named.get(s.key, kept.get(s.key, _first(s))) for s in services}


def _first(service: ServiceSpec) -> int:
    return 1 if service.replicas is None else service.replicas
