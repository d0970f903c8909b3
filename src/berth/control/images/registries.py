"""Registries: where images come from, and the logins that pulls and pushes use."""

import re
from collections.abc import Callable

import msgspec

from berth.control.naming import MAX_DESCRIPTION, MAX_NAME, check_name, shorten
from berth.domain.errors import Conflict, Invalid, NotFound
from berth.domain.images import Credentials, find_registry
from berth.domain.records import Registry
from berth.domain.table import TableView
from berth.store.draft import Draft

#: The registry of a fresh instance.
DOCKER_HUB_URL = "index.docker.io"

MAX_PASSWORD = 4096

#: Bytes of chance in the id of a registry.
REGISTRY_ID_BYTES = 8

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_URL = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:]{2,45}\])(?::[0-9]{1,5})?"
    r"(?:/[A-Za-z0-9._-]+)*"
)


class RegistryChange(msgspec.Struct, frozen=True, kw_only=True):
    """Values of a registry; None keeps the old one, or takes the default."""

    url: str | None = None
    email: str | None = None
    username: str | None = None
    #: Ciphertext; "" keeps the old one, too.
    password: str | None = None
    description: str | None = None


def create_shipped_registry(draft: Draft, new_id: str) -> None:
    """Make the registry of a fresh instance; one that has registries keeps its own."""
    if len(draft.registries) == 0:
        description = "Public Docker Hub Registry"
        draft.registries.put(Registry(id=new_id, url=DOCKER_HUB_URL, description=description))


def create_registry(draft: Draft, new_id: str, *, values: RegistryChange) -> Registry:
    """Make a registry; its URL must be new."""
    if not values.url:
        raise Invalid("a registry needs a url", code="required", field="url")
    return _put(draft, Registry(id=new_id, url=""), values=values)


def update_registry(draft: Draft, registry_id: str, *, values: RegistryChange) -> Registry:
    """Change a registry; an empty user name removes its login, another host its password."""
    return _put(draft, get_registry(draft.registries, registry_id), values=values)


def delete_registry(draft: Draft, registry_id: str) -> None:
    """Drop a registry; its images are pulled without a login from then on."""
    draft.registries.drop(get_registry(draft.registries, registry_id).id)


def get_registry(registries: TableView[Registry], registry_id: str) -> Registry:
    """Return the registry named in a path; raises NotFound."""
    registry = registries.get(registry_id)
    if registry is None:
        raise NotFound(f"registry {registry_id!r} does not exist", code="unknown_registry")
    return registry


def find_credentials(
    registries: TableView[Registry], image: str, *, decrypt: Callable[[str], str]
) -> Credentials | None:
    """Return the login for an image; none when its registry has none, or is not defined."""
    registry = find_registry(registries.values(), image)
    if registry is None or not registry.username:
        return None
    password = decrypt(registry.password) if registry.password else ""
    return Credentials(registry.username, password, registry.url.partition("/")[0])


def check_url(url: str) -> str:
    """Return a URL without scheme and slashes at its end; raises Invalid."""
    bare = _SCHEME.sub("", url.strip(), count=1).rstrip("/")
    if not _URL.fullmatch(bare):
        raise Invalid(
            f"{shorten(url)!r} is no registry: write a host, with a port and a path where it has "
            "them, for example registry.example.com:5000/team",
            code="invalid_url",
            field="url",
        )
    host, slash, path = bare.partition("/")
    return f"{host.lower()}{slash}{path}"


def _host_of(url: str) -> str:
    return url.partition("/")[0]


def _put(draft: Draft, registry: Registry, *, values: RegistryChange) -> Registry:
    if values.url is not None:
        url = check_url(values.url)
        # A password goes to the host that it was given for, and to no other.
        password = registry.password if _host_of(url) == _host_of(registry.url) else ""
        registry = msgspec.structs.replace(registry, url=url, password=password)
    others = [each for each in draft.registries.find("url", registry.url) if each.id != registry.id]
    if others:
        raise Conflict(
            f"registry {registry.url!r} is defined already, as {others[0].id}",
            code="id_in_use",
            field="url",
        )
    longest = {"email": MAX_NAME, "username": MAX_NAME, "description": MAX_DESCRIPTION}
    for field, bound in longest.items():
        text = getattr(values, field)
        if text is not None:
            checked = check_name(text, field=field, longest=bound)
            registry = msgspec.structs.replace(registry, **{field: checked})
    if values.password:
        registry = msgspec.structs.replace(registry, password=values.password)
    if not registry.username:
        registry = msgspec.structs.replace(registry, password="")
    draft.registries.put(registry)
    return registry
