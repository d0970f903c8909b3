"""The durable records: what users want, what the manager decided, what happened."""

import enum
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Literal

import msgspec

from berth.domain.ids import (
    AssignmentId,
    DeploymentId,
    HostId,
    InstanceId,
    PoolId,
    ServiceKey,
    TaskId,
)
from berth.domain.spec import ContainerSpec, ServiceSpec, hash_spec
from berth.domain.states import Duty, Intent, Severity, Subtype, TaskStatus


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every stored record; times are Unix seconds."""


class Instance(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One Berth: its identity and the counters that outlive its manager."""

    id: InstanceId
    #: Which start of the manager this is.
    epoch: int
    #: Revisions below this one may have been given out.
    revision_reserved: int
    created_at: float


class User(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An account."""

    id: int
    username: str
    #: Argon2 string.
    password_hash: str
    first_name: str = ""
    last_name: str = ""
    password_changed_at: float | None = None


class TokenKind(enum.StrEnum):
    """What a token is good for."""

    SESSION = "session"
    BEARER = "bearer"
    #: A cookie of the console, good for every call that comes from the console's own pages.
    BROWSER = "browser"
    #: A bearer token that its user made for a program, with a name.
    NAMED = "named"
    #: The token of a deployment, which is kept nowhere.
    DEPLOYMENT = "deployment"


class TokenScope(enum.StrEnum):
    """What a token allows of all that its user may do."""

    FULL = "full"
    #: Reading what nobody can act with.
    READ = "read"
    #: Reading one deployment, the keys and the catalog.
    DEPLOYMENT = "deployment"


class Token(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A credential of a user; the text itself is not kept."""

    #: SHA-256 of the token, hexadecimal.
    id: str
    kind: TokenKind
    user_id: int
    created_at: float
    #: None never ends.
    expires_at: float | None = None
    #: The bearer token encrypted with the instance's key, since the API must show it again.
    ciphertext: str = ""
    #: When a session or a named token was last used, as far as that is written; 0 for never.
    last_used_at: float = 0.0
    #: What its user calls a named token; unique among the user's.
    name: str = ""
    scope: TokenScope = TokenScope.FULL
    #: Where a browser's session began: the address and the name that the browser gave itself.
    address: str = ""
    user_agent: str = ""


class Pool(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A named set of hosts."""

    id: PoolId
    name: str
    description: str = ""
    tags: tuple[str, ...] = ()


class Host(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A machine with an engine and an agent; what changes by itself is in ``HostStatus``."""

    id: HostId
    name: str
    pool_id: PoolId
    #: The engine's own id, by which a join takes an inactive record over.
    engine_id: str
    #: SHA-256 of the agent's credential, hexadecimal.
    credential_hash: str
    created_at: float
    tags: tuple[str, ...] = ()
    #: Addresses as last reported, so that they outlive the manager.
    address: str = ""
    public_address: str = ""
    #: Where its last session came from, as the manager's side of the connection saw it.
    session_address: str = ""
    duty: Duty = Duty.ACTIVE
    #: When its access was revoked; 0 while its credential is good.
    revoked_at: float = 0.0


class Tombstone(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A host that was deleted: only such a record lets its agent stop what it has."""

    #: Of the host.
    id: HostId
    name: str
    engine_id: str
    #: As in the host; "" when its access was revoked.
    credential_hash: str
    deleted_at: float


class Definition(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A text that a user stored: a service or a stack."""

    #: Unique within its subtype.
    definition_id: str
    name: str
    subtype: Subtype
    content: str
    created_at: float
    updated_at: float

    @property
    def id(self) -> str:
        """Key over both subtypes, which have separate id spaces."""
        return definition_key(self.subtype, self.definition_id)


def definition_key(subtype: Subtype, definition_id: str) -> str:
    """Return the key under which a definition is stored."""
    return f"{subtype.value}/{definition_id}"


class Deployment(Record, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """One definition kept running in one pool."""

    id: DeploymentId
    name: str
    pool_id: PoolId
    subtype: Subtype
    #: Id and name of the definition that the text was copied from.
    service_id: str
    service_name: str
    content: str
    #: The text, parsed when it was set; later parsers do not change what runs.
    services: tuple[ServiceSpec, ...]
    #: How many slots each service has now, whoever said so.
    quantities: dict[ServiceKey, int]
    #: Services whose number a user named; the others follow the text. A record without it is of an
    #: older version: there those count as named whose number is not the text's.
    named_quantities: tuple[ServiceKey, ...] | None = None
    #: Digest of each service's image, kept until its text, a start or a restart asks for another.
    digests: dict[ServiceKey, str] = {}
    #: 1 running, 0 stopped.
    desired_state: Literal[0, 1]
    desired_changed_at: float
    created_by: str
    created_at: float
    generation: int = 1
    #: ``generation`` at the last change of name, placement, quantities or text.
    info_generation: int = 1
    #: Time of the last change of name, placement, quantities or text; 0 = never.
    changed_at: float = 0.0
    #: A new one makes every container outdated: a rolling restart.
    nonce: str = ""
    #: Whether another restart was asked for while slots were restarted already: one more round.
    restart_again: bool = False
    #: True after its task was cancelled: nothing outdated is replaced until the next change.
    paused: bool = False
    #: Services that have been let through to their first fill since the last start; kept only where
    #: phases or dependencies make others wait.
    begun: tuple[ServiceKey, ...] = ()
    #: What of the text has no effect: each place and why, at most some dozens.
    ignored: tuple[str, ...] = ()
    #: Which first rollout or rolling change is under way and watched; "" once every slot has proven
    #: to run.
    rollout: Literal["", "start", "update", "rollback"] = ""
    #: The task that follows the last change, "" when none.
    task_id: str = ""

    @property
    def named(self) -> dict[ServiceKey, int]:
        """The numbers that users named."""
        return pick_named(self)

    def restarted(self) -> "Deployment":
        """Return it with every container outdated."""
        generation = self.generation + 1
        return msgspec.structs.replace(
            self,
            generation=generation,
            nonce=f"restart-{generation}",
            digests={},
            rollout="update",
            restart_again=False,
        )

    def digests_of_unchanged(self, old: "Deployment") -> dict[ServiceKey, str]:
        """Return the digests of an older state of it that hold for services which are as they were."""
        known = ((service, old.service(service.key)) for service in self.services)
        return {
            service.key: old.digests[service.key]
            for service, before in known
            if before is not None
            and service.key in old.digests
            and self.hash_of(service) == old.hash_of(before)
        }

    def hash_of(self, service: ServiceSpec) -> str:
        """Return the hash that an up-to-date assignment of that service has."""
        return self._hashes[service.key]

    @cached_property
    def _hashes(self) -> dict[ServiceKey, str]:
        return {each.key: hash_spec(each.container, self.nonce) for each in self.services}

    @cached_property
    def read_keys(self) -> frozenset[str]:
        """Keys that its template functions read."""
        return frozenset(key for service in self.services for key in service.uses.reads_keys)

    @property
    def shows_token(self) -> bool:
        """Whether its template functions show the bearer token of its user."""
        return any(service.uses.shows_token for service in self.services)

    def service(self, key: ServiceKey) -> ServiceSpec | None:
        """Return the service of that key, or none."""
        return next((service for service in self.services if service.key == key), None)


class Assignment(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One slot on one host; made and ended by the manager alone, and never moved."""

    id: AssignmentId
    deployment_id: DeploymentId
    service: ServiceKey
    slot: int
    host_id: HostId
    spec: ContainerSpec
    spec_hash: str
    created_at: float
    intent: Intent = Intent.RUN
    #: Why it ends, for people; "" while it is wanted.
    end_reason: str = ""
    #: A fact that must outlive reports: the run-once container that ended, and how.
    exit_code: int | None = None
    #: Failures in a row of the slot before this assignment, on other hosts.
    failures: int = 0
    #: How often the agent was asked to replace its container, since that was unhealthy.
    renewals: int = 0
    #: The attempt that the last of them was about.
    renewed_attempt: int = 0
    #: How many of the last were about containers that had never been healthy, in a row.
    renewed_in_vain: int = 0

    @property
    def slot_id(self) -> tuple[DeploymentId, ServiceKey, int]:
        """The identity of the slot it fills."""
        return self.deployment_id, self.service, self.slot

    @property
    def wanted(self) -> bool:
        """Whether its container shall run."""
        return self.intent is Intent.RUN


class TaskKind(enum.StrEnum):
    """What a task does, which decides who executes it."""

    DEPLOY = "deploy"
    UPDATE = "update"
    START = "start"
    STOP = "stop"
    RESTART = "restart"
    ROLLBACK = "rollback"
    CONTAINER = "container"
    IMAGE = "image"
    MOVE = "move"
    DRAIN = "drain"


class Task(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A cancellable long action that a user asked for."""

    id: TaskId
    kind: TaskKind
    name: str
    user: str
    subsystem: Literal["API", "Webhook", "System"] = "API"
    created_at: float
    closed_at: float | None = None
    percent: int = 0
    status: TaskStatus = TaskStatus.PENDING
    message: str = ""
    #: Host that runs it, "" for work on the manager.
    host_id: str = ""
    #: What it is about: deployment id, or container id or image with ``action``.
    subject: str = ""
    action: str = ""
    #: Of a tag the new name of the image, of a run the name of the container.
    target: str = ""
    #: Of a run: what the container shall be.
    spec: ContainerSpec | None = None
    #: The deployment generation that it brings about.
    generation: int = 0
    #: Epoch of the manager that executes it.
    epoch: int = 0


class Actor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who or what an event concerns."""

    type: str
    id: str
    label: str = ""


class Event(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened; never changed."""

    id: int
    at: float
    #: Kind of event, for example ``container_started``.
    key: str
    severity: Severity
    summary: str
    message: str
    actor: Actor
    sub_actor: Actor | None = None
    details: dict[str, str] = {}
    #: Whether it is folded into a status.
    makes_status: bool = False


class Status(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Events of one fingerprint folded: what is the matter now."""

    #: Actor type and id, sub-actor type and id, and event key joined by bars.
    id: str
    first_seen: float
    last_seen: float
    count: int
    #: Counts every change of any status.
    generation: int
    #: The newest event folded in.
    event: Event
    clear_event_id: int = 0


def fingerprint(actor: Actor, sub_actor: Actor | None, *, key: str) -> str:
    """Return the fingerprint under which the status of an event is kept."""
    sub = sub_actor or Actor("", "")
    return f"{actor.type}|{actor.id}|{sub.type}|{sub.id}|{key}"


def fold_status(status: Status | None, event: Event, *, generation: int) -> Status:
    """Fold an event into the status of its fingerprint."""
    cleared = event.id if event.severity is Severity.CLEARED else 0
    return Status(
        id=fingerprint(event.actor, event.sub_actor, key=event.key),
        first_seen=status.first_seen if status else event.at,
        last_seen=event.at,
        count=status.count + 1 if status else 1,
        generation=generation,
        event=event,
        clear_event_id=cleared,
    )


class Tag(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A word that hosts and pools may have; it must exist before it is applied."""

    id: str
    created_at: float


class Registry(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A place that images come from; the password is encrypted with the instance's key."""

    #: 16 hexadecimal digits.
    id: str
    #: Host and optional path, without a scheme; unique.
    url: str
    email: str = ""
    username: str = ""
    #: Ciphertext; "" when there is no password.
    password: str = ""
    description: str = ""


class Replay(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A request that named a key and changed something; its repetition gets the same answer."""

    #: SHA-256 of user and key, hexadecimal.
    id: str
    #: SHA-256 of method, path, query and body, hexadecimal.
    fingerprint: str
    created_at: float
    #: Ciphertext; "" when it was not kept.
    answer: str = ""
    media_type: str = ""


class Generation(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a deployment was after a change of its text; the last ten are kept."""

    #: ``<deployment id>/<generation>``.
    id: str
    deployment_id: DeploymentId
    generation: int
    content: str
    services: tuple[ServiceSpec, ...]
    quantities: dict[ServiceKey, int]
    #: As in the deployment.
    named_quantities: tuple[ServiceKey, ...] | None = None
    created_at: float
    created_by: str
    #: As in the deployment.
    ignored: tuple[str, ...] = ()
    #: The deployment's digests when its rollout was last done.
    digests: dict[ServiceKey, str] = {}
    #: The deployment's restart nonce when its rollout was last done.
    nonce: str = ""
    #: How its rollout ended.
    outcome: Literal["", "done", "failed", "superseded"] = ""

    @property
    def named(self) -> dict[ServiceKey, int]:
        """The numbers that users had named."""
        return pick_named(self)


def pick_named(record: Deployment | Generation) -> dict[ServiceKey, int]:
    """Return the numbers of slots that users named; the others are the text's."""
    if record.named_quantities is None:
        asked = {service.key: service.quantity for service in record.services}
        return {key: n for key, n in record.quantities.items() if asked.get(key) != n}
    return {key: record.quantities[key] for key in record.named_quantities}


def count_slots(
    services: Iterable[ServiceSpec], *, named: Mapping[ServiceKey, int]
) -> dict[ServiceKey, int]:
    """Return the number of slots of each service: the one that a user named, else the text's."""
    return {service.key: named.get(service.key, service.quantity) for service in services}


class VolumeHome(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The host that holds the named volumes of a slot; outlives every container of it."""

    #: ``<deployment id>/<service>/<slot>``.
    id: str
    deployment_id: DeploymentId
    host_id: HostId
