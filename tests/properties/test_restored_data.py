"""Whatever is copied, killed and brought back: an agent obeys exactly the data that knows it all."""

import copy
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from berth.agent.local.desired import Desired, Obeyed
from berth.domain.ids import InstanceId
from berth.domain.lineage import Lineage
from berth.domain.settings import Settings
from berth.protocol.messages import AssignmentSet, Confirm, Welcome

OURS = InstanceId("ours")
BLOCK = 10

#: What happens, and to which agent or from which copy.
steps = st.lists(
    st.tuples(
        st.sampled_from(("deploy", "change", "meet", "kill", "copy", "restore", "confirm")),
        st.integers(0, 1),
    ),
    min_size=6,
    max_size=40,
)


class Data:
    """What a manager keeps: changes, and what tells them apart."""

    def __init__(self) -> None:
        self.changes: list[int] = []
        self.epoch = 0
        self.reserved = 0
        self.through: dict[str, int] = {}
        #: Which copy it came from last.
        self.line = 0


class Host:
    """An agent, and the changes that it obeyed."""

    def __init__(self) -> None:
        self.desired = Desired(Obeyed(instance_id=OURS))
        self.changes: list[int] = []
        self.line = 0


class World:
    """One manager at a time, two hosts, and copies of data."""

    def __init__(self) -> None:
        self.count = itertools.count(1)
        self.hosts = [Host() for _ in range(2)]
        self.data = Data()
        self.copies: list[Data] = []
        self.start()

    def start(self) -> None:
        self.data.epoch += 1
        self.revision = self.data.reserved
        self.data.reserved += BLOCK
        self.lineage = Lineage(f"start-{next(self.count)}", self.data.through)

    def change(self, _: int) -> None:
        mark = self.lineage.next_mark()
        self.data.through[mark.start] = mark.number
        self.data.changes.append(next(self.count))
        self.lineage.take(mark)
        self.revision += 1

    def deploy(self, number: int) -> None:
        self.change(number)
        self.meet(number)

    def kill(self, _: int) -> None:
        self.start()

    def copy(self, _: int) -> None:
        self.copies.append(copy.deepcopy(self.data))

    def restore(self, number: int) -> None:
        if self.copies:
            self.data = copy.deepcopy(self.copies[number % len(self.copies)])
            self.data.line = next(self.count)
            self.start()

    def meet(self, number: int) -> None:
        host = self.hosts[number]
        welcome = Welcome(
            protocol=1,
            instance_id=OURS,
            epoch=self.data.epoch,
            settings=Settings(),
            host_name="h",
            pool_id="p",
            known_mark=self.lineage.find(host.desired.obeyed.mark.start),
        )
        host.desired.welcome(welcome)
        self.send_set(host)
        if self.data.changes[: len(host.changes)] != host.changes:
            assert host.desired.held
        if host.line == self.data.line:
            assert not host.desired.held
        self.note(host)

    def confirm(self, number: int) -> None:
        host = self.hosts[number]
        mark = self.lineage.mark
        self.meet(number)
        host.desired.confirm(Confirm(epoch=self.data.epoch, revision=self.revision, mark=mark))
        self.send_set(host)
        assert not host.desired.held
        self.note(host)

    def send_set(self, host: Host) -> None:
        host.desired.take_set(
            AssignmentSet(
                epoch=self.data.epoch,
                revision=self.revision,
                mark=self.lineage.mark,
                assignments=(),
            )
        )

    def note(self, host: Host) -> None:
        if not host.desired.held:
            host.changes, host.line = list(self.data.changes), self.data.line


@settings(max_examples=300)
@given(steps)
def test_an_agent_obeys_only_data_that_holds_all_it_obeyed(happens: list[tuple[str, int]]) -> None:
    world = World()
    for name, number in happens:
        getattr(world, name)(number)
