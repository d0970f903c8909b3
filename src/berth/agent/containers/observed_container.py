"""A container of ours as the agent last saw it."""

import enum
from collections.abc import Iterable
from datetime import datetime

import msgspec

from berth.agent.containers.labels import assignment_of, attempt_of, renewals_of
from berth.agent.health.verdict import CheckState
from berth.domain.bindings import fold_bindings
from berth.domain.errors import EngineError
from berth.domain.ids import AssignmentId, ContainerId
from berth.domain.labels import SPEC_LABEL
from berth.domain.observed import EngineContainer, PortBinding
from berth.domain.states import Health


class ContainerState(enum.Enum):
    """Where a container stands between its creation and its end."""

    CREATED = "created"  #: never started
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"  #: has run and does not any more


class ObservedContainer(msgspec.Struct, frozen=True, kw_only=True):
    """One container of ours; what a list does not show is none until it was inspected."""

    id: ContainerId
    name: str
    assignment_id: AssignmentId
    attempt: int
    spec_hash: str
    life: ContainerState
    labels: dict[str, str]
    created_at: float = 0.0
    started_at: float | None = None
    exit_code: int | None = None
    #: Whether its processes were killed since they wanted more memory than there was.
    out_of_memory: bool = False
    ports: tuple[PortBinding, ...] = ()
    #: On the first of its networks; "" when it has none of its own.
    address: str | None = None
    #: What the engine says from its own check; none without one.
    check: CheckState | None = None

    @property
    def alive(self) -> bool:
        """Whether a process of it lives; a paused one does."""
        return self.life in (ContainerState.RUNNING, ContainerState.PAUSED)

    @property
    def renewals(self) -> int:
        """How many renewals the manager had asked for when it was made."""
        return renewals_of(self.labels)

    @property
    def age(self) -> tuple[int, float, str]:
        """Sort key: the newest is the greatest."""
        return self.attempt, self.created_at, self.id


def seen_in_list(
    container: EngineContainer, last: ObservedContainer | None = None
) -> ObservedContainer:
    """Read a listed container, keeping what an inspection showed of the same life of it."""
    life = _life_of(container.state)
    kept = last if last is not None and last.life is life else None
    return msgspec.structs.replace(
        _seen(container.id, container.name, labels=container.labels, life=life),
        created_at=container.created_at,
        started_at=kept.started_at if kept else None,
        exit_code=kept.exit_code if kept else None,
        out_of_memory=kept is not None and kept.out_of_memory,
        ports=fold_bindings(container.ports),
        address=kept.address if kept else None,
        check=_check_in_list(container.status, kept.check if kept else None),
    )


def new_seen(container_id: ContainerId, name: str, *, labels: dict[str, str]) -> ObservedContainer:
    """Return a container that was created this moment."""
    return _seen(container_id, name, labels=labels, life=ContainerState.CREATED)


def _seen(
    container_id: ContainerId, name: str, *, labels: dict[str, str], life: ContainerState
) -> ObservedContainer:
    return ObservedContainer(
        id=container_id,
        name=name,
        labels=labels,
        assignment_id=assignment_of(labels),
        attempt=attempt_of(labels),
        spec_hash=labels.get(SPEC_LABEL, ""),
        life=life,
    )


def _life_of(state: str) -> ContainerState:
    if state == "created":
        return ContainerState.CREATED
    if state == "paused":
        return ContainerState.PAUSED
    return ContainerState.RUNNING if state in ("running", "restarting") else ContainerState.ENDED


#: How the status of a listed container shows the verdict of the engine's own check.
_MARKS = {
    "(healthy)": Health.HEALTHY,
    "(unhealthy)": Health.UNHEALTHY,
    "(health: starting)": Health.CHECKING,
}

#: The engine's words for the verdict of its own check.
_VERDICTS = {
    "starting": Health.CHECKING,
    "healthy": Health.HEALTHY,
    "unhealthy": Health.UNHEALTHY,
}

#: At most this many characters of what the engine's own check printed are shown.
_OUTPUT_SHOWN = 200


