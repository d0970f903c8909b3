"""Reads image references: registry, repository, tag and digest."""

import re
from functools import lru_cache

import msgspec

from berth.domain.errors import EngineRefused

DOCKER_HUB = "docker.io"
#: Other names of Docker Hub.
_HUB_ALIASES = frozenset({"index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})

_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_REGISTRY = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}")
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")


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
    def canonical(self) -> str:
        """One spelling for all references to the same image."""
        registry = self.registry or DOCKER_HUB
        if registry in _HUB_ALIASES:
            registry = DOCKER_HUB
        repository = self.repository
        if registry == DOCKER_HUB and "/" not in repository:
            repository = f"library/{repository}"
        return msgspec.structs.replace(self, registry=registry, repository=repository).exact


@lru_cache(maxsize=1024)
def parse_image(text: str) -> ImageReference:
    """Split ``[registry/]repository[:tag][@digest]``; raises EngineRefused when it is no reference.

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
    ):
        raise EngineRefused(f"'{text}' is not an image reference like registry/name:tag")
    return ImageReference(registry, path, "" if digest else tag or "latest", digest)


def is_image_id(text: str) -> bool:
    """Whether the text is an engine's image id instead of a reference."""
    return _ID.fullmatch(text) is not None
