"""The thread of the database: call after call, and no program waits for it."""

import subprocess
import sys
import threading
from concurrent.futures import Future

import pytest

from berth.store.sql.thread import DatabaseThread

HANGS = """
import time
from berth.store.sql.thread import DatabaseThread
thread = DatabaseThread()
thread.submit(time.sleep, 60)
thread.shutdown(wait=False)
"""


def test_calls_are_done_one_after_another() -> None:
    thread = DatabaseThread()
    order: list[int] = []
    calls = [thread.submit(order.append, number) for number in range(100)]
    name = thread.submit(lambda: threading.current_thread().name)
    thread.shutdown()
    assert order == list(range(100))
    assert [call.result() for call in calls] == [None] * 100
    assert name.result() == "store"


def test_what_a_call_raises_reaches_the_one_who_waits() -> None:
    thread = DatabaseThread()
    failed: Future[int] = thread.submit(int, "x")
    after = thread.submit(int, "7")
    thread.shutdown()
    with pytest.raises(ValueError, match="invalid literal"):
        failed.result()
    assert after.result() == 7


def test_a_call_that_was_cancelled_while_it_waited_is_not_done() -> None:
    thread = DatabaseThread()
    begin = threading.Event()
    thread.submit(begin.wait, 10)
    done: list[int] = []
    assert thread.submit(done.append, 1).cancel()
    begin.set()
    thread.shutdown()
    assert done == []


def test_a_program_ends_although_a_call_hangs() -> None:
    subprocess.run([sys.executable, "-c", HANGS], timeout=20, check=True)
