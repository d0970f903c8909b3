"""Images."""

from collections.abc import Iterable, Iterator

import msgspec
from pydantic import AliasChoices, Field

from berth.api.http.params import Body
from berth.api.schemas.definitions import EditorBody
from berth.domain.images import ImageDetail
from berth.domain.observed import EngineImage
from berth.domain.records import Host


class RunBody(Body):
    """Body of a run: one service in any form; without it the image runs as it is."""

    content: str | None = None
    editor: EditorBody | None = Field(None, alias="editorTemp")


class ImageTagBody(Body):
    """Body of a tag; the path names image and host."""

    repository: str | None = Field(None, validation_alias=AliasChoices("Repo", "repo"))
    tag: str | None = Field(None, validation_alias=AliasChoices("Tag", "tag"))


class ListedImage(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """An image in the words of Docker's list, under one of its names."""

    id: str
    parent_id: str
    repo_tags: list[str]
    repo_digests: list[str]
    created: int
    size: int
    virtual_size: int
    labels: dict[str, str]


class ImageItem(msgspec.Struct, frozen=True, kw_only=True):
    """An image of a host under one of its names."""

    host_id: str
    hostname: str
    image: ListedImage


class ImageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An image of a host as its engine describes it."""

    host_id: str
    hostname: str
    image: msgspec.Raw
    history: msgspec.Raw


class NamedImage(msgspec.Struct, frozen=True):
    """An image of a host under one of its names, "" when it has none."""

    host: Host
    image: EngineImage
    name: str

    @property
    def id(self) -> str:
        """Where it stands in lists."""
        return f"{self.host.id}/{self.image.id}/{self.name}"


def name_each(host: Host, images: Iterable[EngineImage]) -> Iterator[NamedImage]:
    """Yield each image once for each of its names, in the order of lists."""
    for image in sorted(images, key=lambda each: each.id):
        for name in sorted(image.names) or [""]:
            yield NamedImage(host, image, name)


def render_item(named: NamedImage) -> ImageItem:
    """Render an image under one of its names."""
    image = named.image
    return ImageItem(
        host_id=named.host.id,
        hostname=named.host.name,
        image=ListedImage(
            id=image.id,
            parent_id=image.parent_id,
            repo_tags=[named.name] if named.name else [],
            repo_digests=list(image.digests),
            created=image.created_at,
            size=image.size,
            virtual_size=image.size,
            labels=image.labels,
        ),
    )


def render_detail(host: Host, detail: ImageDetail) -> ImageAnswer:
    """Render an image with its history."""
    return ImageAnswer(
        host_id=host.id,
        hostname=host.name,
        image=msgspec.Raw(detail.document),
        history=msgspec.Raw(detail.history),
    )
