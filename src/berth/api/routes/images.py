"""Image: what hosts have of images, and actions on them."""

from functools import partial

from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Endpoints, Notes
from berth.api.http.responses import Json
from berth.api.listing.filters import Words, is_among
from berth.api.listing.pages import PageOf, Shape, answer_list, one_by_one
from berth.api.presenters.containers import (
    HostContainer,
    id_of,
    list_all,
    wrap_all,
)
from berth.api.requests.deployment_body import parse_aside, read_content
from berth.api.requests.task_request import TaskRequest, TaskRequestOf
from berth.api.schemas.containers import WrappedContainer
from berth.api.schemas.images import (
    ImageAnswer,
    ImageItem,
    ImageTagBody,
    RunBody,
    name_each,
    render_detail,
    render_item,
)
from berth.api.schemas.tasks import TaskStarted
from berth.api.services import Services
from berth.control.hosts.membership import get_host
from berth.control.images.actions import (
    ImageTaskRequest,
    check_active,
    check_image,
    check_name_to_run,
    find_images,
    is_same_image,
    make_target,
    read_image_path,
    request_image,
)
from berth.control.images.runs import make_container_name, make_run_spec, read_run_text
from berth.domain.errors import CallFailed, Invalid, NotFound
from berth.domain.image_calls import ImageAction
from berth.domain.images import ImageDetail
from berth.domain.labels import DEPLOYMENT_LABEL, IMAGE_LABEL
from berth.domain.records import Host

endpoints = Endpoints("Image")

_HOST = "/api/v2/images/{image:text}/hosts/{host_id}"
#: A host may be away, and a path may hold what cannot be the name of an image.
_NOTES = Notes(errors=("409", "422"))


@endpoints.get("/api/images/")
async def list_images(
    page: PageOf, services: ServicesOf, *, host: Words = None, image: Words = None
) -> Json[list[ImageItem]]:
    """List the images of all hosts, one item for each host, image and name.

    `host` goes by id or name, `image` by id or name.
    """
    memory = services.store.memory
    named = [
        each
        for one in sorted(memory.hosts.values(), key=lambda one: one.id)
        if is_among(host, one.id, one.name)
        for each in name_each(one, memory.observed.images.get(one.id, {}).values())
        if is_among(image, each.image.id, each.name)
    ]
    shape = Shape(id_of=lambda each: each.id, render=one_by_one(render_item), kind=ImageItem)
    return await answer_list(page, named, shape=shape)


@endpoints.get("/api/images/{image_id:text}/hosts/{host_id}", notes=_NOTES)
async def get_image(image_id: str, host_id: str, services: ServicesOf) -> Json[ImageAnswer]:
    """Return an image of a host, by its id or one of its names, with its history."""
    image = read_image_path(image_id)
    host = get_host(services.store.memory.hosts, host_id)
    detail = await _describe(services, host, image=image)
    return Json(render_detail(host, detail))


@endpoints.get("/api/images/{image_id:text}/containers/")
async def list_containers_of_image(
    image_id: str, page: PageOf, services: ServicesOf
) -> Json[list[WrappedContainer]]:
    """List the containers that were started from an image without a deployment."""
    fleet, image = services.store.memory.fleet, read_image_path(image_id)
    ids = {
        each.id
        for host_id in fleet.observed.images
        for each in find_images(fleet, host_id, image=image)
    }

    def is_from_image(located: HostContainer) -> bool:
        container = located.item.container
        if container.labels.get(DEPLOYMENT_LABEL):
            return False
        names = (container.image, container.labels.get(IMAGE_LABEL, ""))
        return container.image_id in ids or any(is_same_image(name, image) for name in names)

    located = [each for each in list_all(fleet) if is_from_image(each)]
    if not located and not ids:
        raise NotFound(f"no host has image {image}", code="unknown_image")
    shape = Shape(id_of=id_of, render=partial(wrap_all, services), kind=WrappedContainer)
    return await answer_list(page, located, shape=shape)


