"""Start one Docker engine with everything of its own, and ask it whether it is there."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from .command import BedError, run_command, wait_until
from .packages import find_program
from .processes import ProcessGroup, start_time

#: From this version on an engine keeps its id in its own data, not in /etc/docker.
_OWN_ID_SINCE = 24
_START_TIMEOUT = 30.0


class Engine:
    """The files and the processes of one engine; it runs inside its host's namespaces."""

    def __init__(self, folder: Path, group: str, *, enter: list[str]) -> None:
        self.folder = folder
        self.socket = folder / "docker.sock"
        self.data = folder / "data"
        self.processes = ProcessGroup(f"{group}/engine")
        self.containers = ProcessGroup(f"{group}/containers")
        self._enter = enter
        self._runtime = folder / "run"
        self._log = folder / "dockerd.log"
        self._settings = folder / "daemon.json"

    def configure(self, subnet: str, options: Mapping[str, object]) -> None:
        """Write the engine's settings; `options` are keys of daemon.json that win over ours."""
        settings: dict[str, object] = {
            "hosts": [f"unix://{self.socket}"],
            "data-root": str(self.data),
            "exec-root": str(self._runtime),
            "pidfile": str(self.folder / "dockerd.pid"),
            "log-level": "warn",
            "storage-driver": "overlay2",
            "insecure-registries": [subnet],
            # Below the bed's own group: so its containers' processes can be told from others'.
            "cgroup-parent": f"/{self.containers.path}",
            "exec-opts": ["native.cgroupdriver=cgroupfs"],
            # Packet filter rules alone reach published ports from everywhere: the root
            # namespace, other hosts, the host itself (127.0.0.1 too) and its containers.
            "userland-proxy": False,
        }
        if _engine_version() < _OWN_ID_SINCE:
            # Its id is this key's fingerprint: with the usual path all hosts had the same.
            settings["deprecated-key-path"] = str(self.folder / "key.json")
        self.folder.mkdir(exist_ok=True)
        self._settings.write_text(json.dumps({**settings, **options}, indent=1))

    def start(self) -> None:
        """Start the engine unless it runs; return when it answers.

        Raises BedError with the end of its log when that takes more than 30 s.
        """
        if self.pid is None:
            self._forget_ended_processes()
            # containerd keeps traces of trouble in TMPDIR.
            own_files = ["env", f"TMPDIR={self.folder}"]
            command = [find_program("dockerd"), f"--config-file={self._settings}"]
            argv = [*own_files, *self._enter, *command]
            self.processes.start_detached(argv, self._log)
        try:
            wait_until(
                self._is_settled, _START_TIMEOUT, what=f"the engine at {self.socket} to answer"
            )
        except BedError as error:
            raise BedError(f"{error} The end of its log:\n{self.log_tail()}") from error
        if not self.answers():
            raise BedError(f"The engine at {self.socket} ended:\n{self.log_tail()}")

    def crash(self) -> None:
        """End the engine and its containers at once, as a power failure does, and clear /run."""
        sockets = find_shim_sockets(self._runtime)
        self.processes.kill()
        self.containers.kill()
        self.containers.remove()
        for path in sockets:
            path.unlink(missing_ok=True)

    def stop(self, number: signal.Signals, timeout: float) -> None:
        """End dockerd by a signal and wait until it is gone; nothing happens when it is not there.

        With SIGTERM it stops its containers first. Its containerd ends with it, a little later: an
        engine that is started before that takes it for its own, and fails.
        """
        dockerd = self.pid
        if dockerd is None:
            return
        file = self._runtime / "containerd" / "containerd.pid"
        both = [dockerd, *([int(file.read_text() or 0)] if file.exists() else [])]
        self.processes.signal(number, [dockerd])
        what = f"the engine at {self.socket} to end"
        wait_until(lambda: not any(start_time(pid) for pid in both), timeout, what=what)

    def answers(self) -> bool:
        """Return whether the engine's API answers."""
        connection = _SocketConnection(self.socket)
        try:
            connection.request("GET", "/_ping")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @property
    def pid(self) -> int | None:
        """Return the id of the running dockerd."""
        for pid in self.processes.members():
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue  # it ended meanwhile
            if f"--config-file={self._settings}".encode() in words:
                return pid
        return None

    def log_tail(self) -> str:
        """Return the last lines that the engine logged."""
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return "\n".join(lines[-20:])

    def _forget_ended_processes(self) -> None:
        """Remove the pid files of processes that ended, which an engine takes for running ones.

        The process may be a zombie yet, or somebody else's by now.
        """
        running = self.processes.members()
        files = [self.folder / "dockerd.pid", self._runtime / "containerd" / "containerd.pid"]
        for file in files:
            if file.exists() and int(file.read_text() or 0) not in running:
                file.unlink()

    def _is_settled(self) -> bool:
        # Not pid: while a process changes its program it has no command line.
        return self.answers() or not self.processes.members()


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("engine", timeout=2)
        self._path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def find_shim_sockets(runtime: Path) -> list[Path]:
    """Return the sockets of the shims that an engine with this run directory started."""
    files = runtime.glob("containerd/daemon/io.containerd.runtime.v2.task/*/*/address")
    addresses = [file.read_text().strip() for file in files]
    return [Path(address.removeprefix("unix://")) for address in addresses if address]


@cache
def _engine_version() -> int:
    """Return the first number of the installed engine's version."""
    said = run_command([find_program("dockerd"), "--version"])
    found = re.search(r"version (\d+)\.", said)
    if found is None:
        raise BedError(f"`dockerd --version` says nothing usable: {said}")
    return int(found[1])
