"""The four programs: manager, agent, both in one, and the join token; loads only what one needs."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from berth import __version__
from berth.domain.errors import StartupError
from berth.runtime.exit_codes import Exit
from berth.runtime.logs import set_up_logging

log = logging.getLogger("berth")

DEFAULT_LISTEN = "0.0.0.0:8443"
DEFAULT_CONNECTIONS = 8192
DEFAULT_UNKNOWN = 128
#: Sources that can have as many unknown connections as one may have.
SOURCES = 3
DEFAULT_ENGINE = "unix:///var/run/docker.sock"


def run_program(arguments: list[str]) -> int:
    """Run a program and return its exit code, see ``runtime/exit_codes.py``."""
    parser = _parser()
    options = parser.parse_args(arguments)
    command: Callable[[argparse.Namespace], int] | None = getattr(options, "command", None)
    if command is None:
        parser.print_help()
        return Exit.USAGE
    set_up_logging(verbose=options.verbose)
    try:
        return command(options)
    except StartupError as failure:
        print(f"berth: {failure}", file=sys.stderr)
        return failure.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="berth", description=sys.modules["berth"].__doc__)
    parser.add_argument("--version", action="version", version=f"berth {__version__}")
    parser.add_argument("--verbose", action="store_true", help="log more")
    commands = parser.add_subparsers(metavar="COMMAND")

    manager = commands.add_parser("manager", help="run the manager")
    _add_data(manager)
    _add_listen(manager)
    manager.add_argument("--database", default="", metavar="URL",
                         help="postgresql://... or sqlite:///...; default: SQLite in DIR")  # fmt: skip
    manager.add_argument("--connections", type=_count, default=DEFAULT_CONNECTIONS, metavar="N",
                         help=f"connections at once; default {DEFAULT_CONNECTIONS}")  # fmt: skip
    manager.add_argument("--unknown-per-source", type=_count, default=DEFAULT_UNKNOWN, metavar="N",
                         help="connections at once from one address on which nobody has shown a "
                         f"credential; default {DEFAULT_UNKNOWN}, and {SOURCES} times as many "
                         "in all")  # fmt: skip
    manager.add_argument("--trusted-proxy", action="append", default=[], metavar="NETWORK",
                         help="address or network of a proxy whose X-Forwarded-For is believed; "
                         "repeatable")  # fmt: skip
    manager.set_defaults(command=_run_manager)

    agent = commands.add_parser("agent", help="run the agent of this host")
    _add_data(agent)
    agent.add_argument("--manager", required=True, metavar="URL", help="the manager's address")
    agent.add_argument("--join-file", default="", metavar="FILE",
                       help="file with the join token, - is standard input; read at the first start "
                       "only; default: the variable BERTH_JOIN_TOKEN")  # fmt: skip
    agent.add_argument("--join", default="", metavar="TOKEN",
                       help="the join token itself, which every user of this machine can "
                       "read then")  # fmt: skip
    _add_engine(agent)
    for name, text in (
        ("--name", "name of the host; default: its hostname"),
        ("--address", "address of published ports; default: the one that routes to the manager"),
        ("--public-address", "address under which the public reaches this host"),
        ("--pool", "id of the pool to join"),
    ):
        agent.add_argument(name, default="", help=text)
    agent.add_argument("--tag", action="append", default=[], help="tag of the host; repeatable")
    agent.set_defaults(command=_run_agent)

    up = commands.add_parser("up", help="run manager and agent together, for one machine")
    _add_data(up)
    _add_listen(up)
    _add_engine(up)
    up.set_defaults(command=_run_up)

    token = commands.add_parser("join-token", help="print the token with which hosts join")
    _add_data(token)
    token.set_defaults(command=_print_join_token)
    return parser


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="data directory")


def _add_listen(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--listen", type=_address, default=DEFAULT_LISTEN, metavar="HOST:PORT",
                        help=f"default {DEFAULT_LISTEN}")  # fmt: skip
    parser.add_argument("--plain-http", action="store_true", help="serve HTTP instead of HTTPS")


def _add_engine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engine", default=DEFAULT_ENGINE, metavar="URL",
                        help=f"the container engine; default {DEFAULT_ENGINE}")  # fmt: skip


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, for example 0.0.0.0:8443")
    return host.strip("[]") or "0.0.0.0", int(port)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:9]) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 1000000")
    return int(text)


def _run_manager(options: argparse.Namespace) -> int:
    from berth.api.connections.limits import Limits
    from berth.api.connections.proxies import read_proxies
    from berth.manager import ManagerOptions, run_manager
    from berth.runtime.clock import SystemClock

    manager = ManagerOptions(
        data_dir=options.data,
        listen=options.listen,
        plain_http=options.plain_http,
        database_url=options.database,
        limits=Limits(
            connections=options.connections,
            strangers_per_source=options.unknown_per_source,
            strangers=SOURCES * options.unknown_per_source,
            proxies=read_proxies(options.trusted_proxy),
        ),
    )

    def serving(url: str) -> None:
        log.info("the manager serves at %s", url)

    return _run_until_signal(
        lambda stopped: run_manager(manager, clock=SystemClock(), stopped=stopped, on_ready=serving)
    )


def _run_agent(options: argparse.Namespace) -> int:
    from berth.agent.app import run_agent
    from berth.agent.link.join_source import find_join_token
    from berth.agent.options import AgentOptions

    agent = AgentOptions(
        data_dir=options.data,
        manager_url=options.manager,
        join_token=find_join_token(
            options.join, options.join_file, data_dir=options.data, environment=os.environ
        ),
        engine_url=options.engine,
        name=options.name,
        address=options.address,
        public_address=options.public_address,
        pool=options.pool,
        tags=tuple(options.tag),
    )
    return _run_until_signal(lambda stopped: run_agent(agent, stopped=stopped))


def _run_up(options: argparse.Namespace) -> int:
    from berth.up import UpOptions, run_up

    up = UpOptions(
        data_dir=options.data,
        listen=options.listen,
        plain_http=options.plain_http,
        engine_url=options.engine,
    )
    return _run_until_signal(lambda stopped: run_up(up, stopped=stopped))


def _print_join_token(options: argparse.Namespace) -> int:
    from berth.control.hosts.join_token import read_join_token

    try:
        token = read_join_token(options.data)
    except OSError as exc:
        raise StartupError(
            f"the join token in {options.data} cannot be read: {exc.strerror}",
            exit_code=Exit.DATA_DIR,
        ) from exc
    if not token:
        raise StartupError(
            f"{options.data} holds no join token: start the manager on it once",
            exit_code=Exit.DATA_DIR,
        )
    print(token)
    return Exit.DONE


def _run_until_signal(start: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> int:
    """Run a program until SIGTERM or SIGINT asks it to end."""
    import uvloop

    async def run() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        await start(stopped)

    uvloop.run(run())
    return Exit.DONE
