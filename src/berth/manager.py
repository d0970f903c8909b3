"""Composition root of the manager: puts the packages together and runs them until told to end."""

import asyncio
import contextlib
import gc
import logging
import os
import socket
import ssl
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from berth import __version__
from berth.api.app import create_app
from berth.api.connections.limits import Limits
from berth.api.connections.server import GRACE_S, Server, make_config
from berth.api.console import ConsoleFiles
from berth.api.services import Services, VersionInfo
from berth.control.accounts.users import create_admin
from berth.control.definitions.library import create_shipped_definitions, read_library
from berth.control.hosts.join_token import JoinToken
from berth.control.images.registries import (
    REGISTRY_ID_BYTES,
    create_shipped_registry,
    find_credentials,
)
from berth.control.pools import create_shipped_pools
from berth.domain.errors import StartupError, StoreFailed
from berth.domain.images import Credentials
from berth.domain.records import Actor
from berth.domain.states import Severity
from berth.manager_loops import ManagerLoops
from berth.runtime import tls
from berth.runtime.aio import run_until_first
from berth.runtime.clock import Clock
from berth.runtime.exit_codes import Exit
from berth.runtime.files import make_private_directory, write_private
from berth.runtime.ids import new_password, new_token, new_uuid
from berth.runtime.loop import Wakeup, run_loop
from berth.runtime.open_files import raise_open_files
from berth.runtime.secrets import KEY_FILE, Secrets, Undecipherable
from berth.store.draft import NewEvent
from berth.store.store import Store

log = logging.getLogger(__name__)

DEFAULT_LISTEN = ("0.0.0.0", 8443)
#: Deadline for the server's start.
START_S = 30
#: Time between two checks of the server's certificate.
CERTIFICATES_S = 24 * 3600.0
#: The end of the authority is told from this time before it on.
AUTHORITY_WARNED_S = 365 * 24 * 3600.0
#: Files that are not connections of clients: the database, logs, connections to registries.
OTHER_FILES = 256
#: The database where no other was given.
DATABASE = "berth.db"
#: Holds the URL of the database that was given last.
DATABASE_URL = "database-url"


class ManagerOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of ``berth manager``."""

    data_dir: Path
    listen: tuple[str, int] = DEFAULT_LISTEN
    plain_http: bool = False
    #: "" uses the URL that the data directory keeps, at first SQLite inside it.
    database_url: str = ""
    limits: Limits = Limits()


async def run_manager(
    options: ManagerOptions,
    *,
    clock: Clock,
    stopped: asyncio.Event,
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Run a manager until ``stopped`` is set; ``on_ready`` gets its URL once it serves.

    Raises StartupError when it cannot start, or when another manager took its data over.
    """
    data_dir = prepare_data_dir(options.data_dir)
    _check_whole(data_dir, url=_database_url(data_dir, options.database_url))
    listening = _listen(options.listen)
    url = _database_url(data_dir, options.database_url)
    lock_path = data_dir / "manager.lock"
    opening = Store.open(url, clock=clock, new_instance_id=new_uuid, lock_path=lock_path)
    # A database that hangs must not keep a manager that is asked to end.
    store, _ = await run_until_first(opening, stopped.wait())
    if not isinstance(store, Store):
        listening.close()
        if isinstance(store, asyncio.CancelledError):
            log.warning("stopped before the data was open")
            return
        raise store
    # Only who has the lock writes anything: another start must not change what this one finds.
    try:
        if options.database_url:
            write_private(data_dir / DATABASE_URL, f"{url}\n".encode())
        secrets = Secrets.read_or_make(data_dir)
        certificates = None if options.plain_http else await _certificates(data_dir, clock)
    except BaseException:
        listening.close()
        await store.close()
        raise
    manager = Manager(
        store,
        clock=clock,
        secrets=secrets,
        data_dir=data_dir,
        limits=_fit_limits(options.limits),
    )
    try:
        await manager.seed(data_dir)
        await manager.serve(
            listening,
            join_token=JoinToken(data_dir, certificates.ca_fingerprint() if certificates else None),
            certificates=certificates,
            stopped=stopped,
            on_ready=on_ready,
        )
    finally:
        listening.close()
        await manager.close()


