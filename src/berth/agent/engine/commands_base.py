"""The part of the Engine protocol that runs commands inside containers."""

from typing import Protocol

import msgspec

from berth.domain.ids import ContainerId

#: So much of a command's output is kept: what it said last.
OUTPUT_BYTES = 4096


class CommandResult(msgspec.Struct, frozen=True):
    """How a command ended."""

    #: None when it did not end within its deadline.
    exit_code: int | None
    #: The end of what it wrote to either stream.
    output: str = ""


class CommandEngine(Protocol):
    """What an engine does with commands."""

    async def execute(
        self, container_id: ContainerId, command: tuple[str, ...], *, deadline_s: float
    ) -> CommandResult:
        """Run a command inside a running container and wait for its end.

        One that does not end in time goes on, since engines cannot end it; the same command is
        not begun again in that container before it has. A command that cannot be started has exit
        code 126 or 127. Raises EngineConflict when the container does not run or is paused.
        """
        ...
