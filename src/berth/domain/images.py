"""Names of images: registry, repository, tag and digest; and which registry a name belongs to."""

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from berth.domain.records import Registry
from berth.domain.spec import ContainerSpec

DOCKER_HUB = "docker.io"
#: Other names of Docker Hub.
HUB_ALIASES = frozenset({"index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})

_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_REGISTRY = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}")
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")

#: Longer than that of any algorithm in use.
_MAX_DIGEST = 160
#: Longest name that Docker takes.
_MAX_NAME = 255


class ImageReference(msgspec.Struct, frozen=True):
    """An image's name in its parts."""

    #: Host with optional port, "" when the text names none.
    registry: str
    repository: str
    #: "latest" when the text has neither tag nor digest, "" beside a digest.
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """Registry and repository as the user wrote them, without tag or digest."""
        return f"{self.registry}/{self.repository}" if self.registry else self.repository

    @property
    def version(self) -> str:
        """The digest, else the tag: a digest decides where both are given."""
        return self.digest or self.tag

    @property
    def exact(self) -> str:
        """The reference with nothing left to guess, as the user wrote its name."""
        return f"{self.name}@{self.digest}" if self.digest else f"{self.name}:{self.tag}"

    @property
    def full_name(self) -> str:
        """Registry and repository with nothing left to guess, one spelling for Docker Hub."""
        registry = self.registry or DOCKER_HUB
        if registry in HUB_ALIASES:
            registry = DOCKER_HUB
        official = registry == DOCKER_HUB and "/" not in self.repository
        return (
            f"{registry}/library/{self.repository}" if official else f"{registry}/{self.repository}"
        )

    @property
    def familiar(self) -> str:
        """The shortest spelling, as engines show it."""
        short = self.full_name.removeprefix(f"{DOCKER_HUB}/library/").removeprefix(f"{DOCKER_HUB}/")
        return f"{short}@{self.digest}" if self.digest else f"{short}:{self.tag}"

    @property
    def canonical(self) -> str:
        """One spelling for all references to the same image."""
        return f"{self.full_name}@{self.digest}" if self.digest else f"{self.full_name}:{self.tag}"


class Credentials(msgspec.Struct, frozen=True):
    """A login at a registry; lives in memory only."""

    username: str
    password: str
    registry: str

    def __repr__(self) -> str:
        """Show no password, wherever the value is printed."""
        return f"Credentials(username={self.username!r}, registry={self.registry!r})"


class ImageRun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A container to start from an image; nobody replaces it when it ends."""

    name: str
    spec: ContainerSpec
    labels: dict[str, str] = {}


class ImageDetail(msgspec.Struct, frozen=True):
    """An image as its engine describes it, both in JSON."""

    document: bytes
    history: bytes


@lru_cache(maxsize=1024)
def find_reference(text: str) -> ImageReference | None:
    """Split ``[registry/]repository[:tag][@digest]``; none when the text is no reference.

    The first part is a registry when it holds a dot or a colon or is ``localhost``, as in
    https://github.com/distribution/reference.
    """
    rest, _, digest = text.strip().partition("@")
    head, slash, tail = rest.rpartition("/")
    tail, colon, tag = tail.partition(":")
    path = f"{head}{slash}{tail}"
    first, has_more, remainder = path.partition("/")
    registry = ""
    if has_more and ("." in first or ":" in first or first == "localhost"):
        registry, path = first, remainder
    if (
        not all(_REPOSITORY.fullmatch(part) for part in path.split("/"))
        or (registry and not _REGISTRY.fullmatch(registry))
        or (colon and not _TAG.fullmatch(tag))
        or ("@" in text and not _DIGEST.fullmatch(digest))
        or len(registry) + len(path) > _MAX_NAME
    ):
        return None
    return ImageReference(registry, path, "" if digest else tag or "latest", digest)


def pin_image(text: str, digest: str) -> str:
    """Return the reference with a digest beside its tag; one that has a digest, or is none, as it is."""
    reference = find_reference(text)
    if reference is None or reference.digest or is_image_id(text):
        return text
    return f"{reference.name}:{reference.tag}@{digest}"


def is_digest(text: str) -> bool:
    """Whether a text that was sent is the digest of an image."""
    return len(text) <= _MAX_DIGEST and _DIGEST.fullmatch(text) is not None


def is_image_id(text: str) -> bool:
    """Whether the text is an engine's image id instead of a reference."""
    return _ID.fullmatch(text) is not None


def find_registry(registries: Iterable[Registry], image: str) -> Registry | None:
    """Return the registry whose URL is the longest prefix of an image's name, or none.

    Whole parts of the name are compared; a name without a registry host is one of Docker Hub.
    """
    reference = find_reference(image)
    if reference is None:
        return None
    parts = _parts(reference.full_name)
    fitting = [each for each in registries if _is_prefix(_parts(each.url), parts)]
    return max(fitting, key=lambda each: len(_parts(each.url)), default=None)


def _parts(url: str) -> list[str]:
    """Split a URL without a scheme, with one spelling for Docker Hub."""
    host, *path = url.split("/")
    host = host.lower()
    return [DOCKER_HUB if host in HUB_ALIASES else host, *path]


def _is_prefix(prefix: list[str], parts: list[str]) -> bool:
    return parts[: len(prefix)] == prefix
