"""Reads image references for an engine, and Docker's list of images."""

import msgspec

from berth.domain.errors import EngineRefused
from berth.domain.images import ImageReference, find_reference
from berth.domain.observed import EngineImage

#: How an engine writes that an image has no name, or no tag.
_NONE = "<none>"


class _Listed(msgspec.Struct, rename="pascal"):
    id: str
    parent_id: str = ""
    repo_tags: list[str] | None = None
    repo_digests: list[str] | None = None
    created: int = 0
    size: int = 0
    labels: dict[str, str] | None = None


_images = msgspec.json.Decoder(list[_Listed])


def parse_image(text: str) -> ImageReference:
    """Split ``[registry/]repository[:tag][@digest]``; raises EngineRefused when it is no reference."""
    reference = find_reference(text)
    if reference is None:
        raise EngineRefused(f"'{text}' is not an image reference like registry/name:tag")
    return reference


def parse_images(body: bytes) -> list[EngineImage]:
    """Read the answer of ``GET /images/json``; raises msgspec.DecodeError."""
    return [
        EngineImage(
            id=listed.id,
            parent_id=listed.parent_id,
            names=_named(listed.repo_tags),
            digests=_named(listed.repo_digests),
            created_at=listed.created,
            size=listed.size,
            labels=listed.labels or {},
        )
        for listed in _images.decode(body)
    ]


class _Check(msgspec.Struct, rename="pascal"):
    test: list[str] | None = None


class _Config(msgspec.Struct):
    check: _Check | None = msgspec.field(name="Healthcheck", default=None)


class _Document(msgspec.Struct):
    config: _Config | None = msgspec.field(name="Config", default=None)
    digests: list[str] | None = msgspec.field(name="RepoDigests", default=None)


class ImageFacts(msgspec.Struct, frozen=True):
    """What a container's image says that matters before there is a container."""

    #: Whether it has a check of its own that is not switched off; yes when nobody can say.
    has_check: bool = True
    #: Under which its registry has it; "" for one that came from none.
    digest: str = ""


def read_facts(document: bytes, image: str) -> ImageFacts:
    """Read an image's document; ``image`` is the reference by which it was found."""
    try:
        decoded = msgspec.json.decode(document, type=_Document)
    except msgspec.MsgspecError:
        return ImageFacts()
    test = decoded.config.check.test if decoded.config and decoded.config.check else None
    return ImageFacts(bool(test) and test != ["NONE"], _digest_of(image, decoded.digests or []))


def _digest_of(image: str, listed: list[str]) -> str:
    """Return the digest that an image has in the repository of a reference."""
    wanted = find_reference(image)
    if wanted is None:
        return ""
    if wanted.digest:
        return wanted.digest
    known = (find_reference(each) for each in listed)
    same = (each.digest for each in known if each and each.full_name == wanted.full_name)
    return next(same, "")


def _named(names: list[str] | None) -> tuple[str, ...]:
    return tuple(name for name in names or () if _NONE not in name)