class Manager:
    """A store with everything that works on it."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        secrets: Secrets,
        data_dir: Path | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._store = store
        self._clock = clock
        self._secrets = secrets
        self.loops = ManagerLoops(
            store,
            clock=clock,
            reveal=secrets.decrypt,
            sign=secrets.sign,
            find_login=self._find_login,
        )
        if data_dir is not None:
            self.loops.watch_disk(store, data_dir)
        self._ready = False

    def _find_login(self, image: str) -> Credentials | None:
        """Return the login for an image; none when there is none, or it cannot be read."""
        registries = self._store.memory.registries
        try:
            return find_credentials(registries, image, decrypt=self._secrets.decrypt)
        except Undecipherable:
            log.warning("the password of the registry of %s was encrypted with another key: "
                        "set it again", image)  # fmt: skip
            return None

    async def seed(self, data_dir: Path) -> None:
        """Add its pools, its registry and its administrator to a fresh instance."""
        if not self._store.memory.pools and not self._store.memory.users:
            shipped = await asyncio.to_thread(read_library)
            await self._store.run(create_shipped_pools)
            await self._store.run(lambda draft: create_shipped_definitions(draft, shipped))
            registry_id = new_token(REGISTRY_ID_BYTES)
            await self._store.run(lambda draft: create_shipped_registry(draft, registry_id))
        if not self._store.memory.users:
            password = os.environ.get("BERTH_ADMIN_PASSWORD", "")
            if not password:
                password = new_password()
                write_private(data_dir / "admin-password", f"{password}\n".encode())
                log.info("the password of admin is in %s", data_dir / "admin-password")
            password_hash = await self._secrets.hash_password(password)
            await self._store.run(
                lambda draft: create_admin(draft, "admin", password_hash=password_hash)
            )

    async def serve(
        self,
        listening: socket.socket,
        *,
        join_token: JoinToken,
        certificates: tls.TlsFiles | None,
        stopped: asyncio.Event,
        on_ready: Callable[[str], None],
    ) -> None:
        """Run loops and server until stopped; raises StartupError when the data was taken over."""
        join_token.read_or_make()
        services = Services(
            store=self._store,
            clock=self._clock,
            secrets=self._secrets,
            agents=self.loops.dispatcher.agents,
            sessions=self.loops.dispatcher,
            join_token=join_token,
            ca_pem=certificates.ca_pem() if certificates else None,
            version=VersionInfo(version=__version__),
            console=await asyncio.to_thread(ConsoleFiles.read_shipped),
            ready=lambda: self._ready,
            manager_name=socket.gethostname(),
            started_at=self._clock.now(),
            proxies=self._limits.proxies,
        )
        config = make_config(
            create_app(services),
            chain=certificates.chain if certificates else None,
            key=certificates.key if certificates else None,
        )
        server = Server(config, limits=self._limits)
        work = self.loops.start()
        serving = asyncio.create_task(server.serve(sockets=[listening]), name="server")
        ends = [
            asyncio.create_task(stopped.wait(), name="stop"),
            asyncio.create_task(self._store.lost_lease.wait(), name="lease"),
        ]
        try:
            async with asyncio.timeout(START_S):
                await server.serving.wait()
            if certificates is not None and config.ssl is not None:
                renewing = self._renew(certificates, config.ssl)
                work.append(asyncio.create_task(renewing, name="certificates"))
            # What is there now stays: it need not be searched for garbage again and again.
            gc.collect()
            gc.freeze()
            self._ready = True
            on_ready(_url_of(listening, tls_on=certificates is not None))
            done, _ = await asyncio.wait(
                [*ends, *work, serving], return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
            if self._store.lost_lease.is_set():
                raise StartupError(
                    "another manager took this instance's data over; this one ends",
                    exit_code=Exit.LEASE_LOST,
                )
        finally:
            self._ready = False
            services.stopping.set()
            server.should_exit = True
            await self.loops.dispatcher.close()
            await asyncio.wait([serving], timeout=GRACE_S + 2)
            await _cancel([*ends, *work, serving])

    async def _renew(self, certificates: tls.TlsFiles, context: ssl.SSLContext) -> None:
        """Renew the server's certificate when it is due, checking once a day, and use the new one."""

        async def renew_when_due() -> str:
            now = self._clock.now()
            await self._warn_of_end(certificates)
            renewed = await asyncio.to_thread(
                lambda: tls.renew(certificates, names=tls.local_names(), now=now)
            )
            if not renewed:
                return ""
            # On the loop, where no handshake comes between the certificate and its key.
            context.load_cert_chain(certificates.chain, certificates.key)
            return "the server's certificate was renewed"

        await self._warn_of_end(certificates)
        # They were looked at just before the manager served.
        await self._clock.sleep(CERTIFICATES_S)
        await run_loop(
            "certificates",
            renew_when_due,
            wakeup=Wakeup(),
            resync_s=lambda: CERTIFICATES_S,
            clock=self._clock,
        )

    async def _warn_of_end(self, certificates: tls.TlsFiles) -> None:
        """Raise a status in the year before the authority ends: hosts must join again then."""
        ends_at = certificates.authority_ends_at()
        if ends_at.timestamp() - self._clock.now() > AUTHORITY_WARNED_S:
            return
        event = NewEvent(
            key="authority_ends",
            severity=Severity.WARNING,
            summary=f"the instance's certificate authority ends on {ends_at:%Y-%m-%d}: before that, "
            f"move {certificates.ca.parent} away, restart the manager and let every host join again",
            actor=Actor("system", self._store.memory.instance.id, "manager"),
            makes_status=True,
            repeats=True,
        )
        with contextlib.suppress(StoreFailed):
            await self._store.run(lambda draft: draft.record_event(event))

    async def close(self) -> None:
        """Write what waits and let go of the data."""
        await self.loops.close()
        await self._store.close()
        self._secrets.close()


