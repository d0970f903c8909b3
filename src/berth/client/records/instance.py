"""What the instance has: hosts, pools, images, users, events and all else.

Made from the description of the API by ``script/client_records.py``; not edited by hand.
"""

from typing import Any

import msgspec

from berth.client.records.workloads import Forecast


class User(msgspec.Struct, frozen=True, kw_only=True):
    """An account; ``token`` is there in the answer of a login only."""

    id: int = 0
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    token: str = ""
    type: int = 0
    role: int = 0
    group: str = ""
    last_password_reset_date: str = ""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A bearer token."""

    token: str = ""


class SessionItem(msgspec.Struct, frozen=True, kw_only=True):
    """A session, without anything that one could sign in with."""

    session_id: str = ""
    kind: str = ""
    created_on: str = ""
    last_used_on: str = ""
    expires_on: str = ""
    address: str = ""
    user_agent: str = ""
    current: bool = False


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and in which session; none with a bearer token."""

    user: User = User()
    session: SessionItem | None = None


class SessionList(msgspec.Struct, frozen=True, kw_only=True):
    """A user's sessions, newest first."""

    sessions: list[SessionItem] = []


class EndedSessions(msgspec.Struct, frozen=True, kw_only=True):
    """Ids of sessions that were ended."""

    deleted: list[str] = []


class TokenItem(msgspec.Struct, frozen=True, kw_only=True):
    """A named token, without its text."""

    token_id: str = ""
    name: str = ""
    scope: str = ""
    owner: str = ""
    created_on: str = ""
    last_used_on: str = ""
    expires_on: str = ""
    ended: bool = False
    current: bool = False


class TokenList(msgspec.Struct, frozen=True, kw_only=True):
    """A user's named tokens, newest first."""

    tokens: list[TokenItem] = []


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that was just made."""

    token: TokenItem = TokenItem()
    text: str = ""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """Which program this is; filled when it is built, "" when unknown."""

    git_commit: str = ""
    version: str = ""
    release: str = ""
    build_host: str = ""
    build_dt: str = ""
    build_branch: str = ""


class Resources(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over the active hosts of a pool; memory in MB."""

    memory_max: int = 0
    memory_used: int = 0
    memory_percent: int = 0
    cpu_percent: int = 0


class HostInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a host."""

    host_id: str = ""
    hostname: str = ""
    pool_id: str = ""
    is_active: bool = False
    last_seen: int = 0
    info_updated_at: str = ""
    uptime: str = ""
    ip_addresses: str = ""
    cpu: int = 0
    num_cpus: int = 0
    memory: int = 0
    memory_mb: int = 0
    num_images: int = 0
    running_cnts: int = 0
    docker_version: str = ""
    docker_api_version: str = ""
    host_version: str = ""
    location: str = ""
    provider: str = ""


class Disk(msgspec.Struct, frozen=True, kw_only=True):
    """The space of a disk of a host."""

    path: str = ""
    total_bytes: int = 0
    free_bytes: int = 0


class Host(msgspec.Struct, frozen=True, kw_only=True):
    """A host."""

    host_id: str = ""
    info: HostInfo = HostInfo()
    tags: list[str] | None = None
    load: float = 0.0
    interfaces: dict[str, str] = {}
    duty: str = ""
    protocol: int = 0
    state: str = ""
    reason: str = ""
    held: bool = False
    revoked: bool = False
    engine_reachable: bool = False
    disks: list[Disk] = []
    os: str = ""
    kernel: str = ""
    address: str = ""
    joined_at: str = ""


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """A pool; ``hosts`` is there in the detailed list only."""

    id: str = ""
    name: str = ""
    description: str = ""
    total_hosts: int = 0
    active_hosts: int = 0
    tags: list[str] | None = None
    resources: Resources = Resources()
    hosts: list[Host] = []


class JoinToken(msgspec.Struct, frozen=True, kw_only=True):
    """The join token."""

    join_token: str = ""
    expires_on: str = ""
    uses_left: int | None = None


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """Certificate of the instance's authority, "" with plain HTTP."""

    ca: str = ""


class Join(msgspec.Struct, frozen=True, kw_only=True):
    """What makes an agent a host; kept in its data directory."""

    instance_id: str = ""
    host_id: str = ""
    name: str = ""
    credential: str = ""


