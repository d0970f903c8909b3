"""The frames of a session and of the join."""

from typing import Annotated

import msgspec
from msgspec import Meta

from berth.domain.bounds import Count, EngineId, ImageId, Name, Text, Word
from berth.domain.calls import ContainerAction
from berth.domain.discovery_records import Key
from berth.domain.ids import AssignmentId, ContainerId, DeploymentId, HostId, InstanceId, ServiceKey
from berth.domain.images import Credentials, ImageRun
from berth.domain.lineage import ChangeMark
from berth.domain.observed import (
    ContainerReport,
    EngineImage,
    HostFacts,
    HostMetrics,
    InventoryItem,
    LogQuery,
)
from berth.domain.settings import Settings
from berth.domain.spec import ContainerSpec
from berth.domain.states import Intent
from berth.protocol.streams import Input, OpenStream, Taken, UsageReport
from berth.protocol.streams import Message as Message

#: Raised when a message changes so that the other side must know.
PROTOCOL_VERSION = 1

#: Path of the agents' WebSocket and of the join, under the manager's address.
SESSION_PATH = "/api/v2/hosts/session"
JOIN_PATH = "/api/v2/hosts/join"

#: How the name of a network begins that marks an engine while its agent joins.
MARKER_PREFIX = "berth-join-"

#: A frame larger than this ends the session; senders split what may grow beyond it.
MAX_FRAME_BYTES = 8 * 1024 * 1024

#: No list of a frame is longer, nor what a host lists in all its frames.
MAX_ITEMS = 10_000

#: An engine with more named volumes tells the first of them.
MAX_VOLUMES = 5_000

AnyHost = Annotated[HostId, Meta(max_length=256)]
AnyInstance = Annotated[InstanceId, Meta(max_length=256)]
Tags = Annotated[tuple[Name, ...], Meta(max_length=64)]
#: Above 0 of a call, below 0 of a stream.
CallId = Annotated[int, Meta(ge=-(2**60), le=2**60)]
Deadline = Annotated[float, Meta(gt=0, le=200_000)]


class JoinRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Body of the join; the join token comes as ``Authorization: Join <secret>``."""

    facts: HostFacts
    name: Name = ""
    pool_id: Name = ""
    tags: Tags = ()
    #: Name of the network that marks the engine, once the manager knows one of its id; "" before.
    marker: Name = ""


class JoinAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What makes an agent a host; kept in its data directory."""

    instance_id: InstanceId
    host_id: HostId
    name: str
    credential: str


class Hello(Message, frozen=True, kw_only=True, omit_defaults=True, tag="hello"):
    """First frame of a session.

    The credential came with the connection, as ``Authorization: Host <id>:<credential>``.
    """

    protocol: Count
    instance_id: AnyInstance
    host_id: AnyHost
    #: Counts the agent's starts.
    agent_epoch: Count
    facts: HostFacts
    metrics: HostMetrics
    #: The highest epoch and revision that this agent obeyed; 0, 0 before the first.
    obeyed_epoch: Count
    obeyed_revision: Count
    #: The change of assignments that this agent obeyed last.
    obeyed_mark: ChangeMark = ChangeMark()
    #: Whether its heartbeats say what has come to it.
    tells_progress: bool = False
    #: Why its last session ended or could not begin, for people; "" when there is nothing to say.
    trouble: Text = ""
    #: How many containers of this host its engine has; none while its agent does not know.
    containers: Count | None = None


class Report(Message, frozen=True, kw_only=True, omit_defaults=True, tag="report"):
    """Latest states of assignments."""

    #: True when it names every assignment of which the agent holds a container or an attempt:
    #: what it does not name does not exist on the host.
    full: bool
    #: Greatest sequence among ``containers``; the manager answers ``Accepted`` with it.
    sequence: Count
    containers: Annotated[tuple[ContainerReport, ...], Meta(max_length=MAX_ITEMS)]
    #: True while the agent obeys nothing (see design: identity and safety).
    held: bool = False
    #: Why, for people.
    held_because: Text = ""


class Inventory(Message, frozen=True, kw_only=True, omit_defaults=True, tag="inventory"):
    """Containers of the host as its engine lists them, managed or not."""

    #: True when it starts a list from scratch; a long list goes on in further, not full, frames.
    full: bool
    items: Annotated[tuple[InventoryItem, ...], Meta(max_length=MAX_ITEMS)] = ()
    gone: Annotated[tuple[EngineId, ...], Meta(max_length=MAX_ITEMS)] = ()


