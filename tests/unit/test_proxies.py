"""Ports of proxies: in their range, lasting, and each once on a host."""

from berth.discovery.proxies import FIRST_PORT, LAST_PORT, choose_proxy_port


def test_the_same_three_get_the_same_port_of_the_range() -> None:
    first = choose_proxy_port("shop", "db", target=3306, taken=())
    assert first is not None
    assert FIRST_PORT <= first <= LAST_PORT
    assert choose_proxy_port("shop", "db", target=3306, taken=()) == first
    assert choose_proxy_port("shop", "db", target=3307, taken=()) != first


def test_a_port_that_is_taken_gives_way_to_the_next() -> None:
    first = choose_proxy_port("shop", "db", target=3306, taken=())
    assert first is not None
    assert choose_proxy_port("shop", "db", target=3306, taken={first}) == first + 1


def test_after_the_last_port_comes_the_first() -> None:
    free = range(FIRST_PORT, FIRST_PORT + 1)
    taken = set(range(FIRST_PORT, LAST_PORT + 1)) - set(free)
    assert choose_proxy_port("shop", "db", target=3306, taken=taken) == FIRST_PORT


def test_there_is_none_when_all_are_taken() -> None:
    taken = range(FIRST_PORT, LAST_PORT + 1)
    assert choose_proxy_port("shop", "db", target=3306, taken=taken) is None
