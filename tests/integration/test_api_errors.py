"""What every endpoint has in common: bodies, paths, and the error object."""

import json
from collections.abc import AsyncIterator

import pytest

from integration.api_bed import ONE, Bed

PATH = "/api/v2/deployments/"
POOLS = "/api/pools/"


@pytest.mark.parametrize(
    "label",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "x",
        "application/octet-stream",
    ],
)
async def test_a_body_is_read_by_its_content(bed: Bed, label: str) -> None:
    headers = {"Content-Type": label} if label else {}
    made = await bed.post(POOLS, content=b'\xef\xbb\xbf {"id": "blue"} ', headers=headers)
    assert made["id"] == "blue"


@pytest.mark.parametrize("content", [b"", b" \r\n\t"])
async def test_an_empty_body_is_an_empty_object(bed: Bed, content: bytes) -> None:
    await bed.deploy()
    await bed.put(PATH + "myapp", content=content)
    assert await bed.refused("POST", POOLS, content=content) == (422, "required", "id")


async def test_a_body_that_nobody_needs_is_ignored(bed: Bed) -> None:
    await bed.deploy()
    await bed.post(PATH + "myapp/stop", content=b"{not json")
    await bed.ask("GET", PATH, code=200, content=b"\xff")


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"{'a': 1}",
        b"nul",
        b'{"id": "x"',
        b'{"id": "\n"}',
        b"\xff\xfe{}",
        b'{"id": "\xff"}',
        b"{}{}",
    ],
)
async def test_what_is_not_json_is_unreadable(bed: Bed, content: bytes) -> None:
    assert await bed.refused("POST", POOLS, content=content) == (400, "invalid_json", "")


@pytest.mark.parametrize("content", [b"[]", b"1", b'"text"', b"null", b"true", b'[{"id": "x"}]'])
async def test_json_that_is_no_object_is_refused(bed: Bed, content: bytes) -> None:
    assert (await bed.refused("POST", POOLS, content=content))[0] == 422


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"id": "a", "x": %s}' % (b"9" * 5000), "out_of_range"),
        (b'{"id": "a", "x": -%s}' % (b"9" * 21), "out_of_range"),
        (b'{"id": "a", "x": 1e999}', "out_of_range"),
        (b'{"id": "a", "x": NaN}', "invalid_number"),
        (b'{"id": "a", "x": -Infinity}', "invalid_number"),
        (b'{"id": "a", "x": %s}' % (b"[" * 65 + b"]" * 65), "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too_deep"),
        (b'{"id": "a\\u0000b"}', "invalid_text"),
        (b'{"id": "a", "name": "\\ud800"}', "invalid_text"),
        (b'{"id": "a", "name": "\\uDfff"}', "invalid_text"),
        (b'{"id": "a", "\\u0000": 1}', "invalid_text"),
        (b'{"id": "a", "tags": [["\\ud800"]]}', "invalid_text"),
    ],
)
async def test_what_json_can_say_and_nobody_can_take_is_refused(
    bed: Bed, content: bytes, code: str
) -> None:
    refused = await bed.refused("POST", POOLS, content=content)
    assert refused[:2] == (422, code)


async def test_a_bad_text_is_told_with_its_place(bed: Bed) -> None:
    content = b'{"stack": {"content": "a\\u0000"}}'
    assert await bed.refused("POST", PATH, content=content) == (
        422, "invalid_definition", "stack.content",
    )  # fmt: skip


async def test_a_text_with_a_whole_surrogate_pair_is_fine(bed: Bed) -> None:
    made = await bed.post(POOLS, content=b'{"id": "a", "name": "\\ud83d\\ude00"}')
    assert made["name"] == "\N{GRINNING FACE}"


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, "9" * 19, "1e3", "", " ", "0x1", "１", []])
async def test_numbers_that_are_none_are_refused(bed: Bed, number: object) -> None:
    body = {"stack": {"content": ONE}, "quantities": {"web": number}}
    assert (await bed.refused("POST", PATH, json=body))[0] == 422


async def test_both_spellings_of_a_path_are_served_without_a_redirect(bed: Bed) -> None:
    for path in ("/api/pools", "/api/pools/", "/api/pools/default", "/api/pools/default/"):
        answer = await bed.http.get(path)
        assert answer.status_code == 200, path
    assert (await bed.refused("GET", "/api/pools//"))[:2] == (404, "unknown_path")


