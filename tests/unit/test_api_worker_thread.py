"""Readings in worker threads: the collector of garbage rests, and is back afterwards."""

import gc

import pytest

from berth.api.http.worker_thread import run_aside


async def test_no_collection_begins_while_a_text_is_read() -> None:
    assert await run_aside(gc.isenabled) is False
    assert gc.isenabled()


async def test_collections_are_back_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError):
        await run_aside(lambda: 1 // 0)
    assert gc.isenabled()
