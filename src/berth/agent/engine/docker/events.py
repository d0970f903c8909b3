"""Follows an engine's event stream."""

from collections.abc import AsyncGenerator, AsyncIterator

import msgspec

from berth.agent.engine.docker.parser import CONTAINER_ACTIONS, IMAGE_ACTIONS, parse_event
from berth.domain.errors import EngineError, EngineUnreachable
from berth.domain.observed import EngineEvent

#: Value of the query member ``filters``: the engine sends nothing else.
EVENT_FILTER = msgspec.json.encode(
    {"type": ["container", "image"], "event": [*CONTAINER_ACTIONS, *IMAGE_ACTIONS]}
).decode()


class EventStream(AsyncIterator[EngineEvent]):
    """Events of a subscription that stands; ends only by raising EngineUnreachable."""

    def __init__(self, lines: AsyncGenerator[bytes, None], what: str) -> None:
        """Read from ``lines``; ``what`` completes the sentence "cannot ..." in errors."""
        self._lines = lines
        self._what = what

    async def __anext__(self) -> EngineEvent:
        """Wait for the next event of interest."""
        async for line in self._lines:
            try:
                event = parse_event(line)
            except msgspec.MsgspecError as error:
                raise EngineError(
                    f"cannot {self._what}: the engine sent a line that is no event: {error}"
                ) from error
            if event is not None:
                return event
        raise EngineUnreachable(
            f"cannot {self._what}: the engine ended the stream; it stops or restarts"
        )

    async def aclose(self) -> None:
        """Stop reading; the connection is its owner's."""
        await self._lines.aclose()
