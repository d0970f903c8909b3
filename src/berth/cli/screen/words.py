"""Times, sizes and states in words."""

import datetime

import msgspec


class State(msgspec.Struct, frozen=True):
    """A state with its shape; the style repeats what the shape says."""

    shape: str
    word: str
    style: str

    def __str__(self) -> str:
        return f"{self.shape} {self.word}"


HEALTHY = State("●", "healthy", "green")
RUNNING = State("●", "running", "green")
UPDATING = State("◐", "updating", "cyan")
STARTING = State("◐", "starting", "cyan")
WAITING = State("○", "waiting", "yellow")
UNHEALTHY = State("◆", "unhealthy", "red")
STOPPING = State("◌", "stopping", "")
STOPPED = State("·", "stopped", "dim")
PAUSED = State("‖", "paused", "yellow")
UNKNOWN = State("?", "unknown", "yellow")

CONTAINERS = {
    "Running": RUNNING, "Pending": WAITING, "Paused": PAUSED, "Stopping": STOPPING,
    "Stopped": STOPPED, "Unknown": UNKNOWN,
}  # fmt: skip

SEVERITIES = {
    0: State("✓", "cleared", "green"),
    1: State("·", "debug", "dim"),
    2: State("·", "info", ""),
    3: State("▲", "warning", "yellow"),
    4: State("◆", "error", "red"),
    5: State("◆", "critical", "red bold"),
}

TASKS = {
    0: State("○", "pending", ""),
    1: State("◐", "running", "cyan"),
    2: State("◌", "cancelling", "yellow"),
    3: State("·", "cancelled", "dim"),
    4: State("✓", "done", "green"),
    5: State("◆", "failed", "red"),
}


def deployment_state(health: str, pending_state: int) -> State:
    """Return the state of a deployment from its summary."""
    known = {"Healthy": HEALTHY, "Unhealthy": UNHEALTHY, "Stopping": STOPPING, "Stopped": STOPPED}
    if health in known and not (health == "Healthy" and pending_state == 3):
        return known[health]
    return {3: UPDATING, 1: STARTING}.get(pending_state, WAITING)


def host_state(*, active: bool, duty: str) -> State:
    """Return the state of a host."""
    if not active:
        return State("◆", "inactive", "red")
    words = {"paused": State("‖", "paused", "yellow"), "drained": State("◌", "drained", "yellow")}
    return words.get(duty, State("●", "active", "green"))


_SPANS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def age(seconds: float) -> str:
    """Write how long ago something was: ``12 s``, ``4 min``, ``3 d``."""
    if seconds < 1:
        return "now"
    size, unit = next(each for each in _SPANS if seconds >= each[0])
    return f"{int(seconds // size)} {unit}"


def parse_time(text: str) -> float | None:
    """Read a time of the API as Unix seconds; none for one that has not come."""
    if not text or text.startswith("0001-"):
        return None
    try:
        return datetime.datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None


def when(moment: float | None, *, now: float, exact: bool) -> str:
    """Write a time as an age, or as it is in the local zone; "" for one that has not come."""
    if not moment:
        return ""
    if not exact:
        return age(max(0.0, now - moment))
    return (
        datetime.datetime.fromtimestamp(moment, datetime.UTC).astimezone().isoformat("T", "seconds")
    )


def size(count: float) -> str:
    """Write bytes: ``41 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if count >= 10 or unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def many(count: int, noun: str) -> str:
    """Write a number of things: ``1 slot``, ``2 slots``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
