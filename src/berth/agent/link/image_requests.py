"""Calls of the manager about images, and the start of containers that belong to no assignment."""

import contextlib
import logging
from collections.abc import Callable

import msgspec

from berth.agent.containers.labels import seal_labels
from berth.agent.engine.protocol import ContainerRequest, OnProgress, PullProgress
from berth.agent.local.context import AgentContext
from berth.agent.local.executor import HOSTNAME_AT_MOST
from berth.domain.errors import EngineError, EngineUnreachable
from berth.domain.ids import ContainerId
from berth.domain.images import Credentials, ImageRun, is_image_id
from berth.domain.observed import TaskProgress
from berth.protocol.messages import (
    PROGRESS_STREAM,
    ImageRequest,
    PullRequest,
    PushRequest,
    RemoveImageRequest,
    RunRequest,
    TagRequest,
)

log = logging.getLogger(__name__)

IMAGE_REQUESTS = (
    ImageRequest, PullRequest, PushRequest, TagRequest, RemoveImageRequest, RunRequest,
)  # fmt: skip
AnyImageRequest = (
    ImageRequest | PullRequest | PushRequest | TagRequest | RemoveImageRequest | RunRequest
)

#: Streams of the answer to a request for an image's details.
DOCUMENT, HISTORY = "document", "history"

#: Shortest time between two pieces of progress.
PROGRESS_S = 0.5

#: Sends a part of the answer: its bytes, its stream.
SendPart = Callable[[bytes, str], None]


async def run_image_request(
    shared: AgentContext, request: AnyImageRequest, *, send: SendPart
) -> None:
    """Carry a request out. Raises EngineError; cancelled it leaves nothing half-made."""
    engine = shared.engine
    deadline_s = shared.settings.pull_deadline_s
    progress = _throttle(shared, send)
    match request:
        case ImageRequest(image):
            send(await engine.inspect_image(image), DOCUMENT)
            send(await engine.read_history(image), HISTORY)
        case PullRequest(image, credentials):
            await engine.pull(
                image, credentials=credentials, progress=progress, deadline_s=deadline_s
            )
        case PushRequest(image, credentials):
            await engine.push(
                image, credentials=credentials, progress=progress, deadline_s=deadline_s
            )
        case TagRequest(image, name):
            await engine.tag_image(image, name)
        case RemoveImageRequest(image):
            await engine.remove_image(image)
        case RunRequest(run, credentials):
            container_id = await _run(shared, run, credentials=credentials, progress=progress)
            send(container_id.encode(), "")


async def _run(
    shared: AgentContext, run: ImageRun, *, credentials: Credentials | None, progress: OnProgress
) -> ContainerId:
    await _bring(shared, run, credentials=credentials, progress=progress)
    request = ContainerRequest(
        name=run.name,
        hostname=run.spec.hostname or run.name[:HOSTNAME_AT_MOST],
        spec=run.spec,
        labels=seal_labels(run.labels),
    )
    progress(PullProgress(f"creating container {run.name}", 95))
    container_id = await shared.engine.create(request)
    try:
        await shared.engine.start(container_id)
    except BaseException:
        with contextlib.suppress(EngineError):
            await shared.engine.remove(container_id, force=True)
        raise
    return container_id


async def _bring(
    shared: AgentContext, run: ImageRun, *, credentials: Credentials | None, progress: OnProgress
) -> None:
    """Pull the image as the spec says; one that is there will do when the pull fails."""
    image = run.spec.image
    present = await shared.engine.find_image(image)
    if present and (not run.spec.pull or is_image_id(image)):
        return
    try:
        await shared.engine.pull(
            image,
            credentials=credentials,
            progress=progress,
            deadline_s=shared.settings.pull_deadline_s,
        )
    except EngineUnreachable:
        raise
    except EngineError as failure:
        if not present:
            raise
        log.warning("image %s: the one that is present is used, since %s", image, failure)


def _throttle(shared: AgentContext, send: SendPart) -> OnProgress:
    """Report how far an operation is, now and then; its percent never falls."""
    sent_at, percent = float("-inf"), 0

    def send_progress(step: PullProgress) -> None:
        nonlocal sent_at, percent
        percent = max(percent, min(step.percent or 0, 99))
        now = shared.clock.monotonic()
        if now - sent_at < PROGRESS_S:
            return
        sent_at = now
        send(msgspec.json.encode(TaskProgress(percent, step.message)), PROGRESS_STREAM)

    return send_progress
