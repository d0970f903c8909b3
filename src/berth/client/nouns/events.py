"""What happened, what is the matter, and what is under way."""

import msgspec

from berth.client.errors import DeadlineError, TaskCancelledError, TaskFailedError
from berth.client.records.instance import Event, Status
from berth.client.records.workloads import Task
from berth.client.requests.calls import Call, Fields, Many, QueryValue, get, post, waits
from berth.client.requests.flows import Flow, send
from berth.client.verbs import Listing, M_co, Noun, Steps, Verb

#: Numbers of a task's status.
CANCELLED, DONE, FAILED = 3, 4, 5

#: Longest wait for a task in one request, in seconds.
WAIT_S = 30.0


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which events or statuses are meant; those that fit all that is said."""

    #: A query in the language of the API, for example ``+severity:>2 "pull failed"``.
    q: str = ""
    #: What is known already: only what came after it.
    since: int | None = None
    #: Words of severities, such as ``error``.
    severity: Fields = ()
    #: Event keys, such as ``image_pull``.
    kind: Fields = ()
    deployment: Fields = ()
    host: Fields = ()
    #: A text in summary, message or labels.
    text: str = ""

    def query(self, fields: Fields) -> dict[str, QueryValue]:
        """Return it as the query of a list."""
        return {**msgspec.structs.asdict(self), "fields": fields}


class Events(Noun[M_co]):
    """What happened, newest first."""

    @Listing
    def list(self, wanted: Wanted | None = None, *, fields: Fields = ()) -> Call[Many[Event]]:
        """Return events; ``since`` is the id of one that is known."""
        query = (wanted or Wanted()).query(fields)
        return get("/api/v2/events/", Many[Event], query=query, member="events")


class Statuses(Noun[M_co]):
    """What is the matter now, and what was."""

    @Listing
    def list(self, wanted: Wanted | None = None, *, fields: Fields = ()) -> Call[Many[Status]]:
        """Return statuses; ``since`` is the generation of one that is known."""
        query = (wanted or Wanted()).query(fields)
        return get("/api/v2/status/", Many[Status], query=query, member="statuses")


class Tasks(Noun[M_co]):
    """Long actions that somebody asked for."""

    @Listing
    def list(
        self,
        *,
        state: Fields = (),
        user: Fields = (),
        host: Fields = (),
        fields: Fields = (),
    ) -> Call[Many[Task]]:
        """Return the newest tasks, newest first."""
        query = {"state": state, "user": user, "host": host, "fields": fields}
        return get("/api/v2/tasks/", Many[Task], query=query, member="tasks")

    @Verb
    def get(self, task_id: str, *, wait_s: float = 0) -> Call[Task]:
        """Return a task, as soon as it is closed or ``wait_s`` is over."""
        path, where = "/api/v2/tasks/{task_id}", {"task_id": task_id}
        return get(path, Task, where=where, member="Task", **waits(wait_s))

    @Steps
    def wait(self, task_id: str, *, timeout_s: float | None = None) -> Flow[Task]:
        """Wait until a task is done, and return it.

        Raises TaskFailedError and TaskCancelledError when it ends otherwise, and DeadlineError
        when ``timeout_s`` is over before that.
        """
        clock = self.context.clock
        ends_at = None if timeout_s is None else clock.monotonic() + timeout_s
        while True:
            left_s = WAIT_S if ends_at is None else min(WAIT_S, ends_at - clock.monotonic())
            call = Tasks.get.make(self, task_id, wait_s=round(max(left_s, 0.0), 3))
            task = yield from send(call, self.context)
            if task.status == DONE:
                return task
            if task.status == FAILED:
                raise TaskFailedError(task)
            if task.status == CANCELLED:
                raise TaskCancelledError(task)
            if left_s <= 0:
                raise DeadlineError(
                    f"task {task.id} ({task.name}) goes on after {timeout_s:g} s: "
                    f"{task.percent} % {task.message}".rstrip()
                )

    @Verb
    def cancel(self, task_id: str) -> Call[Task]:
        """Cancel a task; one that is closed stays as it is."""
        path = "/api/v2/tasks/{task_id}/{action}"
        where = {"task_id": task_id, "action": "cancel"}
        return post(path, Task, where=where, member="Task")
