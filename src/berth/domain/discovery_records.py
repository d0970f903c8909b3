"""Records of service discovery: keys, catalog entries and the ports of proxies."""

from berth.domain.ids import AssignmentId, DeploymentId, HostId, ServiceKey
from berth.domain.records import Record

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
    """Return the name under which a service's port stands in keys and catalog."""
    return f"{service}-{deployment_id}-{port}"


def containers_path(service: str, deployment_id: str, *, port: int) -> str:
    """Return what the keys of all containers of a service's port begin with."""
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
    """Return the id of the proxy port for a service's port on a host."""
    return f"{host_id}/{deployment_id}/{service}/{target}"
