"""One host of a bed: a namespace, an engine, and the accidents that may befall it."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TypeAlias

from .command import BedError, program_environment, run_command
from .engine import Engine
from .network import Network
from .packages import find_program
from .processes import ProcessGroup, unmount_below

#: What `subprocess.Popen` takes for a stream; none inherits the caller's.
_Stream: TypeAlias = int | IO[bytes] | IO[str] | None


class Host:
    """A host; its name is also its hostname, and its default Docker bridge is 172.17.0.1."""

    def __init__(self, number: int, network: Network, *, folder: Path, group: str) -> None:
        self.number = number
        self.name = f"h{number}"
        self.ip = network.ip(number)
        self.namespace = network.namespace(self.name)
        #: Everything of this host on disk. A test may keep its agent's data in here as well.
        self.folder = folder / self.name
        self._network = network
        self._bed_folder = folder
        self._hostname = folder / f"{self.name}.uts"
        self._enter = ["nsenter", f"--net=/run/netns/{self.namespace}", f"--uts={self._hostname}"]
        self._engine = Engine(self.folder, f"{group}/{self.name}", enter=self._enter)
        self._run = ProcessGroup(f"{group}/{self.name}/run")

    @property
    def socket(self) -> str:
        """The URL of the engine's API."""
        return f"unix://{self._engine.socket}"

    @property
    def data_dir(self) -> Path:
        """The engine's data directory."""
        return self._engine.data

    @property
    def engine_pid(self) -> int | None:
        """The running dockerd; none after a crash."""
        return self._engine.pid

    def make(self, engine_options: Mapping[str, object]) -> None:
        """Make the namespaces and the engine's settings; the engine is not started."""
        self._network.make_host(self.name, self.number)
        self._hostname.touch()
        run_command(["unshare", f"--uts={self._hostname}", "hostname", self.name])
        self._engine.configure(self._network.subnet, engine_options)

    def start_engine(self) -> None:
        """Start the engine unless it runs, and wait until it answers (at most 30 s)."""
        self._engine.start()

    def stop_engine(self, timeout: float = 30.0) -> None:
        """Ask the engine to stop its containers and itself, and wait until it did."""
        self._engine.stop(signal.SIGTERM, timeout)

    def restart_engine(self) -> None:
        """Stop the engine in good order if it runs, then start it."""
        self.stop_engine()
        self.start_engine()

    def kill_engine(self) -> None:
        """End dockerd alone with SIGKILL; its containers go on, as they do on a real host."""
        self._engine.stop(signal.SIGKILL, timeout=10.0)

    def crash(self, *, with_agent: bool = False) -> None:
        """End the engine, its containerd, shims and containers at once.

        What `run` started goes on unless `with_agent`. `restart_engine` brings the host back.
        """
        if with_agent:
            self._run.kill()
        self._engine.crash()
        unmount_below(self.folder)
        shutil.rmtree(self.folder / "run", ignore_errors=True)

    def hang(self) -> None:
        """Stop dockerd in its tracks: its socket takes connections and never answers."""
        self._engine.processes.signal(signal.SIGSTOP, [self._dockerd()])

    def unhang(self) -> None:
        """Let dockerd go on."""
        self._engine.processes.signal(signal.SIGCONT, [self._dockerd()])

    def cut(self) -> None:
        """Pull the network cable."""
        self._network.set_link(self.name, up=False)

    def heal(self) -> None:
        """Plug the network cable in again."""
        self._network.set_link(self.name, up=True)

    def run(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        stdin: _Stream = subprocess.DEVNULL,
        stdout: _Stream = None,
        stderr: _Stream = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program on this host, such as an agent; its pid is the program's own.

        It has the host's network and hostname, and this machine's files and processes. It runs
        in a session of its own and ends with the bed at the latest; the caller waits for it.
        """
        return subprocess.Popen(
            self._run.wrap([*self._enter, *argv]),
            env=dict(env) if env is not None else program_environment(),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )

    def call(self, *argv: str, timeout: float = 30.0) -> str:
        """Run a program on this host to its end and return what it printed."""
        return run_command(self._run.wrap([*self._enter, *argv]), timeout=timeout)

    def docker(self, *args: str, timeout: float = 60.0) -> str:
        """Run the docker client against this host's engine; return its output without the end.

        Raises BedError with what docker said when it fails. `docker login` stays in the bed.
        """
        client = [find_program("docker"), "--host", self.socket]
        environment = {**program_environment(), "DOCKER_CONFIG": str(self._bed_folder / "docker")}
        return run_command([*client, *args], timeout=timeout, environment=environment).strip()

    def engine_answers(self) -> bool:
        """Return whether the engine's API answers within two seconds."""
        return self._engine.answers()

    def engine_log(self) -> str:
        """Return the last lines that the engine logged."""
        return self._engine.log_tail()

    def _dockerd(self) -> int:
        pid = self._engine.pid
        if pid is None:
            raise BedError(f"The engine of {self.name} does not run. Call restart_engine() first.")
        return pid
