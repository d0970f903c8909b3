"""What a simulated engine holds, and Docker's rules for changing it, without time or waiting."""

import hashlib
import re
from collections.abc import Callable

from berth.agent.engine.docker.create_networks import render_healthcheck
from berth.agent.engine.image_documents import parse_image
from berth.agent.engine.protocol import ContainerRequest, EngineNetwork
from berth.domain.errors import (
    EngineConflict,
    EngineNotFound,
    EngineRefused,
    NameTaken,
    PortTaken,
)
from berth.domain.ids import ContainerId
from berth.domain.images import is_image_id
from berth.domain.observed import EngineContainer, EngineEvent, EngineImage, PortBinding
from berth.testing.engine.behaviour import Stream, read_behaviour
from berth.testing.engine.container import SimulatedContainer, WrittenLine
from berth.testing.engine.events import Subscription
from berth.testing.engine.ports import HostPorts
from berth.testing.engine.registry import SimulatedImage

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
#: Docker takes no smaller limit.
_LEAST_MEMORY = 6 << 20
#: Every image is as old and as large.
IMAGE_CREATED_AT = 946_684_800
IMAGE_BYTES = 2 << 20
#: Exit code of a process that could not be made.
_NOT_STARTED = 127


class EngineModel:
    """Containers, images, ports and subscriptions of one engine."""

    def __init__(self, name: str, now: Callable[[], float]) -> None:
        self.name = name
        self.containers: dict[ContainerId, SimulatedContainer] = {}
        #: By canonical reference.
        self.images: dict[str, SimulatedImage] = {}
        self.ports = HostPorts()
        #: By name.
        self.volumes: set[str] = set()
        self.networks = {
            "bridge": EngineNetwork(
                id=hashlib.sha256(f"{name} bridge".encode()).hexdigest(),
                name="bridge",
                driver="bridge",
                subnets=("172.17.0.0/16",),
            )
        }
        self.subscriptions: set[Subscription] = set()
        self._names: dict[str, ContainerId] = {}
        self._made = 0
        self._now = now

    def get(self, container_id: str, what: str) -> SimulatedContainer:
        """Find a container by id, name or unique beginning of its id. Raises EngineNotFound."""
        known = self.containers.get(ContainerId(self._names.get(container_id, container_id)))
        if known is None and len(container_id) < 64:
            alike = [
                c for i, c in self.containers.items() if container_id and i.startswith(container_id)
            ]
            known = alike[0] if len(alike) == 1 else None
        if known is None:
            raise EngineNotFound(
                f"cannot {what}: the engine says: No such container: {container_id}"
            )
        return known

    def list_containers(self) -> list[EngineContainer]:
        """List all containers, newest first."""
        now = self._now()
        return [c.listed(now, self._image_name(c)) for c in reversed(self.containers.values())]

    def create(self, request: ContainerRequest) -> SimulatedContainer:
        """Make a container."""
        what = f"create container '{request.name}' from image {request.spec.image}"
        self._check_name(request.name, what)
        if 0 < request.spec.memory_bytes < _LEAST_MEMORY:
            raise EngineRefused(f"cannot {what}: the engine says: Minimum memory limit is 6MB")
        self._check_others(request, what)
        image = self.find_image(request.spec.image)
        if image is None:
            raise EngineNotFound(
                f"cannot {what}: the engine says: No such image: {request.spec.image}"
            )
        container = SimulatedContainer(
            id=self._next_id(),
            name=request.name,
            request=request,
            image_id=image.id,
            behaviour=read_behaviour(request.spec, image.behaviour),
            created_at=self._now(),
            script_exit=image.behaviour.script_exit,
            image_has_check=image.behaviour.has_check,
        )
        self.containers[container.id] = container
        self.volumes |= request.spec.named_volumes
        self._names[request.name] = container.id
        self.send_event(container, "create")
        return container

    def start(self, container: SimulatedContainer) -> None:
        """Start a container; a running one stays as it is."""
        what = f"start container {container.id[:12]}"
        if container.state == "running":
            return
        if container.state == "paused":
            raise EngineConflict(
                f"cannot {what}: the engine says: it is paused, unpause it instead"
            )
        for joined in container.request.networks:
            if joined.network not in self.networks:
                raise EngineRefused(
                    f"cannot {what}: the engine says: network {joined.network} not found"
                )
        try:
            container.ports = self._bind_ports(container, what)
        except PortTaken as error:
            container.error = str(error)
            raise
        if container.behaviour.refused:
            self._refuse_start(container, what)
        container.state, container.error = "running", ""
        container.started_at, container.finished_at = self._now(), None
        container.exit_code, container.oom_killed = 0, False
        container.runs += 1
        container.health = "starting" if _is_checked(container) else ""
        self.send_event(container, "start")
        for stream, text in container.behaviour.output:
            self.write(container, text, stream=stream)
        if container.behaviour.exit_code is not None:
            self.end(container, container.behaviour.exit_code)

    def uses_network(self, name: str) -> bool:
        """Return whether a container that lives is on a network."""
        return any(
            name in [joined.network for joined in each.request.networks]
            for each in self.containers.values()
            if each.alive
        )

    def end(self, container: SimulatedContainer, code: int, *, oom: bool = False) -> None:
        """End the main process of a container; one that does not live stays as it is."""
        if not container.alive:
            return
        container.state, container.exit_code = "exited", code
        container.oom_killed, container.finished_at = oom, self._now()
        self.ports.release(container.ports)
        container.ports = ()
        if oom:
            self.send_event(container, "oom")
        self.send_event(container, "die", exitCode=str(code))

    def remove(self, container: SimulatedContainer, *, force: bool) -> None:
        """Remove a container."""
        if container.alive:
            if not force:
                raise EngineConflict(
                    f"cannot remove container {container.id[:12]}: the engine says: You cannot "
                    "remove a running container. Stop it before, or force remove"
                )
            self.send_event(container, "kill", signal="9")
            self.end(container, 137)
        self.containers.pop(container.id, None)
        self._names.pop(container.name, None)
        self.send_event(container, "destroy")

    def pause(self, container: SimulatedContainer) -> None:
        """Freeze a container."""
        if container.state != "running":
            state = "already paused" if container.state == "paused" else "not running"
            raise EngineConflict(
                f"cannot pause container {container.id[:12]}: the engine says: it is {state}"
            )
        container.state = "paused"
        self.send_event(container, "pause")

    def unpause(self, container: SimulatedContainer) -> None:
        """Thaw a container."""
        if container.state != "paused":
            raise EngineConflict(
                f"cannot unpause container {container.id[:12]}: the engine says: it is not paused"
            )
        container.state = "running"
        self.send_event(container, "unpause")

    def rename(self, container: SimulatedContainer, name: str) -> None:
        """Rename a container; bearing the name already is a success."""
        if name == container.name:
            return
        self._check_name(name, f"rename container {container.id[:12]}")
        old = container.name
        del self._names[old]
        self._names[name] = container.id
        container.name = name
        self.send_event(container, "rename", oldName=f"/{old}")

    def find_image(self, image: str) -> SimulatedImage | None:
        """Find an image by reference or id."""
        if is_image_id(image):
            bare = image.removeprefix("sha256:")
            return next((i for i in self.images.values() if i.id.endswith(bare)), None)
        return self.images.get(parse_image(image).canonical)

    def add_image(self, image: str, made: SimulatedImage) -> None:
        """Let a reference mean this image on the engine."""
        self.images[parse_image(image).canonical] = made

    def names_of(self, image: SimulatedImage) -> list[str]:
        """Return the canonical names that mean an image."""
        return [name for name, each in self.images.items() if each.id == image.id]

    def uses_image(self, image: SimulatedImage) -> bool:
        """Return whether a container was made from an image."""
        return any(each.image_id == image.id for each in self.containers.values())

    def drop_image(self, name: str, image: SimulatedImage) -> None:
        """Take a name from an image, or its only one when named by its id."""
        names = self.names_of(image) if is_image_id(name) else [parse_image(name).canonical]
        for each in names:
            del self.images[each]
            self.send_image_event(each, "untag")
        if not self.names_of(image):
            self.send_image_event(image.id, "delete")

    def list_images(self) -> list[EngineImage]:
        """List all images."""
        by_id = {each.id: each for each in self.images.values()}
        return [self.describe_image(each) for each in by_id.values()]

    def describe_image(self, image: SimulatedImage) -> EngineImage:
        """Return an image as a list shows it."""
        names = [parse_image(name).familiar for name in self.names_of(image)]
        return EngineImage(
            id=image.id,
            names=tuple(sorted(names)),
            created_at=IMAGE_CREATED_AT,
            size=IMAGE_BYTES,
        )

    def write(self, container: SimulatedContainer, text: str, *, stream: Stream) -> None:
        """Add a line to a container's log."""
        container.log.append(WrittenLine(self._now(), stream, text))

    def send_event(self, container: SimulatedContainer, action: str, **details: str) -> None:
        """Send subscribers an event of a container."""
        if not self.subscriptions:
            return
        attributes = {
            "image": container.request.spec.image,
            "name": container.name,
            **container.request.labels,
            **details,
        }
        self._publish(
            EngineEvent(
                kind="container",
                action=action,
                subject=container.id,
                attributes=attributes,
                time=self._now(),
            )
        )

    def send_image_event(self, image: str, action: str) -> None:
        """Send subscribers an event of an image."""
        event = EngineEvent(
            kind="image",
            action=action,
            subject=image,
            attributes={"name": image},
            time=self._now(),
        )
        self._publish(event)

    def _publish(self, event: EngineEvent) -> None:
        for subscription in self.subscriptions:
            subscription.put(event)

    def _bind_ports(self, container: SimulatedContainer, what: str) -> tuple[PortBinding, ...]:
        spec = container.request.spec
        if spec.network_mode in ("host", "none") or spec.network_mode.startswith("container:"):
            return ()
        return self.ports.bind(spec.ports, what)

    def _refuse_start(self, container: SimulatedContainer, what: str) -> None:
        self.ports.release(container.ports)
        container.ports = ()
        container.error, container.exit_code = container.behaviour.refused, _NOT_STARTED
        raise EngineRefused(
            f"cannot {what}: the engine says: OCI runtime create failed: "
            f"unable to start container process: {container.error}"
        )

    def _check_name(self, name: str, what: str) -> None:
        if not _NAME.fullmatch(name):
            raise EngineRefused(f"cannot {what}: the engine says: Invalid container name ({name})")
        if holder := self._names.get(name):
            raise NameTaken(
                f'cannot {what}: the engine says: Conflict. The container name "/{name}" is '
                f'already in use by container "{holder}"'
            )

    def _check_others(self, request: ContainerRequest, what: str) -> None:
        """See that the containers are there whose names or volumes it shall have."""
        named = [other for other, _ in request.links]
        named += [other.partition(":")[0] for other in request.volumes_from]
        for other in named:
            if self._names.get(other, other) not in self.containers:
                raise EngineRefused(f"cannot {what}: the engine says: No such container: {other}")

    def _image_name(self, container: SimulatedContainer) -> str:
        """Return its image's name, or the id when the name means another image by now."""
        named = self.find_image(container.request.spec.image)
        if named is not None and named.id == container.image_id:
            return container.request.spec.image
        return container.image_id

    def _next_id(self) -> ContainerId:
        self._made += 1
        text = f"{self.name} {self._made}"
        return ContainerId(hashlib.sha256(text.encode()).hexdigest())


def _is_checked(container: SimulatedContainer) -> bool:
    """Return whether the engine checks a container: as its request says, else as its image does."""
    check = render_healthcheck(container.request.spec, api=(1, 41)) or {}
    words = check.get("Test")
    return words != ["NONE"] and (words is not None or container.image_has_check)