class Images(Message, frozen=True, kw_only=True, omit_defaults=True, tag="images"):
    """Images of the host as its engine lists them."""

    #: True when it starts a list from scratch; a long list goes on in further, not full, frames.
    full: bool
    items: Annotated[tuple[EngineImage, ...], Meta(max_length=MAX_ITEMS)] = ()
    gone: Annotated[tuple[ImageId, ...], Meta(max_length=MAX_ITEMS)] = ()


class Volumes(Message, frozen=True, kw_only=True, omit_defaults=True, tag="volumes"):
    """Names of the volumes of the host's engine, all of them each time."""

    names: Annotated[tuple[Name, ...], Meta(max_length=MAX_VOLUMES)] = ()


class LoginQuery(Message, frozen=True, kw_only=True, omit_defaults=True, tag="login"):
    """The agent is about to pull the image of an assignment: which login does it take?"""

    id: Count
    image: Name


class Heartbeat(Message, frozen=True, kw_only=True, omit_defaults=True, tag="beat"):
    """Sign of life, with what changes all the time."""

    metrics: HostMetrics
    #: True from when a whole set of assignments came in this session, obeyed or held.
    has_set: bool = False
    #: True while the agent knows its engine's containers, and so reports.
    reports: bool = False


class Resync(Message, frozen=True, kw_only=True, omit_defaults=True, tag="resync"):
    """The agent asks for a full assignment set."""

    reason: Text


class CallPart(Message, frozen=True, kw_only=True, omit_defaults=True, tag="part"):
    """A piece of a call's answer."""

    id: CallId
    #: Meaning by call: ``stdout`` or ``stderr`` for logs, "" else.
    stream: Word = ""
    data: bytes = b""


class CallDone(Message, frozen=True, kw_only=True, omit_defaults=True, tag="done"):
    """End of a call's answer; ``code`` is "" on success."""

    id: CallId
    code: Word = ""
    message: Text = ""


class AgentAssignment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An assignment as its agent needs it: resolved, nothing left to look up."""

    id: AssignmentId
    deployment_id: DeploymentId
    service: ServiceKey
    slot: int
    #: Name of the container.
    name: str
    spec: ContainerSpec
    spec_hash: str
    intent: Intent = Intent.RUN
    #: Variables that Berth injects; one of the same name in the spec wins.
    environment: dict[str, str] = {}
    #: Attempts up to this one are known; the next container gets a higher number.
    attempt_floor: int = 0
    #: Failures in a row of the slot before this assignment: waits go on growing from there.
    failures: int = 0
    #: A container made under a lower number is replaced: it was unhealthy.
    renewals: int = 0
    #: Digest of its image when its tag was looked up; "" leaves that to the agent.
    image_digest: str = ""
    #: Why no container can be made for now, "" when one can; one that runs goes on.
    blocked: str = ""


class Welcome(Message, frozen=True, kw_only=True, omit_defaults=True, tag="welcome"):
    """Answer to ``Hello``: the session stands."""

    protocol: Count
    instance_id: InstanceId
    #: Which start of the manager; an agent refuses a lower one than it obeyed.
    epoch: Count
    settings: Settings
    host_name: str
    pool_id: str
    #: The last change that the manager's data holds of the start in the hello's mark; none when
    #: it does not know that start.
    known_mark: ChangeMark = ChangeMark()
    #: Deleted hosts that this engine was before: what they left is stopped and removed.
    former_hosts: tuple[HostId, ...] = ()


class Dismissal(Message, frozen=True, kw_only=True, omit_defaults=True, tag="dismissal"):
    """Answer to ``Hello``: this host was deleted, as the manager's data says; no session follows."""

    instance_id: InstanceId
    #: True: stop and remove what the host has. False: leave all as it is, and replace nothing.
    stop: bool


class AssignmentSet(Message, frozen=True, kw_only=True, omit_defaults=True, tag="set"):
    """Every assignment of the host, in one part or more; it is obeyed with the last part."""

    epoch: Count
    revision: Count
    first: bool = True
    last: bool = True
    #: The newest change that is in it.
    mark: ChangeMark = ChangeMark()
    assignments: tuple[AgentAssignment, ...]


class AssignmentChange(Message, frozen=True, kw_only=True, omit_defaults=True, tag="change"):
    """What changed since the last set or change of this session.

    A large one comes in several, each obeyed at once; the last of them reaches the revision.
    """

    epoch: Count
    applies_to: Count
    results_in: Count
    put: tuple[AgentAssignment, ...] = ()
    drop: tuple[AssignmentId, ...] = ()
    #: The newest change that is in it.
    mark: ChangeMark = ChangeMark()


