"""The durable records beside deployments: keys, catalog, registries, webhooks, history, homes."""

from typing import Literal

import msgspec

from berth.domain.ids import AssignmentId, DeploymentId, HostId, ServiceKey
from berth.domain.records import Record
from berth.domain.spec import ServiceSpec


class Tag(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A word that hosts and pools may bear; it must exist before it is applied."""

    id: str
    created_at: float


#: In place of an assignment: a key that users wrote.
OF_USERS = AssignmentId("")


class Key(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of the key/value store."""

    #: Full key, without a leading slash.
    id: str
    value: bytes
    #: Revisions of the store at creation and at the last write.
    create_index: int
    modify_index: int
    flags: int = 0
    #: Whose container's port it is for, when the manager made it; "" for a key of a user.
    assignment_id: AssignmentId = OF_USERS

    @property
    def system(self) -> bool:
        """Whether the manager made it for a published port of a running container."""
        return self.assignment_id != OF_USERS


def service_name(service: str, deployment_id: str, *, port: int) -> str:
    """Give the name under which a service's port stands in keys and catalog."""
    return f"{service}-{deployment_id}-{port}"


def containers_path(service: str, deployment_id: str, *, port: int) -> str:
    """Give what the keys of all containers of a service's port begin with."""
    return f"apps/{service_name(service, deployment_id, port=port)}/containers"


class CatalogEntry(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Where one instance of a named service is reached."""

    id: str
    #: Entries that share it form one group.
    service: str
    address: str
    port: int
    tags: tuple[str, ...] = ()
    #: Derived from a key of the platform; such entries are not stored.
    system: bool = False


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


class Delivery(msgspec.Struct, frozen=True, omit_defaults=True):
    """One call of a webhook."""

    #: Unix seconds.
    at: float
    #: Address that the call came from.
    source: str
    #: Status code of the answer, and what became of the call, for people.
    code: int
    outcome: str
    task_id: str = ""


class Webhook(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The restart webhook of a deployment, under the deployment's id."""

    id: DeploymentId
    #: The whole credential of a call; shown to users, hence encrypted, not hashed.
    token: str
    enabled: bool = False
    #: Newest last; at most 20.
    deliveries: tuple[Delivery, ...] = ()


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
    created_at: float
    created_by: str
    #: As in the deployment.
    ignored: tuple[str, ...] = ()
    #: The deployment's restart nonce when its rollout was last done.
    nonce: str = ""
    #: How its rollout ended.
    outcome: Literal["", "done", "failed", "superseded"] = ""


class VolumeHome(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The host that holds the named volumes of a slot; outlives every container of it."""

    #: ``<deployment id>/<service>/<slot>``.
    id: str
    deployment_id: DeploymentId
    host_id: HostId


class ProxyPort(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The port on a host's bridge behind which a service of a deployment is reached."""

    #: ``<host id>/<deployment id>/<service>/<container port>``.
    id: str
    host_id: HostId
    deployment_id: DeploymentId
    service: ServiceKey
    #: Port of the service's containers.
    target: int
    #: Port that the host listens on.
    port: int


def proxy_id(host_id: HostId, deployment_id: DeploymentId, *, service: str, target: int) -> str:
    """Give the id of the proxy port for a service's port on a host."""
    return f"{host_id}/{deployment_id}/{service}/{target}"
