"""The difference between a path of the host and the name of a volume."""

#: How a relative path begins; a shell would have filled in the last two.
_RELATIVE = frozenset({".", "~", "$", "`"})


def is_relative(source: str) -> bool:
    """Return whether a source is a path that means nothing on a host of a fleet."""
    return source[:1] in _RELATIVE


def is_host_path(source: str) -> bool:
    """Return whether a source is a path, and not the name of a volume."""
    return source.startswith("/") or is_relative(source)
