"""A program in a container whose caller waits."""

import contextlib
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from websockets.sync.client import ClientConnection, reconnect

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


class BlockingProgram(Connecting):
    """A program; see ``Program``."""

    _connection: ClientConnection

    def __enter__(self) -> Self:
        self._stack = contextlib.ExitStack()
        with self.translated(opened=False):
            opening = reconnect(self.uri(), **self.connecting())
            self._connection = self._stack.enter_context(opening)
            self._connection.send(self.first_frame())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def __iter__(self) -> Iterator[Printed]:
        with self.translated(opened=True):
            for message in self._connection:
                said = read_message(message)
                if isinstance(said, Ended):
                    self.exit_code = said.exit_code
                    return
                yield said
        raise AnswerLostError("the manager left the program before it ended")

    def send(self, data: bytes) -> None:
        with self.translated(opened=True):
            self._connection.send(input_frame(data))

    def end_input(self) -> None:
        with self.translated(opened=True):
            self._connection.send(text_frame(eof=True))

    def resize(self, rows: int, columns: int) -> None:
        with self.translated(opened=True):
            self._connection.send(text_frame(resize={"rows": rows, "cols": columns}))

    def finish(self) -> Finished:
        output = ProgramOutput()
        self.end_input()
        for printed in self:
            output.take(printed)
        return output.finish(self.exit_code)