def _check_in_list(status: str, last: CheckState | None) -> CheckState | None:
    for mark, health in _MARKS.items():
        if status.endswith(mark):
            return last if last is not None and last.health is health else CheckState(health)
    return None


class _Result(msgspec.Struct, frozen=True, rename="pascal"):
    exit_code: int = 0
    output: str = ""


class _Health(msgspec.Struct, frozen=True, rename="pascal"):
    status: str = ""
    log: list[_Result] | None = None


class _State(msgspec.Struct, frozen=True, rename="pascal"):
    status: str = ""
    running: bool = False
    paused: bool = False
    pid: int = 0
    exit_code: int = 0
    out_of_memory: bool = msgspec.field(name="OOMKilled", default=False)
    started_at: str = ""
    health: _Health | None = None


class _Config(msgspec.Struct, frozen=True, rename="pascal"):
    labels: dict[str, str] | None = None


class _HostPort(msgspec.Struct, frozen=True, rename="pascal"):
    host_ip: str = ""
    host_port: str = ""


class _Endpoint(msgspec.Struct, frozen=True):
    address: str = msgspec.field(name="IPAddress", default="")


class _Network(msgspec.Struct, frozen=True, rename="pascal"):
    ports: dict[str, list[_HostPort] | None] | None = None
    networks: dict[str, _Endpoint] | None = None


class _Inspect(msgspec.Struct, frozen=True, rename="pascal"):
    id: str
    name: str = ""
    created: str = ""
    state: _State = _State()
    config: _Config = _Config()
    network_settings: _Network = _Network()


_inspect = msgspec.json.Decoder(_Inspect)


def seen_in_inspect(document: bytes) -> ObservedContainer:
    """Read an inspect document. Raises EngineError when it is none."""
    try:
        shown = _inspect.decode(document)
    except msgspec.MsgspecError as exc:
        raise EngineError(f"the engine's inspect document cannot be read: {exc}") from exc
    life = _life_in_document(shown.state)
    name = shown.name.removeprefix("/")
    return msgspec.structs.replace(
        _seen(ContainerId(shown.id), name, labels=shown.config.labels or {}, life=life),
        created_at=_unix(shown.created) or 0.0,
        started_at=_unix(shown.state.started_at),
        exit_code=shown.state.exit_code if life is ContainerState.ENDED else None,
        out_of_memory=life is ContainerState.ENDED and shown.state.out_of_memory,
        ports=fold_bindings(_bindings(shown.network_settings.ports or {})),
        address=_address(shown.network_settings.networks or {}),
        check=_check_in_document(shown.state.health) if life is not ContainerState.ENDED else None,
    )


def _life_in_document(state: _State) -> ContainerState:
    """Read the state, by its process where the engine's word for it is that of one that never ran."""
    life = _life_of("paused" if state.paused else state.status)
    if life is ContainerState.CREATED and (state.running or state.pid > 0):
        return ContainerState.RUNNING
    return life


def _address(networks: dict[str, _Endpoint]) -> str:
    return next((one.address for one in networks.values() if one.address), "")


def _check_in_document(shown: _Health | None) -> CheckState | None:
    health = _VERDICTS.get(shown.status) if shown else None
    if shown is None or health is None:
        return None
    failing = bool(shown.log) and health is not Health.HEALTHY
    return CheckState(health, message=_failure(shown.log[-1]) if shown.log and failing else "")


def _failure(result: _Result) -> str:
    """Return why a run of the engine's own check failed; "" when it did not."""
    if result.exit_code == 0:
        return ""
    said = " ".join(result.output.split())[-_OUTPUT_SHOWN:]
    return said or f"the check ended with exit code {result.exit_code} and printed nothing"


def _bindings(ports: dict[str, list[_HostPort] | None]) -> Iterable[PortBinding]:
    for key, bound in ports.items():
        number, _, protocol = key.partition("/")
        for one in bound or ():
            if number.isdecimal() and one.host_port.isdecimal():
                yield PortBinding(int(number), protocol or "tcp", int(one.host_port), one.host_ip)


def _unix(text: str) -> float | None:
    """Read an RFC 3339 time; the year 1 is the engine's word for never."""
    if not text or text.startswith("0001-"):
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None
