"""The instance's settings, changed in parts and in force at once."""

import ipaddress
import re
from collections.abc import Mapping

import msgspec

from berth.domain.errors import Invalid
from berth.domain.origin import Origin
from berth.domain.records import Actor
from berth.domain.settings import Settings
from berth.domain.states import Severity
from berth.store.draft import Draft, NewEvent

#: How msgspec ends a message: the place of the value, for example ``- at `$.host_ttl_s```.
_PLACE = re.compile(r" - at `\$\.?(?P<field>[^`]*)`$")
#: Of the pool for networks: one bridge fits.
LONGEST_PREFIX = 26


def update_settings(draft: Draft, values: Mapping[str, object], *, origin: Origin) -> Settings:
    """Change the settings that are named; raises Invalid with the field at fault."""
    changed = merge_settings(draft.settings, values)
    if changed == draft.settings:
        return changed
    names = [
        name
        for name in Settings.__struct_fields__
        if getattr(changed, name) != getattr(draft.settings, name)
    ]
    draft.settings = changed
    draft.record_event(
        NewEvent(
            key="settings_updated",
            severity=Severity.INFO,
            summary=f"Settings changed: {', '.join(names)}",
            actor=Actor("system", "settings", "settings"),
            details={"caller": origin.user} | {name: str(getattr(changed, name)) for name in names},
        )
    )
    return changed


def merge_settings(settings: Settings, values: Mapping[str, object]) -> Settings:
    """Return the settings with the named values in them; numbers may come as text."""
    for name, value in values.items():
        if name not in Settings.__struct_fields__:
            raise Invalid(f"there is no setting {name!r}", code="unknown_setting", field=name)
        if isinstance(value, bool) or value is None:
            raise Invalid(
                f"setting {name!r} must be a number or a word", code="invalid_setting", field=name
            )
    merged = msgspec.structs.asdict(settings) | dict(values)
    try:
        changed = msgspec.convert(merged, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise _to_invalid(str(error)) from None
    _check_pool(changed.network_pool)
    if changed.backoff_first_s > changed.backoff_max_s:
        raise Invalid(
            "the first wait cannot be longer than the longest one",
            code="invalid_setting",
            field="backoff_first_s",
        )
    return changed


def _check_pool(text: str) -> None:
    try:
        pool = ipaddress.IPv4Network(text)
    except ValueError:
        pool = None
    if pool is None or pool.prefixlen > LONGEST_PREFIX:
        raise Invalid(
            f"setting 'network_pool' must be an IPv4 network like 10.210.0.0/16, with room for "
            f"bridges of deployments (at most /{LONGEST_PREFIX})",
            code="invalid_setting",
            field="network_pool",
        )


def _to_invalid(message: str) -> Invalid:
    place = _PLACE.search(message)
    field = place["field"] if place else ""
    text = _PLACE.sub("", message).replace("`", "")
    return Invalid(
        f"setting {field!r}: {text[:1].lower()}{text[1:]}", code="invalid_setting", field=field
    )
