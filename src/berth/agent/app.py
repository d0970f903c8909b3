"""Puts an agent together and runs it: ``berth agent``, or the agent inside ``berth up``."""

import asyncio
import functools
import logging
from typing import Protocol

import aiohttp
import msgspec

from berth.agent.containers.labels import Owner
from berth.agent.data_directory import DataDirectory, Identity
from berth.agent.engine.protocol import Engine
from berth.agent.gateway import key_copy as keys_on_disk
from berth.agent.gateway.gateway import Gateway
from berth.agent.gateway.key_copy import KeyCopy
from berth.agent.link.connector import SessionConnector
from berth.agent.link.join import (
    EngineKnown,
    NotNow,
    check_scheme,
    join,
    parse_token,
    request_of,
    require_https,
)
from berth.agent.link.join_marker import JoinMarker, remove_left_marker
from berth.agent.link.orders import Orders
from berth.agent.link.transport import CONNECT_S, Dialer, dial
from berth.agent.local import state_file as on_disk
from berth.agent.local.context import AgentContext, LiveSettings
from berth.agent.local.desired import Desired, Obeyed
from berth.agent.local.engine_watch import EngineWatch
from berth.agent.local.state_file import StateWriter
from berth.agent.local.supervisor import Supervisor
from berth.agent.options import AgentOptions
from berth.agent.reports.facts import HostFactsReader
from berth.domain.errors import EngineError, StartupError
from berth.domain.settings import Settings
from berth.protocol.rules import is_host_address
from berth.runtime.aio import find_failure, run_until_first
from berth.runtime.clock import Clock, SystemClock
from berth.runtime.complaint import Complaint
from berth.runtime.exit_codes import Exit
from berth.runtime.ids import jitter
from berth.runtime.tls import read_one_certificate

log = logging.getLogger(__name__)

#: Longest wait of the first session for the engine, to be able to describe it.
ENGINE_FIRST_S = 2.0

#: Where Docker listens unless an option says otherwise.
DEFAULT_ENGINE = "unix:///var/run/docker.sock"

#: First and longest wait between tries to join.
JOIN_RETRY_S = (0.2, 5.0)


async def run_agent(
    options: AgentOptions,
    *,
    engine: Engine | None = None,
    clock: Clock | None = None,
    stopped: asyncio.Event,
) -> None:
    """Run an agent until ``stopped`` is set; containers keep running. Raises StartupError."""
    clock = clock or SystemClock()
    directory = DataDirectory(options.data_dir)
    directory.open()
    try:
        serving = _serve(options, engine, clock=clock, directory=directory)
        results = await run_until_first(serving, stopped.wait())
        if (failure := find_failure(results)) is not None:
            raise failure
    finally:
        directory.close()


async def _serve(
    options: AgentOptions, engine: Engine | None, *, clock: Clock, directory: DataDirectory
) -> None:
    epoch = directory.count_start(clock.now())
    identity = directory.read_identity()
    _check_addresses(options)
    _check_join(options, identity)
    own_engine = None if engine is not None else _connect_engine(options.engine_url)
    engine = engine or own_engine
    assert engine is not None
    host = HostFactsReader(
        clock,
        address=options.address,
        public_address=options.public_address,
        engine_id=identity.engine_id if identity else "",
    )
    try:
        await remove_left_marker(engine, directory)
        async with aiohttp.ClientSession() as http:
            if identity is None:
                identity = await _join(
                    options, http, engine=engine, host=host, clock=clock, directory=directory
                )
                directory.write_identity(identity)
                log.info("joined the manager as host %s", identity.name)
            manager_url = _manager_url(options, identity)
            host.route_to(manager_url)
            agent = Agent(directory, identity, engine=engine, host=host, clock=clock, epoch=epoch)
            await agent.run(
                functools.partial(dial, http, manager_url, identity=identity, now=clock.now)
            )
    finally:
        if own_engine is not None:
            await own_engine.close()


class Part(Protocol):
    """Something of an agent that runs as long as it does."""

    async def run(self) -> None:
        """Run until cancelled."""
        ...


