"""The key/value store over HTTP, on both databases."""

import base64
from urllib.parse import unquote

import pytest

from berth.control.discovery import keys
from integration.api_bed import Bed


async def put(each_bed: Bed, key: str, *, value: bytes = b"x", query: str = "") -> str:
    answer = await each_bed.http.put(f"/api/kv/{key}{query}", content=value)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    return answer.text


@pytest.mark.parametrize("query", ["", "?raw", "?keys", "?recurse"])
async def test_what_the_caller_has_already_is_not_sent_again(bed: Bed, query: str) -> None:
    await put(bed, "a", value=b"\xff")
    first = await bed.http.get(f"/api/kv/a{query}")
    known = {"If-None-Match": first.headers["ETag"]}
    same = await bed.http.get(f"/api/kv/a{query}", headers=known)
    assert (same.status_code, same.content) == (304, b"")
    await put(bed, "ab", value=b"x")
    await put(bed, "a", value=b"y")
    again = await bed.http.get(f"/api/kv/a{query}", headers=known)
    assert (again.status_code, again.content == first.content) == (200, False)


@pytest.mark.parametrize("family", ["/api/kv", "/v1/kv"])
async def test_a_key_is_written_read_and_removed(each_bed: Bed, family: str) -> None:
    assert (await each_bed.http.put(f"{family}/shop/id", content=b"a\xff\0b")).text == "true"
    (pair,) = await each_bed.get(f"{family}/shop/id")
    assert list(pair) == ["Key", "CreateIndex", "ModifyIndex", "LockIndex", "Flags", "Value"]
    assert (pair["Key"], pair["LockIndex"], pair["Flags"]) == ("shop/id", 0, 0)
    assert base64.b64decode(pair["Value"]) == b"a\xff\0b"
    assert await each_bed.delete(f"{family}/shop/id") is True
    assert (await each_bed.http.get(f"{family}/shop/id?raw")).status_code == 404


async def test_raw_is_the_bare_value(each_bed: Bed) -> None:
    await put(each_bed, "a", value=b"\x00\xffline\n")
    for flag in ("raw", "raw=true", "raw=1"):
        answer = await each_bed.http.get(f"/api/kv/a?{flag}")
        assert answer.content == b"\x00\xffline\n"
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert (await each_bed.get("/api/kv/a?raw=false"))[0]["Key"] == "a"


async def test_an_empty_value_is_an_empty_text(each_bed: Bed) -> None:
    await put(each_bed, "a", value=b"")
    assert (await each_bed.get("/api/kv/a"))[0]["Value"] == ""
    assert (await each_bed.http.get("/api/kv/a?raw")).content == b""


async def test_keys_are_full_names_sorted_on_one_line(each_bed: Bed) -> None:
    for key in ("a/c", "a/bc", "a/b", "z", "a/b/"):
        await put(each_bed, key)
    answer = await each_bed.http.get("/api/kv/a/b?keys=true")
    assert answer.text == '["a/b","a/b/","a/bc"]'
    assert await each_bed.get("/api/kv/?keys") == ["a/b", "a/b/", "a/bc", "a/c", "z"]


async def test_recurse_gives_pairs_below_the_prefix_sorted(each_bed: Bed) -> None:
    for key in ("p/2", "p/1", "q"):
        await put(each_bed, key, value=key.encode())
    pairs = await each_bed.get("/api/kv/p/?recurse")
    assert [(pair["Key"], pair["Value"]) for pair in pairs] == [
        ("p/1", base64.b64encode(b"p/1").decode()), ("p/2", base64.b64encode(b"p/2").decode()),
    ]  # fmt: skip
    assert len(await each_bed.get("/api/kv/?recurse")) == 3


async def test_keys_comes_before_recurse_before_raw(each_bed: Bed) -> None:
    await put(each_bed, "a")
    assert await each_bed.get("/api/kv/a?raw&recurse&keys") == ["a"]
    assert (await each_bed.get("/api/kv/a?raw&recurse"))[0]["Key"] == "a"


