"""Actions of users on images: each is a task for one host."""

import msgspec

from berth.control.hosts.membership import get_host
from berth.control.naming import shorten
from berth.domain.errors import HostAway, Invalid, NotFound
from berth.domain.fleet import Fleet
from berth.domain.ids import HostId
from berth.domain.image_calls import ImageAction
from berth.domain.images import find_reference, is_image_id
from berth.domain.observed import EngineImage
from berth.domain.origin import Origin
from berth.domain.records import Host, Task, TaskKind
from berth.domain.spec import ContainerSpec
from berth.domain.states import HostState
from berth.store.draft import Draft
from berth.store.task_log import TaskSubject, open_task


class ImageTaskRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a user wants with an image of a host."""

    action: ImageAction
    image: str
    #: Of a tag the new name, of a run the name of the container.
    target: str = ""
    spec: ContainerSpec | None = None


def request_image(draft: Draft, host_id: HostId, *, wish: ImageTaskRequest, origin: Origin) -> Task:
    """Open the task that an active host carries out; what the engine takes is judged there."""
    host = get_host(draft.hosts, host_id)
    check_active(draft.fleet, host)
    as_what = f" as {wish.target}" if wish.action is ImageAction.TAG else ""
    about = TaskSubject(
        name=f"{wish.action.value} image: {wish.image}{as_what}",
        subject=wish.image,
        action=wish.action.value,
        host_id=host.id,
        target=wish.target,
        spec=wish.spec,
    )
    return open_task(draft, TaskKind.IMAGE, about=about, origin=origin)


def check_active(fleet: Fleet, host: Host) -> None:
    """Raise HostAway when a host is not in contact."""
    if fleet.status_of(host.id).state is not HostState.ACTIVE:
        raise HostAway(f"host {host.name} is not in contact")


def read_image_path(text: str) -> str:
    """Return the image named in a path in the spelling that engines take; raises NotFound."""
    image = text.strip()
    if is_image_id(image):
        return image if image.startswith("sha256:") else f"sha256:{image}"
    if find_reference(image) is None:
        raise NotFound(f"{shorten(image)!r} is no image", code="unknown_image")
    return image


def check_image(text: str, *, field: str) -> str:
    """Return the name of an image to bring, with its tag; raises Invalid."""
    reference = find_reference(text)
    if reference is None or is_image_id(text.strip()):
        raise Invalid(
            f"{shorten(text)!r} is no image: write [registry/]name[:tag]",
            code="invalid_image",
            field=field,
        )
    return reference.exact


def check_name_to_run(text: str) -> str:
    """Return the image to run, by name or id; raises Invalid."""
    image = text.strip()
    if is_image_id(image):
        return image if image.startswith("sha256:") else f"sha256:{image}"
    return check_image(image, field="image")


def make_target(repository: str, tag: str) -> str:
    """Return the new name of an image, from a body's repository and tag; raises Invalid."""
    tag, repository = tag.strip(), repository.strip()
    reference = find_reference(f"{repository}:{tag}" if tag else repository)
    if reference is None or reference.digest:
        raise Invalid(
            f"{shorten(repository)!r} with tag {shorten(tag)!r} is no name of an image",
            code="invalid_image",
            field="Repo",
        )
    return reference.exact


def find_images(fleet: Fleet, host_id: HostId, *, image: str) -> list[EngineImage]:
    """Return the image of a host that a name or an id means, or none."""
    listed = fleet.observed.images.get(host_id, {})
    if is_image_id(image):
        return [listed[image]] if image in listed else []
    reference = find_reference(image)
    wanted = reference.canonical if reference else ""
    return [each for each in listed.values() if wanted in _canonical_names(each)]


def is_same_image(text: str, image: str) -> bool:
    """Return whether a text names the image, by the same id or name."""
    if is_image_id(image) or is_image_id(text):
        return text == image
    one, other = find_reference(text), find_reference(image)
    return one is not None and other is not None and one.canonical == other.canonical


def _canonical_names(image: EngineImage) -> set[str]:
    found = (find_reference(name) for name in (*image.names, *image.digests))
    return {each.canonical for each in found if each is not None}