def prepare_data_dir(path: Path) -> Path:
    """Make the data directory (0700) if it is missing. Raises StartupError."""
    try:
        make_private_directory(path)
        probe = path / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as exc:
        raise StartupError(
            f"the data directory {path} cannot be used: {exc.strerror or exc}",
            exit_code=Exit.DATA_DIR,
        ) from exc
    if mode & 0o022:
        log.warning("the data directory %s can be written by others than its owner", path)
    return path.resolve()


def _check_whole(data_dir: Path, *, url: str) -> None:
    """Refuse a key whose database is gone: a new instance there would know none of its hosts.

    Raises StartupError.
    """
    file = data_dir / DATABASE
    if url != f"sqlite:///{file}" or not (data_dir / KEY_FILE).exists():
        return
    if not file.exists() or file.stat().st_size == 0:
        raise StartupError(
            f"{data_dir} has the key of an instance ({KEY_FILE}), but its database {DATABASE} is "
            f"{'empty' if file.exists() else 'missing'}: put the database back from a backup, or "
            "choose another data directory to begin a new instance",
            exit_code=Exit.DATA_DIR,
        )


def _listen(address: tuple[str, int]) -> socket.socket:
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it: no answer waits 40 ms for the acknowledgement of its own headers.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listening.bind((host, port))
        listening.listen(1024)
    except (OSError, OverflowError) as exc:
        listening.close()
        reason = getattr(exc, "strerror", None) or exc
        raise StartupError(
            f"cannot listen on {host}:{port}: {reason}", exit_code=Exit.ADDRESS
        ) from exc
    listening.setblocking(False)
    return listening


def _fit_limits(limits: Limits) -> Limits:
    """Return limits with no more connections than there can be open files beside the others."""
    files = raise_open_files()
    connections = max(1, min(limits.connections, files - OTHER_FILES))
    if connections < limits.connections:
        log.warning("at most %d connections, since this process may open %d files only",
                    connections, files)  # fmt: skip
    return msgspec.structs.replace(limits, connections=connections)


async def _certificates(data_dir: Path, clock: Clock) -> tls.TlsFiles:
    return await asyncio.to_thread(
        lambda: tls.read_or_make(data_dir / "tls", names=tls.local_names(), now=clock.now())
    )


def _database_url(data_dir: Path, given: str) -> str:
    """Return the URL to use: the one that was given, or else the one that was given last."""
    if given:
        return given
    kept = data_dir / DATABASE_URL
    if kept.exists():
        return kept.read_text().strip()
    return f"sqlite:///{data_dir / DATABASE}"


def _url_of(listening: socket.socket, *, tls_on: bool) -> str:
    host, port = listening.getsockname()[:2]
    shown = "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host
    return f"{'https' if tls_on else 'http'}://{shown}:{port}"


async def _cancel(tasks: list["asyncio.Task[Any]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