async def test_a_missing_key_has_an_empty_list_of_pairs(each_bed: Bed) -> None:
    answer = await each_bed.http.get("/api/kv/no")
    assert (answer.status_code, answer.text) == (200, "[]")
    assert answer.headers["content-type"] == "application/json"


async def test_a_missing_bare_value_is_404_and_so_is_a_missing_key_of_consul(
    each_bed: Bed,
) -> None:
    for path in ("/api/kv/no?raw=true", "/v1/kv/no", "/v1/kv/no?raw"):
        answer = await each_bed.http.get(path)
        assert (answer.status_code, answer.content) == (404, b"")


async def test_nothing_below_a_prefix_is_an_empty_list(each_bed: Bed) -> None:
    for path in ("/api/kv/no?keys", "/api/kv/no/?recurse=true", "/v1/kv/?keys"):
        assert (await each_bed.http.get(path)).text == "[]"


async def test_slashes_are_part_of_a_key_also_at_its_end(each_bed: Bed) -> None:
    await put(each_bed, "a/", value=b"with")
    await put(each_bed, "a", value=b"without")
    await put(each_bed, "a%2Fb//", value=b"twice")
    assert await each_bed.get("/api/kv/?keys") == ["a", "a/", "a/b//"]
    assert (await each_bed.http.get("/api/kv/a/?raw")).content == b"with"
    assert (await each_bed.http.get("/api/kv/a?raw")).content == b"without"


@pytest.mark.parametrize(
    "label", ["application/x-www-form-urlencoded", "application/json", "multipart/form-data", ""]
)
async def test_a_value_is_kept_byte_for_byte_whatever_its_label(each_bed: Bed, label: str) -> None:
    value = b'a=1&b=%20{"not": json'
    await each_bed.http.put("/api/kv/a", content=value, headers={"Content-Type": label})
    assert (await each_bed.http.get("/api/kv/a?raw")).content == value


async def test_indexes_tell_creation_and_last_write_and_grow(each_bed: Bed) -> None:
    await put(each_bed, "a", value=b"1")
    await put(each_bed, "b", value=b"1")
    await put(each_bed, "a", value=b"1")
    (a,), (b,) = await each_bed.get("/api/kv/a"), await each_bed.get("/api/kv/b")
    assert 0 < a["CreateIndex"] < b["CreateIndex"] == b["ModifyIndex"] < a["ModifyIndex"]
    await each_bed.delete("/api/kv/a")
    await put(each_bed, "a", value=b"1")
    assert (await each_bed.get("/api/kv/a"))[0]["CreateIndex"] > a["ModifyIndex"]


async def test_flags_are_kept_as_given(each_bed: Bed) -> None:
    await put(each_bed, "a", query="?flags=18446744073709551615")
    assert (await each_bed.get("/api/kv/a"))[0]["Flags"] == 18446744073709551615
    await put(each_bed, "a")
    assert (await each_bed.get("/api/kv/a"))[0]["Flags"] == 0


async def test_cas_writes_only_at_the_index_of_the_last_write(each_bed: Bed) -> None:
    assert await put(each_bed, "a", value=b"1", query="?cas=0") == "true"
    assert await put(each_bed, "a", value=b"2", query="?cas=0") == "false"
    index = (await each_bed.get("/api/kv/a"))[0]["ModifyIndex"]
    assert await put(each_bed, "a", value=b"3", query=f"?cas={index + 1}") == "false"
    assert await put(each_bed, "a", value=b"4", query=f"?cas={index}") == "true"
    assert await put(each_bed, "a", value=b"5", query=f"?cas={index}") == "false"
    assert (await each_bed.http.get("/api/kv/a?raw")).content == b"4"


