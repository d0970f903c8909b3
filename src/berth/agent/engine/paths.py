"""Where containers are in an engine's API, and what errors call them."""

import re

from berth.domain.errors import EngineNotFound
from berth.domain.ids import ContainerId

#: Ids and names of containers; anything else could lead to another address of the engine.
_CONTAINER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def container_path(container_id: ContainerId) -> str:
    """Give the path of a container. Raises EngineNotFound for what cannot be an id or a name."""
    if not _CONTAINER.fullmatch(container_id):
        raise EngineNotFound(f"'{container_id}' is not the id of a container")
    return f"containers/{container_id}"


def container_title(container_id: ContainerId) -> str:
    """Give what errors call a container."""
    return f"container {container_id[:12]}"
