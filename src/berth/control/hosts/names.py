"""Names of hosts, which are unique."""

import re

import msgspec

from berth.control.naming import make_unique
from berth.domain.errors import Conflict, Invalid
from berth.domain.ids import HostId
from berth.domain.records import Host
from berth.domain.spec import describe_excess
from berth.domain.states import HostState
from berth.store.draft import Draft

#: Longest name of a host, in characters; that of names in DNS.
MAX_HOST_NAME = 253
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MAX_HOST_NAME - 1}}}")
_LONGEST_STEM = 240


def choose_name(draft: Draft, wanted: str, *, hostname: str, own_id: HostId) -> str:
    """Return a free name: the one asked for, or one made from the machine's own.

    A host that is away loses its name to one that is there: it was most likely installed again.
    While its holder may be in contact a name that was asked for raises Conflict, and a machine's
    own name gets a number.
    """
    name = _check(wanted) if wanted else _clean(hostname)
    holder = _find_holder(draft, name, own_id=own_id)
    if holder is None:
        return name
    if draft.fleet.status_of(holder.id).state is HostState.INACTIVE:
        _rename(draft, holder)
        return name
    if wanted:
        raise Conflict(
            f"another host is called {name!r}: choose another name",
            code="name_in_use",
            field="name",
        )
    return _with_number(draft, name)


def _find_holder(draft: Draft, name: str, *, own_id: HostId) -> Host | None:
    return next((host for host in draft.hosts.find("name", name) if host.id != own_id), None)


def _rename(draft: Draft, host: Host) -> None:
    draft.hosts.put(msgspec.structs.replace(host, name=_with_number(draft, host.name)))


def _with_number(draft: Draft, name: str) -> str:
    return make_unique(name, lambda candidate: bool(draft.hosts.find("name", candidate)))


def _check(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Invalid(
            "a host's name has letters, digits, dots, hyphens and underscores, and begins with a "
            f"letter or digit{describe_excess(name, longest=MAX_HOST_NAME)}",
            code="invalid_name",
            field="name",
        )
    return name


def _clean(hostname: str) -> str:
    """Make a name from what a machine calls itself, which may be anything."""
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "-", hostname).lstrip("._-")[:_LONGEST_STEM]
    return cleaned or "host"
