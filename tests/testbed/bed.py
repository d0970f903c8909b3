"""A bed: its life from up to down."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from .command import BedError
from .host import Host
from .images import standard_images
from .network import Network, free_subnet
from .packages import why_unavailable
from .processes import ProcessGroup, start_time
from .registry import Registry, find_certificate, start_registry
from .state import (
    BedState,
    Credentials,
    find_beds,
    get_detached,
    group_of,
    machine_lock,
    new_id,
)
from .teardown import remove_bed, sweep_abandoned


class Bed:
    """Hosts with real engines, a registry and a network between them."""

    def __init__(self, state: BedState, engine_options: Mapping[str, object]) -> None:
        self._state = state
        self._engine_options = engine_options
        self._network = Network(state.id, state.subnet)
        self._changes = threading.Lock()
        self.hosts = [self._host(int(name[1:])) for name in state.hosts]
        self.registries = [
            Registry(address, who, certificate=find_certificate(self._registry_folder(number)))
            for number, (address, who) in enumerate(state.registries, 1)
        ]

    @classmethod
    def up(
        cls,
        hosts: int = 3,
        *,
        detached: bool = False,
        engine_options: Mapping[str, object] | None = None,
    ) -> Self:
        """Make a bed and return it when all engines and the registry answer.

        It is gone at the end of the `with`, of the program, or after a kill of the program when
        the next bed comes up. A detached one stays until `script/testbed down`.
        `engine_options` are keys of Docker's daemon.json. Raises BedError when it cannot be.
        """
        if reason := why_unavailable():
            raise BedError(reason)
        bed = cls(_claim(detached), engine_options or {})
        if not detached:
            atexit.register(bed._down_at_exit)
        try:
            bed._build(hosts)
        except BaseException:
            bed.down()
            raise
        return bed

    @classmethod
    def attach(cls) -> Self:
        """Return the bed that `script/testbed up` left running; leaving a `with` keeps it."""
        return cls(get_detached(), {})

    def __enter__(self) -> Self:
        """Return the bed itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the bed unless it is a detached one."""
        if not self._state.detached:
            self.down()

    @property
    def id(self) -> str:
        """Four hexadecimal digits that are part of all names of this bed."""
        return self._state.id

    @property
    def gateway_ip(self) -> str:
        """The root namespace's address on the bed: here a manager listens for its hosts."""
        return self._network.gateway_ip

    @property
    def subnet(self) -> str:
        """The network that the hosts and the gateway share."""
        return self._network.subnet

    @property
    def registry(self) -> Registry:
        """The registry without a password."""
        return self.registries[0]

    def image(self, name: str) -> str:
        """Return the full reference of one of the standard images, such as `web:1`."""
        return self.registry.image(name)

    def image_names(self) -> list[str]:
        """Return what `image` takes."""
        return list(standard_images()) if self.registries else []

    def add_host(self) -> Host:
        """Add a host and return it when its engine answers."""
        host = self._new_host()
        host.start_engine()
        return host

    def start_registry(self, *, auth: tuple[str, str] | None = None, tls: bool = False) -> Registry:
        """Start one more registry, with the standard images in it as well.

        `auth` is the user and the password it asks for; with `tls` it has a certificate of its own.
        """
        credentials = Credentials(*auth) if auth else None
        with self._changes:
            number = len(self.registries) + 1
            group = ProcessGroup(f"{group_of(self.id)}/registry-{number}")
            registry = start_registry(
                self._registry_folder(number),
                self.gateway_ip,
                group=group,
                credentials=credentials,
                tls=tls,
            )
            self.registries.append(registry)
            self._state.registries.append((registry.address, credentials))
            self._state.save()
        registry.push_standard_images()
        return registry

    def down(self) -> None:
        """End and remove everything of this bed; safe to repeat."""
        remove_bed(self.id)
        atexit.unregister(self._down_at_exit)

    def _build(self, hosts: int) -> None:
        """Make the network, then start engines and registry side by side."""
        self._network.make_bridge()
        for _ in range(hosts):
            self._new_host()
        with ThreadPoolExecutor(max_workers=8) as pool:
            starts = [pool.submit(host.start_engine) for host in self.hosts]
            registry = pool.submit(self.start_registry)
        for start in starts:
            start.result()
        registry.result()

    def _new_host(self) -> Host:
        with self._changes:
            host = self._host(len(self.hosts) + 1)
            host.make(self._engine_options)
            self.hosts.append(host)
            self._state.hosts.append(host.name)
            self._state.save()
        return host

    def _registry_folder(self, number: int) -> Path:
        return self._state.folder / f"registry-{number}"

    def _host(self, number: int) -> Host:
        return Host(number, self._network, folder=self._state.folder, group=group_of(self.id))

    def _down_at_exit(self) -> None:
        """Remove the bed when its program forgot to; a forked child is not that program."""
        if os.getpid() == self._state.owner_pid:
            self.down()


def _claim(detached: bool) -> BedState:
    """Choose an id and a subnet that nobody has, after removing what dead programs left."""
    pid = os.getpid()
    with machine_lock():
        sweep_abandoned()
        others = [state for state in find_beds().values() if state is not None]
        if detached and any(state.detached for state in others):
            raise BedError("A bed is already up. Remove it first with `script/testbed down`.")
        state = BedState(
            id=new_id(),
            subnet=free_subnet({state.subnet for state in others}),
            owner_pid=pid,
            owner_start=start_time(pid) or 0,
            detached=detached,
        )
        state.folder.mkdir(mode=0o700)
        state.save()
        return state
