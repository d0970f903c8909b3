"""Credit: so many bytes of a stream may be under way before the other side has taken some."""

import asyncio

#: Bytes under way at most in each direction of a stream.
WINDOW_BYTES = 256 * 1024

#: A piece costs its bytes and this much, so that empty ones are bounded, too.
PIECE_COST = 64


def cost_of(data: bytes) -> int:
    """Give what a piece costs of the window."""
    return len(data) + PIECE_COST


class Credit:
    """What one side may still send."""

    def __init__(self) -> None:
        self._left = WINDOW_BYTES
        self._more = asyncio.Event()

    async def take(self, cost: int) -> None:
        """Wait until a piece may be sent; one goes whenever anything is left."""
        while self._left <= 0:
            self._more.clear()
            await self._more.wait()
        self._left -= cost

    def give(self, cost: int) -> None:
        """Take note that the other side has taken so much."""
        self._left += cost
        self._more.set()