@pytest.mark.parametrize(
    "path",
    [
        "/nothing", "/api", "/api/nope", "/api/v2/deployments/rolling/null", "/api/v2/deployments//",
        "/api/hosts/a%2Fb", "/api/v2/deployments/a%2fb", "/api/v3/pools/", "/API/pools/",
        "/api/pools/%00/x",
    ],
)  # fmt: skip
async def test_an_unknown_path_is_told_so(bed: Bed, path: str) -> None:
    assert await bed.refused("GET", path) == (404, "unknown_path", "")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v2/deployments/", "GET, POST"),
        ("POST", "/api/v2/deployments/x", "DELETE, GET, PUT"),
        ("PUT", "/api/token", "GET, POST"),
        ("GET", "/api/v2/hosts/session", "DELETE"),
        ("GET", "/api/v2/deployments/x/stop/", "POST"),
        ("PATCH", "/api/pools", "GET, POST"),
        ("OPTIONS", "/healthz", "GET"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(
    bed: Bed, method: str, path: str, allowed: str
) -> None:
    answer = await bed.http.request(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert answer.json()["errors"][0]["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "odd", ["%00", "..%00", "%ff", "%F0%9F%98%80", "a b", "x" * 5000, "%0a", "'", "{}"]
)
async def test_odd_ids_are_simply_not_found(bed: Bed, odd: str) -> None:
    for path in (PATH, POOLS, "/api/hosts/", "/api/v2/tasks/", "/api/v2/services/"):
        answer = await bed.http.get(path + odd)
        assert answer.status_code == 404, path
        assert answer.json()["errors"][0]["message"]


async def test_a_body_over_ten_megabytes_is_too_large(bed: Bed) -> None:
    body = json.dumps({"id": "a", "description": "x" * (10 * 1024 * 1024)})
    assert await bed.refused("POST", POOLS, content=body) == (413, "too_large", "")


async def test_a_body_that_hides_its_size_is_too_large_too(bed: Bed) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 1024 * 1024

    assert await bed.refused("POST", POOLS, content=parts()) == (413, "too_large", "")


async def test_a_body_that_tells_its_size_is_refused_before_it_is_read(bed: Bed) -> None:
    async def parts() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    headers = {"Content-Length": str(11 * 1024 * 1024)}
    refused = await bed.refused("POST", POOLS, content=parts(), headers=headers)
    assert refused == (413, "too_large", "")


async def test_a_login_may_be_small_only(fresh_bed: Bed) -> None:
    body = json.dumps({"username": "x" * 70_000, "password": ""})
    assert (await fresh_bed.refused("POST", "/api/auth", content=body))[0] == 413


async def test_every_answer_has_an_id_of_its_own(bed: Bed) -> None:
    paths = ("/healthz", "/nope", POOLS, "/api/pools/nope")
    ids = [(await bed.http.get(path)).headers["X-Request-Id"] for path in paths]
    assert len(set(ids)) == 4
    assert all(len(each) == 36 for each in ids)


async def test_answers_are_compact_json(bed: Bed) -> None:
    await bed.post(POOLS, json={"id": "a", "name": "<&> é"})
    answer = await bed.http.get("/api/pools/a")
    assert answer.headers["Content-Type"] == "application/json"
    assert '"name":"<&> é"'.encode() in answer.content
    assert b"\n" not in answer.content
    assert "Set-Cookie" not in answer.headers


async def test_a_defect_shows_nothing_of_itself(bed: Bed, caplog: pytest.LogCaptureFixture) -> None:
    bed.agents.failure = None
    bed.add_container(await bed.add_host("h1"), "a" * 64)
    answer = await bed.http.get(f"/api/containers/{'a' * 64}/host/h1")
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["code"] == "internal_error"
    assert "KeyError" not in answer.text
    assert answer.headers["X-Request-Id"] in caplog.text
    assert "KeyError" in caplog.text


async def test_a_store_that_fails_is_unavailable(bed: Bed) -> None:
    bed.store.lost_lease.set()
    answer = await bed.http.post(POOLS, json={"id": "a"})
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["code"] == "unavailable"
    await bed.get(POOLS)


async def test_nothing_is_parsed_for_a_stranger(fresh_bed: Bed) -> None:
    for content in (b"{", b"[" * 100_000, b"x" * (11 * 1024 * 1024)):
        assert (await fresh_bed.refused("POST", POOLS, content=content))[0] == 401
