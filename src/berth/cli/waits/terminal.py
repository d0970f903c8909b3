"""A program in a container at a terminal, or between pipes."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from typing import Any

from berth.cli.exits import ExitCode
from berth.cli.session import Session
from berth.client import AsyncProgram

#: Bytes of input that are read at once.
PIECE = 32 * 1024


def run_program(
    session: Session, container_id: str, *, command: list[str], tty: bool, options: dict[str, Any]
) -> int:
    """Run a program to its end, and return its exit code; both ends decide about a terminal."""
    tty = tty and sys.stdin.isatty() and sys.stdout.isatty()

    async def work() -> int:
        async with session.open_async() as client:
            opening = client.containers.run(container_id, command, tty=tty, **options)
            async with opening as program:
                with raw_terminal() if tty else contextlib.nullcontext():
                    return await _carry(program, tty=tty)

    return asyncio.run(work())


async def _carry(program: AsyncProgram, *, tty: bool) -> int:
    loop = asyncio.get_running_loop()
    if tty:
        size = shutil.get_terminal_size()
        await program.resize(size.lines, size.columns)
        loop.add_signal_handler(signal.SIGWINCH, lambda: _resize(program))
    feeding = asyncio.create_task(_feed(program))
    try:
        async for printed in program:
            target = sys.stderr if printed.stream == "stderr" else sys.stdout
            target.buffer.write(printed.data)
            target.buffer.flush()
    finally:
        feeding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await feeding
        if tty:
            loop.remove_signal_handler(signal.SIGWINCH)
    return ExitCode.DEFECT if program.exit_code is None else program.exit_code


def _resize(program: AsyncProgram) -> None:
    size = shutil.get_terminal_size()
    task = asyncio.ensure_future(program.resize(size.lines, size.columns))
    _resizing.add(task)
    task.add_done_callback(_resizing.discard)


#: Tasks that tell a size, kept until they are done.
_resizing: set[Any] = set()


async def _feed(program: AsyncProgram) -> None:
    """Send what is typed, or comes out of a pipe, until it ends."""
    while data := await _read_input():
        await program.send(data)
    await program.end_input()


async def _read_input() -> bytes:
    """Read what there is; files are always ready, terminals and pipes are waited for."""
    loop = asyncio.get_running_loop()
    ready, source = asyncio.Event(), sys.stdin.fileno()
    try:
        loop.add_reader(source, ready.set)
    except (OSError, ValueError):
        return await asyncio.to_thread(os.read, source, PIECE)
    try:
        await ready.wait()
        return os.read(source, PIECE)
    finally:
        loop.remove_reader(source)


@contextlib.contextmanager
def raw_terminal() -> Iterator[None]:
    """Let every key go to the program, Ctrl-C too, and give the terminal back afterwards."""
    import termios
    import tty

    source = sys.stdin.fileno()
    before = termios.tcgetattr(source)
    tty.setraw(source)
    try:
        yield
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, before)
