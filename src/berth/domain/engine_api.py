"""What of a container an engine can only do from a version of its API on.

Older engines skip a member of a request that they do not know, without an error.
"""

from collections.abc import Callable

import msgspec

from berth.domain.spec import ContainerSpec

#: A version of the Docker Engine API, such as (1, 41), the oldest one that agents speak.
ApiVersion = tuple[int, int]


class NewerMember(msgspec.Struct, frozen=True):
    """A key of a service that came with a later version of the API."""

    key: str
    since: ApiVersion
    is_used: Callable[[ContainerSpec], bool]


#: Source: https://docs.docker.com/reference/api/engine/version-history/.
NEWER_MEMBERS = (
    NewerMember("volume.subpath", (1, 45), lambda spec: any(m.subpath for m in spec.mounts)),
)


def find_missing(spec: ContainerSpec, api: ApiVersion) -> str:
    """Return what an engine of this version cannot do of a container; "" for nothing."""
    for member in NEWER_MEMBERS:
        if api < member.since and member.is_used(spec):
            return (
                f"{member.key} needs version {_dotted(member.since)} of the engine's API, "
                f"and this host's engine has {_dotted(api)}"
            )
    return ""


def read_api(text: str) -> ApiVersion | None:
    """Read a version as hosts report it; None for anything else."""
    major, _, minor = text.partition(".")
    if not (major.isascii() and minor.isascii() and major.isdigit() and minor.isdigit()):
        return None
    return int(major[:6]), int(minor[:6])


def _dotted(api: ApiVersion) -> str:
    return f"{api[0]}.{api[1]}"
