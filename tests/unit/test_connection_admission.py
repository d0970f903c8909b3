"""Who may be connected at once."""

import logging

import msgspec
import pytest

from berth.api.connections.admission import Admission, Guest
from berth.api.connections.cut_log import Cut, CutLog
from berth.api.connections.limits import Limits
from berth.api.connections.proxies import read_proxies
from berth.runtime.addresses import source_of

LIMITS = Limits(connections=6, strangers=4, strangers_per_source=2, grace_s=1.0)


class Gate:
    """An admission with a clock, and who was cut."""

    def __init__(self, **limits: object) -> None:
        self.now = 100.0
        self.cut: list[Guest] = []
        changed = msgspec.structs.replace(LIMITS, **limits)
        self.admission = Admission(changed, now=lambda: self.now)

    def come(self, address: str, *, known: bool = False, busy: bool = False) -> Guest | None:
        """Connect from an address."""
        guest = self.admission.admit(address)
        if guest is not None:
            guest.cut = lambda: self.cut.append(guest)
            guest.is_busy = lambda: busy
            if known:
                guest.become_known()
        return guest


def test_all_strangers_may_come_through_a_trusted_proxy() -> None:
    gate = Gate(proxies=read_proxies(["10.0.0.1"]))
    assert [gate.come("10.0.0.1") is not None for _ in range(4)] == [True] * 4
    assert gate.come("10.0.0.1") is None


def test_a_source_has_a_bounded_number_of_strangers_and_keeps_nobody_else_out() -> None:
    gate = Gate()
    came = [gate.come("10.0.0.1") for _ in range(3)]
    assert [guest is not None for guest in came] == [True, True, False]
    assert gate.come("10.0.0.2") is not None


def test_who_is_known_does_not_count_for_his_source() -> None:
    gate = Gate()
    assert all(gate.come("10.0.0.1", known=True) for _ in range(5))
    assert gate.come("10.0.0.1") is not None
    assert gate.admission.counts == (1, 5)


def test_a_stranger_who_was_waited_for_makes_room_for_another() -> None:
    gate = Gate()
    first = gate.come("10.0.0.1")
    gate.come("10.0.0.1")
    gate.now += 1.0
    assert gate.come("10.0.0.1") is not None
    assert gate.cut == [first]
    assert gate.admission.counts == (2, 0)


def test_a_stranger_whose_request_is_at_work_is_not_cut_for_another() -> None:
    gate = Gate()
    gate.come("10.0.0.1", busy=True)
    second = gate.come("10.0.0.1")
    gate.now += 1.0
    assert gate.come("10.0.0.1") is not None
    assert gate.cut == [second]


def test_strangers_are_bounded_in_all() -> None:
    gate = Gate()
    for number in range(4):
        assert gate.come(f"10.0.0.{number}") is not None
    assert gate.come("10.0.0.9") is None
    gate.now += 1.0
    assert gate.come("10.0.0.9") is not None
    assert [guest.source for guest in gate.cut] == ["10.0.0.0"]


def test_connections_are_bounded_in_all_and_nobody_known_is_cut() -> None:
    gate = Gate()
    assert all(gate.come("10.0.0.1", known=True) for _ in range(6))
    gate.now += 1.0
    assert gate.come("10.0.0.2") is None
    assert gate.cut == []


@pytest.mark.parametrize("known", [True, False])
def test_who_leaves_makes_room(known: bool) -> None:
    gate = Gate(connections=1)
    guest = gate.come("10.0.0.1", known=known)
    assert guest is not None
    guest.leave()
    guest.leave()
    assert gate.admission.counts == (0, 0)
    assert gate.come("10.0.0.1") is not None


def test_who_has_left_does_not_become_known() -> None:
    gate = Gate()
    guest = gate.come("10.0.0.1")
    assert guest is not None
    guest.leave()
    guest.become_known()
    assert gate.admission.counts == (0, 0)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nowhere", "nowhere"),
    ],
)
def test_a_source_is_an_address_or_a_network_of_ipv6(address: str, source: str) -> None:
    assert source_of(address) == source


def test_what_was_cut_is_logged_once_a_minute_with_its_count(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cuts = CutLog()
    with caplog.at_level(logging.WARNING):
        for second in range(120):
            cuts.note(Cut.NO_HEAD, "203.0.113.9")
            cuts.write(1000.0 + second)
    assert [record.getMessage().split("(")[0] for record in caplog.records] == [
        "connections were cut: 1 ",
        "connections were cut: 60 ",
    ]


def test_nothing_is_logged_where_nothing_was_cut(caplog: pytest.LogCaptureFixture) -> None:
    CutLog().write(1000.0)
    assert caplog.records == []
