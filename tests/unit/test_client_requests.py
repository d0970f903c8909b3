"""How the client sends a request, sends it again, and reads what comes back."""

import httpx
import pytest

from berth.client import (
    NEVER,
    AnswerLostError,
    ClientError,
    ConflictError,
    InvalidError,
    NotFoundError,
    NotLoggedInError,
    StrangeAnswerError,
    TaskCancelledError,
    TaskFailedError,
    ThrottledError,
    UnavailableError,
    UnreachableError,
    UsageError,
)
from unit.client_fakes import URL, FakeManager, Said, pool, refusal

LOST = httpx.ReadError("reset by peer")


def error_from(*said: Said) -> ClientError:
    manager = FakeManager(*said)
    with manager.client(retries=NEVER) as berth, pytest.raises(ClientError) as caught:
        berth.pools.get("default")
    return caught.value


def test_a_request_carries_the_token_and_what_is_asked() -> None:
    manager = FakeManager(pool("blue"))
    with manager.client() as berth:
        assert berth.pools.get("blue").id == "blue"
    request = manager.requests[0]
    assert (request.method, str(request.url)) == ("GET", f"{URL}/api/pools/blue")
    assert request.headers["Authorization"] == "Bearer " + "ab" * 32


async def test_both_kinds_of_client_send_the_same() -> None:
    manager = FakeManager(pool("blue"), pool("blue"))
    with manager.client() as berth:
        waited = berth.pools.create("blue")
    async with manager.async_client() as awaiting:
        assert await awaiting.pools.create("blue") == waited
    first, second = manager.requests
    assert (first.url, first.content, first.headers) == (second.url, second.content, second.headers)


@pytest.mark.parametrize("name", ["a/b", "..", ".", "a b", "ü?#", "%2F"])
def test_a_name_stays_one_part_of_the_path(name: str) -> None:
    manager = FakeManager(pool())
    with manager.client() as berth:
        berth.pools.get(name)
    raw = manager.requests[0].url.raw_path
    assert raw.startswith(b"/api/pools/")
    assert raw.count(b"/") == 3
    assert not raw.endswith((b"/.", b"/.."))


@pytest.mark.parametrize("path", ["@evil.test/", "http://evil.test/", "api", "/a b", "/a\nb"])
def test_a_path_cannot_lead_to_another_address(path: str) -> None:
    manager = FakeManager()
    with manager.client() as berth, pytest.raises(UsageError):
        berth.call("GET", path)
    assert manager.requests == []


def test_an_empty_name_is_not_sent() -> None:
    with FakeManager().client() as berth, pytest.raises(UsageError, match="pool_id is empty"):
        berth.pools.delete("")


@pytest.mark.parametrize(
    "url", ["ftp://x", "https://", "https://a/b", "https://u:p@a", "https://a:x"]
)
def test_what_is_no_address_is_refused_with_an_example(url: str) -> None:
    from berth.client import Client

    with pytest.raises(UsageError, match="address"):
        Client(url)


def test_a_refusal_tells_code_place_fix_and_request() -> None:
    answer = refusal(
        422, "unknown_pool", headers={"x-request-id": "r-1"}, field="placement.pool_id"
    )
    error = error_from(answer)
    assert isinstance(error, InvalidError)
    assert (error.code, error.place, error.request_id) == (
        "unknown_pool",
        "placement.pool_id",
        "r-1",
    )
    assert error.fix == "List the pools and check the id."


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, NotLoggedInError), (404, NotFoundError), (409, ConflictError), (412, ConflictError),
     (429, ThrottledError), (500, UnavailableError), (503, UnavailableError)],
)  # fmt: skip
def test_each_status_is_an_error_of_its_own(status: int, kind: type[ClientError]) -> None:
    assert type(error_from(refusal(status, "some_code"))) is kind


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<h1>Welcome to nginx</h1>"),
        httpx.Response(200, text='{"id": "defa'),
        httpx.Response(200, content=b"\xff\xfe\x00"),
        httpx.Response(200, json=[1, 2]),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(302, headers={"location": "https://login.test/\x1b[2J"}),
        httpx.Response(418, text="short and stout"),
    ],
)
def test_what_is_no_answer_of_berth_is_said_so(answer: httpx.Response) -> None:
    error = error_from(answer)
    assert isinstance(error, StrangeAnswerError)
    assert error.message.isprintable()
    assert len(error.message) < 400


