"""Definitions for tests, in the form that users write."""

from __future__ import annotations

import json


def service(image: str, *lines: str, env: tuple[str, ...] = (), key: str = "app") -> str:
    """Return one service of a definition; `lines` are more keys of it."""
    written = [f"image: {json.dumps(image)}", *lines]
    if env:
        written.append(f"environment: {json.dumps(list(env))}")
    return f"  {key}:\n" + "".join(f"    {line}\n" for line in written)


def text(*services: str) -> str:
    """Return a definition of services."""
    return "version: 2\nservices:\n" + "".join(services)
