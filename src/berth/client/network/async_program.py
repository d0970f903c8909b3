"""A program in a container whose caller awaits it."""

import contextlib
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from websockets.asyncio.client import ClientConnection, connect

from berth.client.errors import AnswerLostError
from berth.client.network.sockets import (
    Connecting,
    Ended,
    ProgramOutput,
    input_frame,
    read_message,
    text_frame,
)
from berth.client.programs import Finished, Printed


class AwaitedProgram(Connecting):
    """A program; see ``AsyncProgram``."""

    _connection: ClientConnection

    async def __aenter__(self) -> Self:
        self._stack = contextlib.AsyncExitStack()
        with self.translated(opened=False):
            opening = connect(self.uri(), **self.connecting())
            self._connection = await self._stack.enter_async_context(opening)
            await self._connection.send(self.first_frame())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def __aiter__(self) -> AsyncIterator[Printed]:
        with self.translated(opened=True):
            async for message in self._connection:
                said = read_message(message)
                if isinstance(said, Ended):
                    self.exit_code = said.exit_code
                    return
                yield said
        raise AnswerLostError("the manager left the program before it ended")

    async def send(self, data: bytes) -> None:
        with self.translated(opened=True):
            await self._connection.send(input_frame(data))

    async def end_input(self) -> None:
        with self.translated(opened=True):
            await self._connection.send(text_frame(eof=True))

    async def resize(self, rows: int, columns: int) -> None:
        with self.translated(opened=True):
            await self._connection.send(text_frame(resize={"rows": rows, "cols": columns}))

    async def finish(self) -> Finished:
        output = ProgramOutput()
        await self.end_input()
        async for printed in self:
            output.take(printed)
        return output.finish(self.exit_code)