class KeySet(Message, frozen=True, kw_only=True, omit_defaults=True, tag="keys"):
    """Every key of the store, in one part or more; it is in force with the last part."""

    #: Number of the change that the next one follows.
    sequence: Count
    first: bool
    last: bool
    keys: tuple[Key, ...]


class KeyChange(Message, frozen=True, kw_only=True, omit_defaults=True, tag="key_change"):
    """What changed in the store; the same frame goes to all agents."""

    #: One more than that of the set or change before.
    sequence: Count
    put: tuple[Key, ...] = ()
    drop: tuple[str, ...] = ()


class SettingsChange(Message, frozen=True, kw_only=True, omit_defaults=True, tag="settings"):
    """New settings, in force at once."""

    settings: Settings
    host_name: str
    pool_id: str


class Confirm(Message, frozen=True, kw_only=True, omit_defaults=True, tag="confirm"):
    """An operator confirmed this manager: the agent obeys it from now on."""

    epoch: Count
    revision: Count
    #: The newest change that the manager's data holds.
    mark: ChangeMark = ChangeMark()


class Accepted(Message, frozen=True, kw_only=True, omit_defaults=True, tag="accepted"):
    """Reports up to this sequence are recorded."""

    sequence: Count


class LoginAnswer(Message, frozen=True, kw_only=True, omit_defaults=True, tag="login_answer"):
    """The login for an image; none when it is pulled without one. It is kept nowhere."""

    id: Count
    credentials: Credentials | None = None


class HeartbeatAnswer(Message, frozen=True, kw_only=True, omit_defaults=True, tag="beat_answer"):
    """The manager lives."""


class Call(Message, frozen=True, kw_only=True, omit_defaults=True, tag="call"):
    """Asks the agent for something; answered by parts and one done."""

    id: Count
    deadline_s: Deadline
    request: "CallRequest"


class Cancel(Message, frozen=True, kw_only=True, omit_defaults=True, tag="cancel"):
    """Nobody waits for the call any more."""

    id: CallId


class ActRequest(msgspec.Struct, frozen=True, tag="act", tag_field="t"):
    """Carry out an action on a container, in the queue of its assignment if it has one."""

    container_id: ContainerId
    action: ContainerAction


class LogsRequest(msgspec.Struct, frozen=True, tag="logs", tag_field="t"):
    """Read a container's output."""

    container_id: ContainerId
    query: LogQuery


class InspectRequest(msgspec.Struct, frozen=True, tag="inspect", tag_field="t"):
    """Read the engine's inspect document."""

    container_id: ContainerId


class FindMarkerRequest(msgspec.Struct, frozen=True, tag="find_marker", tag_field="t"):
    """Say whether the engine has a network that a joining agent made: "1" or nothing."""

    name: str


class ImageRequest(msgspec.Struct, frozen=True, tag="image", tag_field="t"):
    """Read the engine's document about an image, and its history."""

    image: str


class PullRequest(msgspec.Struct, frozen=True, tag="pull", tag_field="t"):
    """Bring an image to the host."""

    image: str
    credentials: Credentials | None


class PushRequest(msgspec.Struct, frozen=True, tag="push", tag_field="t"):
    """Bring an image from the host to the registry in its name."""

    image: str
    credentials: Credentials | None


class TagRequest(msgspec.Struct, frozen=True, tag="tag", tag_field="t"):
    """Add another name to an image."""

    image: str
    name: str


class RemoveImageRequest(msgspec.Struct, frozen=True, tag="rmi", tag_field="t"):
    """Take a name from an image, and remove it with its last one."""

    image: str


class RunRequest(msgspec.Struct, frozen=True, tag="run", tag_field="t"):
    """Start a container that belongs to no assignment."""

    run: ImageRun
    credentials: Credentials | None


CallRequest = (
    ActRequest
    | LogsRequest
    | InspectRequest
    | FindMarkerRequest
    | ImageRequest
    | PullRequest
    | PushRequest
    | TagRequest
    | RemoveImageRequest
    | RunRequest
)

#: Stream of the parts that say how far a call is; each is a ``TaskProgress`` in JSON.
PROGRESS_STREAM = "progress"

FromAgent = (
    Hello
    | Report
    | Inventory
    | Images
    | Volumes
    | LoginQuery
    | Heartbeat
    | Resync
    | CallPart
    | CallDone
    | Taken
    | UsageReport
)
FromManager = (
    Welcome
    | Dismissal
    | AssignmentSet
    | AssignmentChange
    | KeySet
    | KeyChange
    | SettingsChange
    | Confirm
    | Accepted
    | LoginAnswer
    | HeartbeatAnswer
    | Call
    | Cancel
    | OpenStream
    | Input
    | Taken
)