@endpoints.post(f"{_HOST}/pull", notes=_NOTES)
async def pull_image(image: str, host_id: str, acting: TaskRequestOf) -> Json[TaskStarted]:
    """Pull an image to a host, with the login of its registry."""
    host = get_host(acting.services.store.memory.hosts, host_id)
    wish = ImageTaskRequest(action=ImageAction.PULL, image=check_image(image, field="image"))
    return await _begin(acting, host, wish=wish)


@endpoints.post(f"{_HOST}/push", notes=_NOTES)
async def push_image(image: str, host_id: str, acting: TaskRequestOf) -> Json[TaskStarted]:
    """Push an image from a host to the registry in its name, with the login of that registry."""
    host = get_host(acting.services.store.memory.hosts, host_id)
    wish = ImageTaskRequest(action=ImageAction.PUSH, image=check_image(image, field="image"))
    await _require(acting.services, host, image=wish.image)
    return await _begin(acting, host, wish=wish)


@endpoints.post(f"{_HOST}/tag", notes=_NOTES)
async def tag_image(
    image: str, host_id: str, body: ImageTagBody, acting: TaskRequestOf
) -> Json[TaskStarted]:
    """Return an image of a host one more name."""
    host = get_host(acting.services.store.memory.hosts, host_id)
    name = read_image_path(image)
    if not body.repository:
        raise Invalid("the new name is missing: send Repo, and Tag", code="required", field="Repo")
    target = make_target(body.repository, body.tag or "")
    await _require(acting.services, host, image=name)
    wish = ImageTaskRequest(action=ImageAction.TAG, image=name, target=target)
    return await _begin(acting, host, wish=wish)


@endpoints.post(f"{_HOST}/run", notes=_NOTES)
async def run_image(
    image: str, host_id: str, body: RunBody, acting: TaskRequestOf
) -> Json[TaskStarted]:
    """Start one container from an image on a host; it belongs to no deployment.

    The text may say everything but the image, which is the path's.
    """
    host = get_host(acting.services.store.memory.hosts, host_id)
    name = check_name_to_run(image)
    content = await read_content(body.content, body.editor, field="editorTemp")
    service = await parse_aside(content, lambda: read_run_text(content, name))
    called = make_container_name(service.key, task_id=acting.origin.task_id)
    memory = acting.services.store.memory
    spec = make_run_spec(memory, host, service=service, image=name, name=called)
    wish = ImageTaskRequest(
        action=ImageAction.RUN, image=name, target=spec.container_name, spec=spec
    )
    return await _begin(acting, host, wish=wish)


@endpoints.delete(_HOST, notes=_NOTES)
async def remove_image(image: str, host_id: str, acting: TaskRequestOf) -> Json[TaskStarted]:
    """Take a name from an image of a host; the image goes with its last name."""
    host = get_host(acting.services.store.memory.hosts, host_id)
    name = read_image_path(image)
    await _require(acting.services, host, image=name)
    wish = ImageTaskRequest(action=ImageAction.REMOVE, image=name)
    return await _begin(acting, host, wish=wish)


async def _begin(acting: TaskRequest, host: Host, *, wish: ImageTaskRequest) -> Json[TaskStarted]:
    task = await acting.services.commands.run(
        lambda draft: request_image(draft, host.id, wish=wish, origin=acting.origin)
    )
    return await acting.answer(task.id)


async def _require(services: Services, host: Host, *, image: str) -> None:
    """Raise NotFound for an image that a host does not have; one not listed yet is asked for."""
    if not find_images(services.store.memory.fleet, host.id, image=image):
        await _describe(services, host, image=image)


async def _describe(services: Services, host: Host, *, image: str) -> ImageDetail:
    check_active(services.store.memory.fleet, host)
    try:
        return await services.agents.describe_image(host.id, image)
    except CallFailed as failure:
        if failure.code != "not_found":
            raise
        raise NotFound(f"host {host.name} has no image {image}", code="unknown_image") from None