def test_a_proxy_that_answers_for_the_manager_is_named() -> None:
    error = error_from(httpx.Response(502, html="<h1>502 Bad Gateway</h1>"))
    assert isinstance(error, UnavailableError)
    assert error.message == "a proxy answered 502 instead of the manager"


@pytest.mark.parametrize(
    "said",
    [
        httpx.ConnectError("refused"),
        refusal(503, "unavailable"),
        LOST,
        httpx.Response(502),
        refusal(409, "request_under_way"),
    ],
)
def test_a_request_that_may_yet_succeed_is_sent_again_under_the_same_key(said: Said) -> None:
    manager = FakeManager(said, pool("blue"))
    with manager.client() as berth:
        assert berth.pools.create("blue").id == "blue"
    keys = [request.headers["Idempotency-Key"] for request in manager.requests]
    assert keys == ["key-0", "key-0"]
    assert manager.clock.waits == [0.2]


def test_a_deletion_whose_answer_was_lost_is_not_repeated() -> None:
    manager = FakeManager(LOST)
    with manager.client() as berth, pytest.raises(AnswerLostError) as caught:
        berth.pools.delete("blue")
    assert "before you repeat it" in caught.value.fix


def test_a_write_under_a_condition_is_not_repeated_when_its_answer_was_lost() -> None:
    manager = FakeManager(LOST)
    with manager.client() as berth, pytest.raises(AnswerLostError):
        berth.keys.write("a", b"1", cas=3)


def test_waits_grow_and_end() -> None:
    manager = FakeManager(*[httpx.ConnectError("refused") for _ in range(5)])
    with manager.client() as berth, pytest.raises(UnreachableError):
        berth.pools.get("blue")
    assert manager.clock.waits == [0.2, 0.4, 0.8, 1.6]


@pytest.mark.parametrize("seconds", ["2", "1e9", "nan", "-1", "soon"])
def test_the_manager_may_name_the_wait_but_not_beyond_the_bound(seconds: str) -> None:
    manager = FakeManager(refusal(503, "unavailable", headers={"retry-after": seconds}), pool())
    with manager.client() as berth:
        try:
            berth.pools.get("blue")
        except UnavailableError:
            assert seconds == "1e9"
    assert sum(manager.clock.waits) <= 30


def test_a_list_is_read_part_by_part_while_somebody_goes_on() -> None:
    link = {"link": '</api/pools/?limit=500&after=b>; rel="next"'}
    manager = FakeManager(
        httpx.Response(200, json=[{"id": "a"}, {"id": "b"}], headers=link),
        httpx.Response(200, json=[{"id": "c"}]),
    )
    with manager.client() as berth:
        pools = berth.pools.list()
        assert next(pools).id == "a"
        assert len(manager.requests) == 1
        assert [pool.id for pool in pools] == ["b", "c"]
    assert manager.requests[1].url.params["after"] == "b"


def test_a_list_that_does_not_go_on_ends_with_an_error() -> None:
    link = {"link": '</api/pools/?after=a>; rel="next"'}
    parts = [httpx.Response(200, json=[{"id": "a"}], headers=link) for _ in range(2)]
    with FakeManager(*parts).client() as berth, pytest.raises(StrangeAnswerError):
        list(berth.pools.list())


def task(status: int, message: str = "") -> httpx.Response:
    members = {"ID": "t", "Name": "drain h1", "Status": status, "Message": message}
    return httpx.Response(200, json={"Task": members})


def test_a_task_is_waited_for_until_it_is_done() -> None:
    manager = FakeManager(task(1), task(1), task(4))
    with manager.client() as berth:
        assert berth.tasks.wait("t").status == 4
    assert {request.url.params["wait"] for request in manager.requests} == {"30s"}


@pytest.mark.parametrize(("status", "kind"), [(5, TaskFailedError), (3, TaskCancelledError)])
def test_a_task_that_ends_otherwise_is_an_error(status: int, kind: type[ClientError]) -> None:
    with FakeManager(task(status, "no host")).client() as berth, pytest.raises(kind) as caught:
        berth.tasks.wait("t")
    assert "no host" in caught.value.message


def test_an_answer_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("berth.client.network.transport.MAX_ANSWER", 1000)
    error = error_from(httpx.Response(200, content=b" " * 2000))
    assert isinstance(error, StrangeAnswerError)
    assert "larger" in error.message


def test_a_token_that_no_header_can_carry_is_refused_before_it_is_sent() -> None:
    from berth.client import Client

    with pytest.raises(UsageError, match="token"):
        Client(URL, token="abc\r\nX-Evil: 1")
