"""Carries out the tasks on images, through the agent of their host."""

from berth.domain.calls import AgentCalls
from berth.domain.ids import HostId
from berth.domain.image_calls import FindLogin, ImageAction, OnProgress
from berth.domain.images import ImageRun
from berth.domain.labels import HOST_LABEL, IMAGE_LABEL, INSTANCE_LABEL
from berth.domain.records import Actor, Task
from berth.domain.spec import ContainerSpec
from berth.domain.states import Severity
from berth.store.draft import Draft, NewEvent

#: Actions with events of their own.
_EVENTS = {ImageAction.PULL.value: "image_pulled", ImageAction.REMOVE.value: "image_removed"}


class ImageTasks:
    """Carries out tasks on images."""

    def __init__(self, calls: AgentCalls, *, find_login: FindLogin, instance_id: str) -> None:
        self._calls = calls
        self._find_login = find_login
        self._instance_id = instance_id

    async def carry_out(self, task: Task, *, on_progress: OnProgress) -> str:
        """Carry a task out and return in one sentence what came of it. Raises CallFailed, HostAway."""
        host_id, image = HostId(task.host_id), task.subject
        match ImageAction(task.action):
            case ImageAction.PULL:
                login = self._find_login(image)
                await self._calls.pull_image(
                    host_id, image, credentials=login, on_progress=on_progress
                )
                return f"pulled image {image}"
            case ImageAction.PUSH:
                login = self._find_login(image)
                await self._calls.push_image(
                    host_id, image, credentials=login, on_progress=on_progress
                )
                return f"pushed image {image}"
            case ImageAction.TAG:
                await self._calls.tag_image(host_id, image, name=task.target)
                return f"tagged image {image} as {task.target}"
            case ImageAction.REMOVE:
                await self._calls.remove_image(host_id, image)
                return f"removed image {image}"
            case ImageAction.RUN:
                return await self._run(task, on_progress=on_progress)

    async def _run(self, task: Task, *, on_progress: OnProgress) -> str:
        spec = task.spec or ContainerSpec(image=task.subject)
        # Without the label of an assignment no agent replaces it.
        labels = {
            INSTANCE_LABEL: self._instance_id,
            HOST_LABEL: task.host_id,
            IMAGE_LABEL: task.subject,
        }
        run = ImageRun(name=task.target, spec=spec, labels=labels)
        login = self._find_login(spec.image)
        container_id = await self._calls.run_image(
            HostId(task.host_id), run, credentials=login, on_progress=on_progress
        )
        return f"started container {task.target} ({container_id[:12]})"


def record_image_event(draft: Draft, task: Task) -> None:
    """Record the event of a pull or a removal that was carried out."""
    key, host = _EVENTS.get(task.action), draft.hosts.get(task.host_id)
    if key is None or host is None:
        return
    draft.record_event(
        NewEvent(
            key=key,
            severity=Severity.INFO,
            summary=f"{task.message} on {host.name}",
            actor=Actor("image", task.subject, task.subject),
            details={"host_id": host.id, "hostname": host.name, "image": task.subject},
        )
    )
