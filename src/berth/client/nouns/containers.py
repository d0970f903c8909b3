"""Containers."""

from collections.abc import Mapping, Sequence

from berth.client.programs import Opening, Running
from berth.client.records.workloads import (
    Container,
    LogLine,
    Output,
    Stats,
    TaskStarted,
    Usage,
    UsageOfMany,
    WrappedContainer,
)
from berth.client.requests.calls import Call, Fields, Many, delete, get, post, waits
from berth.client.requests.streams import OnLost, Stream, follow_lines, follow_usage
from berth.client.verbs import Following, Listing, M_co, Noun, Verb

CONTAINER = "/api/v2/containers/{container_id}"
LOGS, STATS = f"{CONTAINER}/logs", f"{CONTAINER}/stats"


class Containers(Noun[M_co]):
    """What engines run; the first 12 or more characters of an id serve for it."""

    @Listing
    def list(
        self,
        *,
        deployment: Fields = (),
        service: Fields = (),
        host: Fields = (),
        pool: Fields = (),
        state: Fields = (),
        fields: Fields = (),
    ) -> Call[Many[Container]]:
        """Return the containers of all hosts, with their documents unless ``fields`` leaves them."""
        query = {
            "deployment": deployment,
            "service": service,
            "host": host,
            "pool": pool,
            "state": state,
            "fields": fields,
        }
        return get("/api/v2/containers/", Many[Container], query=query, member="containers")

    @Listing
    def list_documents(self, *, fields: Fields = ()) -> Call[Many[WrappedContainer]]:
        """Return the engine's document of every container."""
        query = {"fields": fields}
        return get("/api/containers/", Many[WrappedContainer], query=query)

    @Verb
    def document(self, container_id: str, host_id: str) -> Call[WrappedContainer]:
        """Return the engine's document of a container on a host."""
        path = "/api/containers/{container_id}/host/{host_id}"
        where = {"container_id": container_id, "host_id": host_id}
        return get(path, WrappedContainer, where=where)

    @Verb
    def start(self, container_id: str, *, wait_s: float = 0) -> Call[TaskStarted]:
        """Start a stopped container."""
        return _act("start", container_id, wait_s=wait_s)

    @Verb
    def stop(self, container_id: str, *, wait_s: float = 0) -> Call[TaskStarted]:
        """Stop a container; one of a running deployment is replaced."""
        return _act("stop", container_id, wait_s=wait_s)

    @Verb
    def kill(self, container_id: str, *, wait_s: float = 0) -> Call[TaskStarted]:
        """Kill a container; one of a running deployment is replaced."""
        return _act("kill", container_id, wait_s=wait_s)

    @Verb
    def restart(self, container_id: str, *, wait_s: float = 0) -> Call[TaskStarted]:
        """Stop a container and start it again under the same id."""
        return _act("restart", container_id, wait_s=wait_s)

    @Verb
    def pause(self, container_id: str, *, wait_s: float = 0) -> Call[TaskStarted]:
        """Freeze a container."""
        return _act("pause", container_id, wait_s=wait_s)

    @Verb
    def unpause(self, container_id: str, *, wait_s: float = 0) -> Call[TaskStarted]:
        """Let a paused container go on."""
        return _act("unpause", container_id, wait_s=wait_s)

    @Verb
    def remove(
        self, container_id: str, *, force: bool = False, wait_s: float = 0
    ) -> Call[TaskStarted]:
        """Remove a stopped container, or a running one with ``force``."""
        query = waits(wait_s, force=force or None)
        return delete(CONTAINER, TaskStarted, where={"container_id": container_id}, **query)

    @Verb
    def logs(
        self,
        container_id: str,
        *,
        tail: int | None = None,
        since: str = "",
        until: str = "",
        timestamps: bool = True,
    ) -> Call[Output]:
        """Return the output of a container, the newest 1 MiB of each stream.

        ``since`` and ``until`` are RFC 3339, Unix seconds, or a span such as ``10m``.
        """
        query = {"tail": tail, "since": since, "until": until, "timestamps": timestamps}
        where = {"container_id": container_id}
        return get(LOGS, Output, where=where, query=query, member="container")

    @Following
    def follow_logs(
        self,
        container_id: str,
        *,
        tail: int | None = None,
        since: str = "",
        on_lost: OnLost | None = None,
    ) -> Stream[LogLine]:
        """Follow the output of a container until it ends."""
        query = {"follow": True, "tail": tail, "since": since}
        call = get(LOGS, bytes, where={"container_id": container_id}, query=query)
        return follow_lines(call, self.context, on_lost=on_lost)

    @Verb
    def stats(self, container_id: str) -> Call[Stats]:
        """Return what a container uses, with its last hour."""
        return get(STATS, Stats, where={"container_id": container_id}, member="stats")

    @Verb
    def usage(
        self,
        *,
        of: Fields = (),
        deployment: Fields = (),
        host: Fields = (),
        pool: Fields = (),
    ) -> Call[UsageOfMany]:
        """Return the newest measurement of every container and host, or of those that are named."""
        query = {"of": of, "deployment": deployment, "host": host, "pool": pool}
        return get("/api/v2/usage", UsageOfMany, query=query)

    @Following
    def follow_stats(
        self, container_id: str, *, interval: int = 2, on_lost: OnLost | None = None
    ) -> Stream[Usage]:
        """Measure a container again and again, every ``interval`` seconds."""
        query = {"follow": True, "interval": interval}
        call = get(STATS, bytes, where={"container_id": container_id}, query=query)
        return follow_usage(call, self.context, on_lost=on_lost)

    @Running
    def run(
        self,
        container_id: str,
        command: Sequence[str],
        *,
        tty: bool = False,
        user: str = "",
        workdir: str = "",
        env: Mapping[str, str] | None = None,
    ) -> Opening:
        """Run a program in a container while the ``with`` of what is returned lasts."""
        variables = [f"{name}={value}" for name, value in (env or {}).items()]
        return Opening(
            container_id=container_id,
            command=list(command),
            tty=tty,
            user=user,
            workdir=workdir,
            env=variables,
        )


def _act(verb: str, container_id: str, *, wait_s: float) -> Call[TaskStarted]:
    where = {"container_id": container_id}
    return post(f"{CONTAINER}/{verb}", TaskStarted, where=where, **waits(wait_s))
