"""Rows of containers are rendered once, and again when anything in them has changed."""

from collections.abc import Callable

import msgspec
import pytest

from berth.api.row_cache import SPARE, RowCache
from berth.api.schemas.containers import FlatContainer
from berth.domain.states import Attempt, HostState
from berth.testing.builders import World, a_deployment
from unit.planning import settle


class Desk:
    """A deployment of one container that runs, and the rows of it."""

    def __init__(self) -> None:
        self.world = World(hosts=1)
        settle(self.world, a_deployment())
        self.cache = RowCache()

    def row(self) -> FlatContainer:
        """Return the row of the one container."""
        (assignment,) = self.world.assignments.values()
        deployment = self.world.deployments.get("shop")
        assert deployment is not None
        return self.cache.render(self.world.fleet, deployment, assignment=assignment)


def rename(desk: Desk) -> None:
    """Rename the deployment."""
    deployment = desk.world.deployments.get("shop")
    assert deployment is not None
    desk.world.deployments.put(msgspec.structs.replace(deployment, name="other"))


def rename_host(desk: Desk) -> None:
    """Rename the host."""
    (host,) = desk.world.hosts.values()
    desk.world.hosts.put(msgspec.structs.replace(host, name="other"))


def lose_host(desk: Desk) -> None:
    """Let the host be out of contact."""
    (host,) = desk.world.hosts.values()
    desk.world.set_state(host.name, HostState.UNKNOWN)


def stop_container(desk: Desk) -> None:
    """Let the container stop."""
    (assignment,) = desk.world.assignments.values()
    desk.world.report(assignment.id, Attempt.STOPPING)


def test_a_row_is_rendered_once() -> None:
    desk = Desk()
    assert desk.row() is desk.row()
    assert desk.row().state == "Running"


@pytest.mark.parametrize("change", [rename, rename_host, lose_host, stop_container])
def test_a_row_follows_every_change(change: Callable[[Desk], None]) -> None:
    desk = Desk()
    before = desk.row()
    change(desk)
    assert desk.row() != before


def test_rows_of_what_is_gone_do_not_pile_up() -> None:
    desk = Desk()
    (first,) = desk.world.assignments.values()
    for number in range(3 * SPARE):
        desk.world.assignments.drop(first.id)
        first = msgspec.structs.replace(first, id=f"b{number}")
        desk.world.assignments.put(first)
        desk.row()
    assert len(desk.cache) <= SPARE + 2
