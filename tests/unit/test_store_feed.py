"""The change feed and its memory."""

import logging

import pytest

from berth.domain.errors import ResyncRequired
from berth.store.feed import HISTORY, Change, Feed


def changes(first: int, last: int) -> list[Change]:
    """Build changes with these revisions."""
    return [Change(number, "pools", "p", None, number) for number in range(first, last + 1)]


def test_a_listener_hears_batches_until_it_ends() -> None:
    feed, heard = Feed(), list[list[Change]]()
    end = feed.listen(heard.append)
    feed.publish(changes(1, 2))
    end()
    feed.publish(changes(3, 3))
    assert heard == [changes(1, 2)]


def test_a_listener_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    feed, heard = Feed(), list[Change]()
    feed.listen(lambda batch: batch[99])
    feed.listen(heard.extend)
    with caplog.at_level(logging.ERROR):
        feed.publish(changes(1, 1))
    assert heard == changes(1, 1)
    assert "a listener of the change feed failed" in caplog.text


def test_changes_can_be_read_again_by_revision() -> None:
    feed = Feed(newest=10)
    feed.publish(changes(11, 12))
    feed.publish(changes(13, 15))
    assert feed.changes_since(10) == changes(11, 15)
    assert feed.changes_since(13) == changes(14, 15)
    assert feed.changes_since(15) == []


@pytest.mark.parametrize("revision", [9, 16])
def test_a_revision_that_is_too_old_or_yet_to_come_asks_for_a_fresh_start(revision: int) -> None:
    feed = Feed(newest=10)
    feed.publish(changes(11, 15))
    with pytest.raises(ResyncRequired):
        feed.changes_since(revision)


@pytest.mark.parametrize("batch", [1, 700, HISTORY, HISTORY + 700, 3 * HISTORY])
def test_the_history_forgets_the_oldest(batch: int) -> None:
    feed, newest = Feed(), 0
    while newest <= 2 * HISTORY:
        feed.publish(changes(newest + 1, newest + batch))
        newest += batch
    oldest = newest - HISTORY
    assert feed.changes_since(oldest)[0].revision == oldest + 1
    with pytest.raises(ResyncRequired):
        feed.changes_since(oldest - 1)
