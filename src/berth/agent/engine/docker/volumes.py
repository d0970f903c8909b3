"""Volumes of an engine behind the Docker Engine API."""

import re

import msgspec

from berth.agent.engine.docker.http import EngineHttp, EngineRequest

#: The name that an engine makes up for a volume without one.
_MADE_UP = re.compile(r"[0-9a-f]{64}")


class _Volume(msgspec.Struct, rename="pascal"):
    name: str


class _Listed(msgspec.Struct, rename="pascal"):
    volumes: list[_Volume] | None = None


class DockerVolumes:
    """The volume calls of a ``DockerEngine``."""

    def __init__(self, connection: EngineHttp) -> None:
        self._connection = connection

    async def list_volumes(self) -> list[str]:
        """List the names of all volumes that have one of their own, whoever made them."""
        call = EngineRequest("GET", "volumes", "list the volumes")
        answer = await self._connection.send(call)
        listed = self._connection.parse(
            call, lambda: msgspec.json.decode(answer.body, type=_Listed)
        )
        return [each.name for each in listed.volumes or () if not _MADE_UP.fullmatch(each.name)]