class FleetForecast(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of the deployments that a change of hosts touches."""

    plans: list[Forecast] = []
    more: bool = False


class TagObject(msgspec.Struct, frozen=True, kw_only=True):
    """A host or pool and the tags that it has."""

    kind: str = ""
    id: str = ""
    tags: list[str] = []


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A tag."""

    id: str = ""


class ListedImage(msgspec.Struct, frozen=True, kw_only=True):
    """An image in the words of Docker's list, under one of its names."""

    id: str = msgspec.field(default="", name="Id")
    parent_id: str = msgspec.field(default="", name="ParentId")
    repo_tags: list[str] = msgspec.field(default_factory=list, name="RepoTags")
    repo_digests: list[str] = msgspec.field(default_factory=list, name="RepoDigests")
    created: int = msgspec.field(default=0, name="Created")
    size: int = msgspec.field(default=0, name="Size")
    virtual_size: int = msgspec.field(default=0, name="VirtualSize")
    labels: dict[str, str] = msgspec.field(default_factory=dict, name="Labels")


class ImageItem(msgspec.Struct, frozen=True, kw_only=True):
    """An image of a host under one of its names."""

    host_id: str = ""
    hostname: str = ""
    image: ListedImage = ListedImage()


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """An image of a host as its engine describes it."""

    host_id: str = ""
    hostname: str = ""
    image: Any = None
    history: Any = None


class Registry(msgspec.Struct, frozen=True, kw_only=True):
    """A registry; its password is never shown."""

    registry_id: str = ""
    url: str = ""
    email: str = ""
    username: str = ""
    password: str = ""
    description: str = ""


class RegistryCheck(msgspec.Struct, frozen=True, kw_only=True):
    """How a login at a registry went."""

    valid: bool = False
    message: str = ""


class AppliedSearch(msgspec.Struct, frozen=True, kw_only=True):
    """A search as it was applied."""

    query: str = ""
    start: int = 0
    limit: int = 0
    kinds: list[str] = []


class SearchMatch(msgspec.Struct, frozen=True, kw_only=True):
    """A place where the query stands, with a few characters around it."""

    field: str = ""
    text: str = ""


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """An object that has the query in a text."""

    kind: str = ""
    id: str = ""
    name: str = ""
    matches: list[SearchMatch] = []
    path: str = ""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What was found; the total counts what the window leaves out, too."""

    request: AppliedSearch = AppliedSearch()
    elapsed_time: float = 0.0
    total_results: int = 0
    results: list[SearchResult] = []


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened."""

    event_id: int = 0
    actor_id: str = ""
    actor_type: str = ""
    actor_label: str = ""
    sub_actor_id: str = ""
    sub_actor_type: str = ""
    sub_actor_label: str = ""
    event_key: str = ""
    summary: str = ""
    message: str = ""
    severity: int = 0
    severity_description: str = ""
    first_seen: str = ""
    details: dict[str, str] = {}


class StatusRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What of a query was applied."""

    query: str = ""
    start: int = 0
    limit: int = 0


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What is the matter now."""

    fingerprint: str = ""
    actor_id: str = ""
    actor_type: str = ""
    actor_label: str = ""
    sub_actor_id: str = ""
    sub_actor_type: str = ""
    sub_actor_label: str = ""
    event_key: str = ""
    summary: str = ""
    message: str = ""
    severity: int = 0
    severity_description: str = ""
    first_seen: str = ""
    last_seen: str = ""
    count: int = 0
    generation: int = 0
    last_event_id: int = 0
    clear_event_id: int = 0
    host_id: str = ""
    username: str = ""
    details: dict[str, str] = {}


class WatchMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A change as a stream sends it."""

    revision: int = 0
    kind: str = ""
    id: str = ""
    type: str = ""
    object: Any = None


class KeyPair(msgspec.Struct, frozen=True, kw_only=True):
    """A key as Consul writes it; JSON turns the value's bytes into base64."""

    key: str = msgspec.field(default="", name="Key")
    create_index: int = msgspec.field(default=0, name="CreateIndex")
    modify_index: int = msgspec.field(default=0, name="ModifyIndex")
    lock_index: int = msgspec.field(default=0, name="LockIndex")
    flags: int = msgspec.field(default=0, name="Flags")
    value: bytes = msgspec.field(default=b"", name="Value")


class CatalogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the catalog."""

    address: str = msgspec.field(default="", name="Address")
    id: str = msgspec.field(default="", name="ID")
    service: str = msgspec.field(default="", name="Service")
    tags: list[str] = msgspec.field(default_factory=list, name="Tags")
    port: int = msgspec.field(default=0, name="Port")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may tune; times in seconds."""

    host_ttl_s: float = 6.0
    engine_ttl_s: float = 60.0
    backoff_first_s: float = 1.0
    backoff_max_s: float = 60.0
    backoff_reset_s: float = 60.0
    rollout_settle_s: float = 2.0
    rollout_monitor_s: float = 5.0
    first_health_s: float = 60.0
    attempts_before_move: int = 5
    stop_grace_s: float = 10.0
    image_tags: str = "once"
    pull_deadline_s: float = 1800.0
    engine_concurrency: int = 4
    engine_resync_s: float = 30.0
    resync_s: float = 30.0
    mass_silence_wait_s: float = 60.0
    deleted_hosts: str = "stop"
    call_deadline_s: float = 30.0
    network_pool: str = "10.210.0.0/16"
    session_lifetime_s: float = 1800.0
    api_token_of: str = "deployment"


class SkippedItem(msgspec.Struct, frozen=True, kw_only=True):
    """Something of a backup that was not restored, and why."""

    kind: str = ""
    id: str = ""
    reason: str = ""


class ImportChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore does to one object."""

    kind: str = ""
    id: str = ""
    action: str = ""


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an import, or would come of it; ``changes`` is there in a dry run only."""

    imported: dict[str, int] = {}
    skipped: list[SkippedItem] = []
    missing_secrets: list[SkippedItem] = []
    changes: list[ImportChange] = []
