"""A manager and agents on a bed: their life from up to down, and what tests ask of them."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from testbed import Bed, BedError, Host, wait_until
from testbed.command import program_environment, run_command
from testbed.processes import ProcessGroup
from testbed.state import group_of

from .api import Api
from .program import Program

#: The gateway's address is the bed's own, so no other program listens there.
_PORT = 8443
_PASSWORD = "a password of the bed"
_START_TIMEOUT = 30.0
#: How to run the program. It does not see the folder that the caller stands in.
BERTH = (sys.executable, "-P", "-m", "berth")


class BerthBed:
    """One instance of Berth on real hosts; `bed` is theirs."""

    def __init__(
        self,
        bed: Bed,
        *,
        plain_http: bool = False,
        manager_options: Sequence[str] = (),
        agent_options: Sequence[str] = (),
        host_options: Mapping[str, Sequence[str]] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Name the programs; `start` starts them.

        `manager_options` and `agent_options` are added to the command lines, `host_options` to
        those of the agents on the hosts of these names, `environment` to the variables of all
        programs.
        """
        self.bed = bed
        self.user, self.password = "admin", _PASSWORD
        self.url = f"{'http' if plain_http else 'https'}://{bed.gateway_ip}:{_PORT}"
        self.folder = bed.hosts[0].folder.parent
        self.data = self.folder / "manager"
        self.manager = Program("manager", self.folder / "manager.log", launch=self._launch_manager)
        self.agents = [self._agent(host) for host in bed.hosts]
        self._manager_options = [*(["--plain-http"] if plain_http else []), *manager_options]
        self._agent_options = list(agent_options)
        self._host_options = dict(host_options or {})
        self._environment = {**program_environment(), **(environment or {})}
        self._owns_bed = False
        self._join_token = ""
        self._api: Api | None = None

    @classmethod
    def up(cls, hosts: int = 3, **options: Any) -> Self:
        """Make a bed with Berth on it and return when all hosts are active.

        `options` are those of the class. Everything is gone at the end of the `with`. Raises
        BedError, with the ends of the programs' logs, when it cannot be.
        """
        bed = Bed.up(hosts=hosts)
        try:
            berth = cls(bed, **options)
            berth._owns_bed = True
            berth.start()
        except BaseException:
            bed.down()
            raise
        return berth

    def __enter__(self) -> Self:
        """Return the instance itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the programs, and remove the bed if `up` made it."""
        self.down()

    @property
    def api(self) -> Api:
        """The administrator, logged in."""
        if self._api is None:
            self._api = self.log_in()
        return self._api

    def forget_login(self) -> None:
        """Log in again at the next use of `api`, for another manager."""
        if self._api is not None:
            self._api.close()
            self._api = None

    def log_in(self, user: str = "", password: str = "") -> Api:
        """Return a client of its own that is logged in, as the administrator unless named."""
        api = self.anonymous()
        api.log_in(user or self.user, password or self.password)
        return api

    def anonymous(self) -> Api:
        """Return a client that is not logged in; it trusts the instance's authority alone."""
        if self.url.startswith("http:"):
            return Api(self.url)
        return Api(self.url, tls=ssl.create_default_context(cafile=self.data / "tls" / "ca.pem"))

    def start(self) -> None:
        """Start what does not run, and return when the API serves and all hosts are active."""
        self.start_manager()
        for agent in self.agents:
            agent.start()
        self.wait_active()

    def start_manager(self) -> None:
        """Start the manager unless it runs, and return when it serves."""
        self.manager.start()
        self.wait_until(self._serves, _START_TIMEOUT, what="the manager to serve")

    def stop(self) -> None:
        """Ask all programs to end; containers go on. `start` brings them back."""
        if self._api is not None:
            self._api.close()
        for program in (*self.agents, self.manager):
            program.terminate()

    def down(self) -> None:
        """End the programs, and remove the bed if `up` made it; safe to repeat."""
        try:
            self.stop()
        finally:
            if self._owns_bed:
                self.bed.down()

    def add_host(self) -> Host:
        """Add a host with an agent, and return it when it is active."""
        host = self.bed.add_host()
        self.agents.append(self._agent(host))
        self.agents[-1].start()
        self.wait_active()
        return host

    def join_token(self) -> str:
        """Ask the program for the token with which hosts join; agents get the first one."""
        return run_command([*BERTH, "join-token", "--data", str(self.data)]).strip()

    def agent_data(self, host: Host) -> Path:
        """Return the data directory of a host's agent."""
        return host.folder / "agent"

    def hosts(self) -> dict[str, Any]:
        """Return the API's host objects by host name."""
        return {host["info"]["hostname"]: host for host in self.api.get("/api/hosts/")}

    def host_id(self, host: Host) -> str:
        """Return the id under which the API knows a host."""
        return str(self.hosts()[host.name]["host_id"])

    def wait_active(self, timeout: float = _START_TIMEOUT) -> None:
        """Return when the hosts of all running agents are active."""

        def are_active() -> bool:
            known = self.hosts()
            names = [agent.name.split()[-1] for agent in self.agents if agent.is_running]
            return all(name in known and known[name]["info"]["is_active"] for name in names)

        self.wait_until(are_active, timeout, what="all hosts to be active")

    def deploy(
        self,
        deployment_id: str,
        *,
        image: str = "busybox:1",
        replicas: int = 1,
        text: str = "",
        quantities: Mapping[str, int] | None = None,
    ) -> Any:
        """Create a running deployment and return the API's object; does not wait.

        Without a `text` it has one service, `app`, with one of the bed's standard images (or a
        full reference) and this many replicas.
        """
        reference = image if "/" in image else self.bed.image(image)
        body = {
            "deployment_id": deployment_id,
            "desired_state": 1,
            "quantities": dict(quantities or ({} if text else {"app": replicas})),
            "stack": {"content": text or service_text(reference)},
        }
        return self.api.post("/api/v2/deployments/", body)["deployment"]

    def deployment(self, deployment_id: str) -> Any:
        """Return the API's deployment object."""
        return self.api.get(f"/api/v2/deployments/{deployment_id}")["deployment"]

    def containers(self, deployment_id: str) -> list[Any]:
        """Return the API's containers of a deployment, one row per wanted slot at least."""
        path = f"/api/v2/deployments/{deployment_id}/containers/"
        return list(self.api.get(path)["containers"])

    def wait_running(self, deployment_id: str, timeout: float = 60) -> None:
        """Return when every wanted slot is satisfied."""
        self.wait_state(deployment_id, 1, timeout=timeout)

    def wait_state(self, deployment_id: str, state: int, *, timeout: float = 60) -> None:
        """Return when `current_state` has a value; the error shows the containers."""
        try:
            self.wait_until(
                lambda: self.deployment(deployment_id)["current_state"] == state,
                timeout,
                what=f"{deployment_id} to have current_state {state}",
            )
        except BedError as error:
            rows = [
                f"{row['container_name']} on {row['hostname'] or 'no host'}: "
                f"{row['state']} {row['message']}"
                for row in self.containers(deployment_id)
            ]
            raise BedError("\n".join([str(error), "--- containers:", *rows])) from error

    def remove(self, deployment_id: str, timeout: float = 60) -> None:
        """Stop a deployment, wait until its containers are gone, and delete it."""
        self.api.post(f"/api/v2/deployments/{deployment_id}/stop")
        self.wait_state(deployment_id, 0, timeout=timeout)
        self.api.delete(f"/api/v2/deployments/{deployment_id}")

    def wait_until(self, condition: Callable[[], object], timeout: float, *, what: str) -> None:
        """Return as soon as the condition is true.

        Raises BedError after `timeout` seconds, or when a program ended by itself (with an exit
        code above 0), with the ends of all logs.
        """
        try:
            wait_until(lambda: self._all_well() and condition(), timeout, what=what)
        except BedError as error:
            raise BedError(f"{error}\n{self.log_tails()}") from error

    def log_tails(self) -> str:
        """Return the ends of all programs' logs."""
        return "\n".join(program.log_tail() for program in (self.manager, *self.agents))

    def _all_well(self) -> bool:
        for program in (self.manager, *self.agents):
            if (program.exit_code or 0) > 0:
                raise BedError(f"The {program.name} ended with exit code {program.exit_code}.")
        return True

    def _serves(self) -> bool:
        if self.url.startswith("https:") and not (self.data / "tls" / "ca.pem").exists():
            return False
        asking = self.anonymous()
        try:
            return asking.answers()
        finally:
            asking.close()

    def _launch_manager(self, output: IO[bytes]) -> subprocess.Popen[bytes]:
        listen = ["--listen", f"{self.bed.gateway_ip}:{_PORT}"]
        argv = [*BERTH, "manager", "--data", str(self.data), *listen, *self._manager_options]
        return subprocess.Popen(
            # In a group of the bed: so it ends with the bed also after a kill of this program.
            ProcessGroup(f"{group_of(self.bed.id)}/manager").wrap(argv),
            env={**self._environment, "BERTH_ADMIN_PASSWORD": self.password},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _agent(self, host: Host) -> Program:
        def launch(output: IO[bytes]) -> subprocess.Popen[bytes]:
            self._join_token = self._join_token or self.join_token()
            where = ["--data", str(self.agent_data(host)), "--engine", host.socket]
            join = ["--manager", self.url]
            own = self._host_options.get(host.name, ())
            return host.run(
                [*BERTH, "agent", *where, *join, *self._agent_options, *own],
                env={**self._environment, "BERTH_JOIN_TOKEN": self._join_token},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

        return Program(f"agent on {host.name}", host.folder / "agent.log", launch=launch)


def service_text(image: str, *lines: str, service: str = "app") -> str:
    """Return the definition of one service; `lines` are more keys of it."""
    keys = "".join(f"    {line}\n" for line in (f'image: "{image}"', *lines))
    return f"version: 2\nservices:\n  {service}:\n{keys}"
