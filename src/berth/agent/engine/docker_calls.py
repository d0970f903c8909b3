"""The ground of the calls to the Docker Engine API."""

from collections.abc import Callable
from typing import TypeVar

from berth.agent.engine.docker.errors import LIBRARY_ERRORS
from berth.agent.engine.docker.http import Call, Connection

_T = TypeVar("_T")


class DockerCalls:
    """What the parts of a ``DockerEngine`` share."""

    _connection: Connection

    def _read(self, call: Call, parse: Callable[[], _T]) -> _T:
        """Parse an answer to a call. Raises EngineError for one that is unusable."""
        try:
            return parse()
        except LIBRARY_ERRORS as error:
            raise self._connection.explain(error, call) from error
