"""What reads say of themselves: the revision that they show, and their compressed form."""

import gzip
from typing import Any

import pytest

from berth.domain.records import Tag
from berth.store.draft import Draft
from integration.api_bed import Bed
from integration.browsers import sign_in

TAGS = "/api/tags/"


async def make_tags(bed: Bed, count: int = 300) -> None:
    def make(draft: Draft) -> None:
        for number in range(count):
            draft.tags.put(Tag(id=f"tag-{number:04}", created_at=draft.now))

    await bed.store.run(make)


async def read(bed: Bed, path: str, **headers: str) -> Any:
    """GET; return the answer with its body as it was sent."""
    sent = {"Accept-Encoding": "identity"} | {k.replace("_", "-"): v for k, v in headers.items()}
    async with bed.http.stream("GET", path, headers=sent) as answer:
        body = b"".join([part async for part in answer.aiter_raw()])
    return answer, body


async def test_a_long_list_comes_compressed_to_who_takes_it(bed: Bed) -> None:
    await make_tags(bed)
    plain, body = await read(bed, TAGS)
    packed, sent = await read(bed, TAGS, Accept_Encoding="gzip, br")
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (
        None, "gzip"
    )  # fmt: skip
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(sent) == body
    assert len(sent) < len(body) / 3
    assert packed.headers["Content-Length"] == str(len(sent))


async def test_a_list_that_is_sent_while_it_is_made_comes_compressed_too(bed: Bed) -> None:
    host = await bed.add_host("h1")
    for number in range(250):
        bed.add_container(host, f"{number:064}", inspect=b'{"Id": "%064d"}' % number)
    _, body = await read(bed, "/api/containers/")
    packed, sent = await read(bed, "/api/containers/", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(sent) == body


@pytest.mark.parametrize("accepted", ["gzip;q=0", "br, zstd", ""])
async def test_nobody_gets_what_they_do_not_take(bed: Bed, accepted: str) -> None:
    await make_tags(bed)
    answer, _ = await read(bed, TAGS, Accept_Encoding=accepted)
    assert "Content-Encoding" not in answer.headers


async def test_short_answers_and_errors_stay_as_they_are(bed: Bed) -> None:
    for path in ("/api/pools/default", "/api/pools/" + "x" * 2000):
        answer, _ = await read(bed, path, Accept_Encoding="gzip")
        assert "Content-Encoding" not in answer.headers


async def test_a_compressed_answer_is_known_by_its_name(bed: Bed) -> None:
    await make_tags(bed)
    packed, _ = await read(bed, TAGS, Accept_Encoding="gzip")
    assert packed.headers["ETag"].startswith('W/"')
    known = {"Accept_Encoding": "gzip", "If_None_Match": packed.headers["ETag"]}
    again, body = await read(bed, TAGS, **known)
    assert (again.status_code, body) == (304, b"")


async def test_a_repeated_request_gets_its_long_answer_as_it_takes_it(bed: Bed) -> None:
    content = "version: 2\nservices:\n  web:\n    image: nginx\n    # " + "x" * 3000 + "\n"
    headers = {"Idempotency-Key": "one", "Accept-Encoding": "gzip"}
    body = {"content": content, "service_id": "web-1"}
    made = [await bed.post("/api/v2/services/", json=body, headers=headers) for _ in range(2)]
    assert made[0] == made[1]


async def test_the_description_of_the_api_comes_compressed(bed: Bed) -> None:
    async with sign_in(bed) as browser:
        answer = await browser.get("/api/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.json()["openapi"]


async def test_a_read_names_the_revision_that_it_shows(each_bed: Bed) -> None:
    before = each_bed.store.memory.revision
    answer, _ = await read(each_bed, "/api/pools/")
    assert answer.headers["X-Berth-Revision"] == str(before)
    await each_bed.put("/api/kv/x", content=b"1")
    for path in ("/api/kv/x", "/api/v2/deployments_summary/", "/api/pools/default"):
        answer, _ = await read(each_bed, path)
        assert int(answer.headers["X-Berth-Revision"]) > before


async def test_what_changes_while_a_list_is_made_is_newer_than_it_says(bed: Bed) -> None:
    host = await bed.add_host("h1")
    for number in range(250):
        bed.add_container(host, f"{number:064}", inspect=b"{}")
    before = bed.store.memory.revision
    async with bed.http.stream("GET", "/api/containers/") as answer:
        await bed.put("/api/kv/x", content=b"1")
        await answer.aread()
    assert answer.headers["X-Berth-Revision"] == str(before)


async def test_writes_name_no_revision(bed: Bed) -> None:
    answer = await bed.http.put("/api/kv/x", content=b"1")
    assert "X-Berth-Revision" not in answer.headers
