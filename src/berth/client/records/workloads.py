"""What runs: deployments, containers, tasks, and the texts they are made of.

Made from the description of the API by ``script/client_records.py``; not edited by hand.
"""

from typing import Any

import msgspec

from berth.client.records.specs import ServiceSpec


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A stored service or stack."""

    service_id: str = ""
    service_name: str = ""
    subtype: str = ""
    content: str = ""


class ReportEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One place of a valid text, or of the request it came with."""

    line: int = 0
    field: str = ""
    outcome: str = ""
    reason: str = ""


class Deleted(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of a deletion."""

    deleted: str = ""


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a deployment runs."""

    pool_id: str = ""


class DeploymentStack(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment's own copy of its definition."""

    service_id: str = ""
    service_name: str = ""
    subtype: str = ""
    content: str = ""


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment."""

    deployment_id: str = ""
    placement: Placement = Placement()
    created_by: str = ""
    created_on: str = ""
    stack: DeploymentStack = DeploymentStack()
    creation_info_generation: int = 0
    deployment_name: str = ""
    quantities: dict[str, int] = {}
    desired_state: int = 0
    desired_state_changed_at: str = ""
    generation: int = 0
    current_state: int = 0
    pending_state: int = 0
    task_id: str = ""
    rollout: str = ""
    paused: bool = False
    named_quantities: list[str] = []


class PlannedPlacement(msgspec.Struct, frozen=True, kw_only=True):
    """A slot that a plan puts on a host."""

    service_id: str = ""
    service_slot: int = 0
    host_id: str = ""
    hostname: str = ""


class UnplacedReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a slot cannot be on a host."""

    host_id: str = ""
    code: str = ""
    message: str = ""


class UnplacedSlot(msgspec.Struct, frozen=True, kw_only=True):
    """A slot that no host takes."""

    service_id: str = ""
    service_slot: int = 0
    reasons: list[UnplacedReason] = []


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a dry run would do."""

    placements: list[PlannedPlacement] = []
    unplaced: list[UnplacedSlot] = []
    more: bool = False


class SlotOnHost(msgspec.Struct, frozen=True, kw_only=True):
    """A slot on a host."""

    service_id: str = ""
    service_slot: int = 0
    host_id: str = ""
    hostname: str = ""
    step: int = 0
    reason: str = ""


class ReplacedSlot(msgspec.Struct, frozen=True, kw_only=True):
    """A slot whose container is replaced by one of the new generation."""

    service_id: str = ""
    service_slot: int = 0
    from_host_id: str = ""
    from_hostname: str = ""
    host_id: str = ""
    hostname: str = ""
    step: int = 0


class WaitingSlots(msgspec.Struct, frozen=True, kw_only=True):
    """Slots of a service that have no host, or are held where they are, for the same reasons."""

    service_id: str = ""
    service_slots: list[int] = []
    reasons: list[UnplacedReason] = []


class PolicyItem(msgspec.Struct, frozen=True, kw_only=True):
    """How the slots of a service are replaced; times in seconds."""

    parallelism: int = 0
    delay_s: float = 0.0
    order: str = ""
    on_failure: str = ""
    monitor_s: float = 0.0
    max_failure_ratio: float = 0.0


class ServiceChange(msgspec.Struct, frozen=True, kw_only=True):
    """A service before and after a change."""

    service_id: str = ""
    change: str = ""
    image_before: str = ""
    image: str = ""
    quantity_before: int = 0
    quantity: int = 0
    policy: PolicyItem = PolicyItem()


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What is different when nothing changes any more, if every container becomes healthy."""

    deployment_id: str = ""
    generation: int = 0
    kept: list[SlotOnHost] = []
    placed: list[SlotOnHost] = []
    replaced: list[ReplacedSlot] = []
    ended: list[SlotOnHost] = []
    unplaced: list[WaitingSlots] = []
    held: list[WaitingSlots] = []
    services: list[ServiceChange] = []
    steps: int = 0
    more: bool = False


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong; line and column are 0 where there is no text."""

    message: str = ""
    line: int = 0
    column: int = 0
    field: str = ""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What a definition says, or what is wrong with it."""

    valid: bool = False
    errors: list[Problem] = []
    report: list[ReportEntry] = []
    services: dict[str, ServiceSpec] = {}


class Converted(msgspec.Struct, frozen=True, kw_only=True):
    """What a definition says, in every form."""

    valid: bool = False
    errors: list[Problem] = []
    report: list[ReportEntry] = []
    services: dict[str, ServiceSpec] = {}
    yaml: str = ""
    docker_run: str = ""
    editor_temp: dict[str, Any] = msgspec.field(default_factory=dict, name="editorTemp")


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A deployment in numbers."""

    deployment_id: str = ""
    deployment_name: str = ""
    subtype: str = ""
    pool_id: str = ""
    created_on: str = ""
    desired_state: int = 0
    desired_state_changed_at: str = ""
    current_state: int = 0
    pending_state: int = 0
    health: str = ""
    services_total: int = 0
    services_healthy: int = 0
    containers_total: int = 0
    containers_running: int = 0


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """All deployments counted."""

    deployments: int = 0
    running: int = 0
    stopped: int = 0
    healthy: int = 0


class Summaries(msgspec.Struct, frozen=True, kw_only=True):
    """Envelope of the summaries."""

    deployments_summary: list[Summary] = []
    totals: Totals = Totals()


class PortItem(msgspec.Struct, frozen=True, kw_only=True):
    """A port of a container at a port of its host."""

    container_port: int = 0
    protocol: str = ""
    host_port: int = 0
    host_ip: str = ""


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """A container or an empty slot; ``container`` is there in the list of all containers only."""

    deployment_id: str = ""
    deployment_name: str = ""
    deployment_key: str = ""
    environment_id: str = ""
    stack_id: str = ""
    service_id: str = ""
    service_slot: int = 0
    container_name: str = ""
    container_id: str = ""
    container_hostname: str = ""
    host_id: str = ""
    hostname: str = ""
    host_group: str = ""
    subtype: str = ""
    phase_id: int = 0
    state: str = "Pending"
    started_at: str = "0001-01-01T00:00:00Z"
    message: str = ""
    checks_total: int = 0
    checks_passed: int = 0
    id: str = ""
    health: str = "none"
    attempt: int = 0
    failures: int = 0
    code: str = ""
    retry_at: str = "0001-01-01T00:00:00Z"
    exit_code: int | None = None
    ports: list[PortItem] = []
    image: str = ""
    image_id: str = ""
    image_digest: str = ""
    command: str = ""
    created_at: str = "0001-01-01T00:00:00Z"
    up_to_date: bool = True
    wanted: bool = True
    container: Any = None


class ReasonItem(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of refusal, and how many hosts refuse for it."""

    code: str = ""
    message: str = ""
    hosts: int = 0


class SlotItem(msgspec.Struct, frozen=True, kw_only=True):
    """A wanted slot that no host takes."""

    id: str = ""
    deployment_id: str = ""
    service_id: str = ""
    service_slot: int = 0
    message: str = ""
    reasons: list[ReasonItem] = []


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook; a POST to the path, without any header, fires it."""

    deployment_id: str = ""
    token: str = ""
    enabled: bool = False
    full_url_path: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a webhook."""

    at: str = ""
    source: str = ""
    status: int = 0
    outcome: str = ""
    task_id: str = ""


class WebhookDetails(msgspec.Struct, frozen=True, kw_only=True):
    """The webhook by its action, and its last calls, newest first."""

    restart: Webhook = Webhook()
    deliveries: list[Delivery] = []


class Fired(msgspec.Struct, frozen=True, kw_only=True):
    """What a call of a webhook set going."""

    deployment_id: str = ""
    task_id: str = ""


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """What a deployment was after a change of its text."""

    generation: int = 0
    created_on: str = ""
    created_by: str = ""
    outcome: str = ""
    quantities: dict[str, int] = {}
    image_digests: dict[str, str] = {}
    content: str = ""


class WrappedContainer(msgspec.Struct, frozen=True, kw_only=True):
    """A container's inspect document, and whose it is."""

    host_id: str = ""
    container: Any = None
    hostname: str = ""
    deployment_id: str = ""
    deployment_name: str = ""
    service_id: str = ""
    state: str = ""


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """A time of a task; both 0 when it has not come."""

    seconds: int = 0
    nanos: int = 0


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task, with its members' old spelling."""

    id: str = msgspec.field(default="", name="ID")
    name: str = msgspec.field(default="", name="Name")
    user: str = msgspec.field(default="", name="User")
    subsystem: str = msgspec.field(default="", name="Subsystem")
    created_at: Stamp = msgspec.field(default=Stamp(), name="CreatedAt")
    closed_at: Stamp = msgspec.field(default=Stamp(), name="ClosedAt")
    percent: int = msgspec.field(default=0, name="Percent")
    status: int = msgspec.field(default=0, name="Status")
    host_id: str = msgspec.field(default="", name="HostID")
    host_started_at: Stamp = msgspec.field(default=Stamp(), name="HostStartedAt")
    status_description: str = msgspec.field(default="", name="StatusDescription")
    message: str = msgspec.field(default="", name="Message")
    kind: str = msgspec.field(default="", name="Kind")
    subject: str = msgspec.field(default="", name="Subject")
    generation: int = msgspec.field(default=0, name="Generation")


class TaskStarted(msgspec.Struct, frozen=True, kw_only=True):
    """Answer of a long action: follow that task."""

    task_id: str = ""
    task: Task | None = None


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """Output of a container."""

    container_id: str = ""
    stdout: str = ""
    stderr: str = ""


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a container's output."""

    time: str = ""
    stream: str = ""
    text: str = ""
    container_id: str = ""
    container_name: str = ""
    service_id: str = ""
    service_slot: int | None = None
    hostname: str = ""


class LastEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Why a stream ends, in the data of its last event."""

    message: str = ""
    code: str = ""


class DeploymentLogs(msgspec.Struct, frozen=True, kw_only=True):
    """Newest lines of all containers of a deployment, by time."""

    deployment_id: str = ""
    lines: list[LogLine] = []
    unavailable: list[str] = []


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement; rates are per second, and 100 percent are one processor."""

    time: str = ""
    cpu_percent: float = 0.0
    memory_bytes: int = 0
    memory_limit_bytes: int = 0
    received_bytes_s: float = 0.0
    sent_bytes_s: float = 0.0
    read_bytes_s: float = 0.0
    written_bytes_s: float = 0.0


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """What a container or host uses; ``container_id`` is "" for a host."""

    host_id: str = ""
    container_id: str = ""
    latest: Usage | None = None
    history: list[Usage] = []


class UsageOfMany(msgspec.Struct, frozen=True, kw_only=True):
    """Newest measurements, each an array in the order of the columns."""

    columns: list[str] = []
    hosts: list[tuple[str, float, float, int, int, float, float, float, float]] = []
    containers: list[tuple[str, float, float, int, int, float, float, float, float]] = []