class Agent:
    """The parts of an agent that has an identity."""

    def __init__(
        self,
        directory: DataDirectory,
        identity: Identity,
        *,
        engine: Engine,
        host: HostFactsReader,
        clock: Clock,
        epoch: int,
    ) -> None:
        kept = on_disk.load(directory)
        live = LiveSettings(kept.settings if kept else Settings())
        owner = Owner(identity.instance_id, identity.host_id)
        self.shared = AgentContext(
            engine=engine, owner=owner, host=host, clock=clock, live=live, epoch=epoch
        )
        self.supervisor = Supervisor(self.shared)
        self.watch = EngineWatch(self.shared, self.supervisor)
        obeyed = kept.obeyed if kept else Obeyed(instance_id=identity.instance_id)
        desired = Desired(obeyed, kept.assignments if kept else ())
        self.keys = KeyCopy(keys_on_disk.load(directory))
        self.orders = Orders(self.shared, self.supervisor, desired=desired, keys=self.keys)
        self.writers = (
            StateWriter(directory, clock, content=self.orders.content, changed=self.shared.changed),
            StateWriter(
                directory,
                clock,
                content=self.keys.content,
                changed=self.keys.changed,
                file=keys_on_disk.FILE,
            ),
        )
        self.shared.disks.data_dir = str(directory.path)
        self.gateway = Gateway(self.keys, host, engine=engine, clock=clock)
        if kept is not None:
            self.supervisor.restore(kept.assignments, on_disk.attempts_from_saved(kept))

    async def run(self, dialer: Dialer) -> None:
        """Run until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for part in self._parts():
                    group.create_task(part.run())
                await self.watch.wait_first(ENGINE_FIRST_S)
                connector = SessionConnector(
                    dialer, self.shared, supervisor=self.supervisor, orders=self.orders
                )
                group.create_task(connector.run())
        finally:
            await self.supervisor.close()
            for writer in self.writers:
                writer.save_now()

    def _parts(self) -> tuple[Part, ...]:
        shared = self.shared
        return (
            self.watch, shared.inventory, shared.volumes, shared.images, shared.usage, shared.disks,
            shared.prober, shared.networks, shared.former_hosts, self.gateway, *self.writers,
        )  # fmt: skip


def _connect_engine(url: str) -> Engine:
    """Connect to the real engine; imported here, since tests bring their own."""
    from berth.agent.engine.docker.engine import DockerEngine

    return DockerEngine(url or DEFAULT_ENGINE)


def _manager_url(options: AgentOptions, identity: Identity | None) -> str:
    url = options.manager_url or (identity.manager_url if identity else "")
    return url.rstrip("/")


def _check_addresses(options: AgentOptions) -> None:
    told = {"--address": options.address, "--public-address": options.public_address}
    for option, text in told.items():
        if not is_host_address(text):
            raise StartupError(
                f"{option} {text!r} is neither an IP address nor the name of a host.",
                exit_code=Exit.USAGE,
            )


def _check_join(options: AgentOptions, identity: Identity | None) -> None:
    if identity is not None:
        if identity.ca:
            manager_url = _manager_url(options, identity)
            require_https(manager_url, "This host joined over HTTPS", exit_code=Exit.USAGE)
            _check_authority(options, identity)
        return
    if not options.join_token or not options.manager_url:
        raise StartupError(
            f"This agent has no identity in {options.data_dir} yet: start it once with the "
            "manager's address and a join token (--join-file FILE).",
            exit_code=Exit.JOIN_REFUSED,
        )
    check_scheme(options.manager_url, parse_token(options.join_token))


def _check_authority(options: AgentOptions, identity: Identity) -> None:
    """Refuse an identity that trusts more than one authority, or none that can be read.

    The join has always checked the first certificate alone. What follows it comes from somebody
    in the path, who then had the answer with the credential as well.
    """
    try:
        read_one_certificate(identity.ca)
    except ValueError as exc:
        raise StartupError(
            f"The identity in {options.data_dir} cannot be trusted: its authority must be one "
            f"certificate and nothing else ({exc}). Somebody may have been between this host and "
            "its manager at the join, and then knows the join token and this host's credential. "
            f"Rotate the join token, check what runs on this host, delete host {identity.name} "
            f"at the manager, empty {options.data_dir} and join again.",
            exit_code=Exit.DATA_DIR,
        ) from exc


async def _join(
    options: AgentOptions,
    http: aiohttp.ClientSession,
    *,
    engine: Engine,
    host: HostFactsReader,
    clock: Clock,
    directory: DataDirectory,
) -> Identity:
    """Join, however long it takes until manager and engine answer. Raises StartupError."""
    manager_url = _manager_url(options, None)
    token = parse_token(options.join_token)
    complaint = Complaint(log, clock)
    wait_s = JOIN_RETRY_S[0]
    while True:
        try:
            host.note_engine(await engine.info())
            host.route_to(manager_url)
            request = request_of(
                host.facts(), name=options.name, pool=options.pool, tags=options.tags
            )
            ask = functools.partial(join, http, manager_url, token=token)
            try:
                async with asyncio.timeout(2 * CONNECT_S):
                    return await ask(request=request)
            except EngineKnown:
                mark = JoinMarker(engine, directory)
                async with mark, asyncio.timeout(2 * CONNECT_S):
                    marked = msgspec.structs.replace(request, marker=mark.name)
                    return await ask(request=marked)
        except EngineError as exc:
            complaint.log_once(f"the join waits for the container engine: {exc}")
        except (NotNow, TimeoutError) as exc:
            complaint.log_once(f"the join is tried again and again: {exc or 'no answer in time'}")
        await clock.sleep(jitter(wait_s / 2, wait_s))
        wait_s = min(wait_s * 2, JOIN_RETRY_S[1])
