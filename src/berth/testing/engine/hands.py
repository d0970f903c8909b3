"""What anyone on the host may do to a simulated engine, and what may befall it."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256

from berth.agent.engine.docker.http import CHANGE_S, READ_S
from berth.agent.engine.protocol import ContainerRequest, EngineNetwork
from berth.domain.errors import EngineError
from berth.domain.ids import ContainerId
from berth.domain.observed import EngineContainer
from berth.domain.spec import ContainerSpec, PortSpec
from berth.runtime.clock import Clock
from berth.testing.engine.behaviour import Behaviour, Stream
from berth.testing.engine.container import SimulatedContainer
from berth.testing.engine.model import EngineModel
from berth.testing.engine.registry import SimulatedRegistry, make_image


class EngineHands:
    """The side of a simulated engine that only tests see; nothing here waits or is counted."""

    def __init__(self, name: str, *, clock: Clock, registry: SimulatedRegistry) -> None:
        self.name = name
        self.registry = registry
        #: Counts the protocol's calls by their method's name.
        self.calls: Counter[str] = Counter()
        #: The images of all pulls in their order, failed ones too.
        self.pulls: list[str] = []
        #: Deadlines of calls to a frozen engine, in seconds of the clock.
        self.read_s, self.change_s = READ_S, CHANGE_S
        self.cpus = 4
        self.memory_bytes = 8 << 30
        #: Address of its default bridge; "" is an engine without one.
        self.bridge_address = ""
        self._model = EngineModel(name, clock.now)
        self._jammed: set[ContainerId] = set()
        self._planted: dict[str, list[EngineError]] = {}
        self._is_down = False
        #: Set while the engine answers.
        self._answers = asyncio.Event()
        self._answers.set()

    def containers(self) -> list[EngineContainer]:
        """List all containers at once."""
        return self._model.list_containers()

    def get_container(self, container_id: ContainerId) -> SimulatedContainer:
        """Return the engine's own record, to read."""
        return self._model.get(container_id, "inspect a container")

    def exit(self, container_id: ContainerId, code: int = 0, *, oom: bool = False) -> None:
        """Let the main process end by itself."""
        container = self._model.get(container_id, f"end container {container_id[:12]}")
        self._model.end(container, code, oom=oom)

    def remove_by_hand(self, container_id: ContainerId) -> None:
        """Remove a container as somebody on the host would, running or not."""
        container = self._model.get(container_id, f"remove container {container_id[:12]}")
        self._model.remove(container, force=True)

    def run_unmanaged(
        self,
        name: str,
        image: str = "busybox:1",
        *,
        ports: Sequence[PortSpec] = (),
        labels: Mapping[str, str] | None = None,
    ) -> ContainerId:
        """Run a container as somebody on the host would; the image need not be there."""
        if self._model.find_image(image) is None:
            self.add_image(image)
        spec = ContainerSpec(image=image, ports=tuple(ports))
        request = ContainerRequest(name=name, hostname=name, spec=spec, labels=labels or {})
        container = self._model.create(request)
        self._model.start(container)
        return container.id

    def write_output(
        self, container_id: ContainerId, text: str, *, stream: Stream = "stdout"
    ) -> None:
        """Let a container write a line."""
        container = self._model.get(container_id, "write a line")
        self._model.write(container, text, stream=stream)

    def set_health(self, container_id: ContainerId, health: str, *, output: str = "") -> None:
        """Let the engine's own check of a container come to a verdict: healthy or unhealthy."""
        container = self._model.get(container_id, "check a container")
        container.health, container.health_output = health, output
        self._model.send_event(container, "health_status", health_status=health)

    def set_script(
        self, container_id: ContainerId, exit_code: int | None, *, output: str = ""
    ) -> None:
        """Let scripts inside a container end so from now on; None lets them run on."""
        container = self._model.get(container_id, "change a script")
        container.script_exit, container.script_output = exit_code, output

    def occupy_port(self, port: int, *, protocol: str = "tcp", ip: str = "") -> None:
        """Let something that is no container listen on a host port."""
        self._model.ports.occupy(port, protocol=protocol, ip=ip)

    def add_network(self, name: str, *, driver: str, subnet: str) -> None:
        """Add a network that is not Berth's."""
        made = EngineNetwork(id=sha256(name.encode()).hexdigest(), name=name, driver=driver,
                             subnets=(subnet,))  # fmt: skip
        self._model.networks[name] = made

    def add_volume(self, name: str) -> None:
        """Make a volume as somebody on the host would."""
        self._model.volumes.add(name)

    def add_image(self, image: str, behaviour: Behaviour | None = None) -> str:
        """Put an image onto the engine, without a pull, and return its id."""
        made = make_image(image, behaviour)
        self._model.add_image(image, made)
        return made.id

    def remove_image_by_hand(self, image: str) -> None:
        """Remove an image as somebody on the host would."""
        found = self._model.find_image(image)
        for name in [n for n, i in self._model.images.items() if found and i.id == found.id]:
            del self._model.images[name]
        self._model.send_image_event(image, "delete")

    def jam(self, container_id: ContainerId, *, free: bool = False) -> None:
        """Refuse every removal of a container, as of one whose files are busy, or no more."""
        (self._jammed.discard if free else self._jammed.add)(container_id)

    def plant(self, operation: str, error: EngineError, *, times: int = 1) -> None:
        """Let the next calls of a method fail before they change anything."""
        self._planted.setdefault(operation, []).extend([error] * times)

    def down(self, *, containers_die: bool = False) -> None:
        """Stop answering, as if the engine's program had ended; break all subscriptions."""
        self._is_down = True
        for subscription in self._model.subscriptions:
            subscription.break_off("the engine ended the stream; it stops or restarts")
        self._model.subscriptions.clear()
        self._answers.set()
        if containers_die:
            for container in self._model.containers.values():
                self._model.end(container, 137)

    def up(self) -> None:
        """Answer again."""
        self._is_down = False

    def freeze(self) -> None:
        """Accept calls and answer none, until thawed or the call's deadline; hold events back."""
        self._answers.clear()
        for subscription in self._model.subscriptions:
            subscription.hold(True)

    def thaw(self) -> None:
        """Answer again, also the calls that still wait."""
        self._answers.set()
        for subscription in self._model.subscriptions:
            subscription.hold(False)
