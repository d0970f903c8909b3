"""The WebSocket of a session, as the manager's side needs it."""

from typing import Protocol


class SessionSocket(Protocol):
    """An accepted WebSocket of an agent."""

    async def receive_bytes(self) -> bytes:
        """Return the next frame; raises EOFError when the agent is gone."""
        ...

    async def send_bytes(self, data: bytes) -> None:
        """Send one frame; raises EOFError when the agent is gone."""
        ...