async def test_a_removal_takes_exactly_the_key_or_all_below(each_bed: Bed) -> None:
    for key in ("a", "ab", "a/b", "b"):
        await put(each_bed, key)
    assert await each_bed.delete("/api/kv/a") is True
    assert await each_bed.delete("/api/kv/a") is True
    assert await each_bed.get("/api/kv/?keys") == ["a/b", "ab", "b"]
    assert await each_bed.delete("/api/kv/a?recurse") is True
    assert await each_bed.get("/api/kv/?keys") == ["b"]


@pytest.mark.parametrize("name", ["a%0Ab", "a%0A", "%0A", "a%0D%0Ab%E2%80%A8c"])
@pytest.mark.parametrize("query", ["", "?raw"])
async def test_a_key_may_have_line_feeds(bed: Bed, name: str, query: str) -> None:
    path = f"/api/kv/{name}{query}"
    assert (await bed.http.put(path.removesuffix("?raw"), content=b"x")).text == "true"
    assert (await bed.http.get(path)).status_code == 200
    assert await bed.get("/api/kv/?keys") == [unquote(name)]
    assert await bed.delete(path.removesuffix("?raw")) is True
    assert await bed.get("/api/kv/?keys") == []


async def test_a_value_has_at_most_512_kib(each_bed: Bed) -> None:
    await put(each_bed, "a", value=b"v" * 512 * 1024)
    refused = await each_bed.refused("PUT", "/api/kv/a", content=b"v" * (512 * 1024 + 1))
    assert refused == (413, "too_large", "")
    assert len((await each_bed.http.get("/api/kv/a?raw")).content) == 512 * 1024


async def test_a_key_has_at_most_512_bytes(each_bed: Bed) -> None:
    await put(each_bed, "é" * 256)
    assert await each_bed.refused("PUT", "/api/kv/" + "é" * 256 + "x", content=b"") == (
        400, "key_too_long", "key",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "refused"),
    [
        ("GET", "/api/kv/", (400, "empty_key", "key")),
        ("GET", "/api/kv/?raw", (400, "empty_key", "key")),
        ("PUT", "/api/kv/", (400, "empty_key", "key")),
        ("DELETE", "/api/kv/", (400, "empty_key", "key")),
        ("DELETE", "/api/kv/?recurse", (400, "empty_key", "key")),
        ("PUT", "/api/kv//a", (400, "invalid_key", "key")),
        ("PUT", "/api/kv/a%00b", (400, "invalid_key", "key")),
        ("GET", "/api/kv/a?raw=maybe", (400, "invalid_value", "raw")),
        ("PUT", "/api/kv/a?flags=-1", (400, "invalid_value", "flags")),
        ("PUT", "/api/kv/a?flags=18446744073709551616", (400, "invalid_value", "flags")),
        ("PUT", "/api/kv/a?cas=x", (400, "invalid_value", "cas")),
        ("POST", "/api/kv/a", (405, "method_not_allowed", "")),
    ],
)
async def test_what_no_key_or_query_can_be_is_refused(
    each_bed: Bed, method: str, path: str, refused: tuple[int, str, str]
) -> None:
    assert await each_bed.refused(method, path) == refused
    assert await each_bed.get("/api/kv/?keys") == []


async def test_keys_need_the_bearer_token(each_bed: Bed) -> None:
    del each_bed.http.headers["Authorization"]
    for method in ("GET", "PUT", "DELETE"):
        assert (await each_bed.refused(method, "/v1/kv/a"))[0] == 401


async def test_the_whole_store_is_bounded(each_bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MAX_STORE_BYTES", 30)
    await put(each_bed, "a", value=b"x" * 20)
    assert (await each_bed.refused("PUT", "/api/kv/b", content=b"y" * 20))[:2] == (
        413, "store_full",
    )  # fmt: skip
    assert await each_bed.get("/api/kv/b") == []
    await put(each_bed, "a", value=b"x" * 19)
    await put(each_bed, "b", value=b"y" * 9)
    await each_bed.delete("/api/kv/a")
    await put(each_bed, "c", value=b"z" * 19)
