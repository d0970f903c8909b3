"""Backup and restore over HTTP."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from berth.control.backup.file import MAX_FILE_BYTES
from integration.api_bed import ONE, TWO, Bed, open_bed

EXPORT, IMPORT = "/api/v2/export", "/api/v2/import"
WORD = {"X-Berth-Passphrase": "open sesame"}


@pytest.fixture
async def other_bed(tmp_path: Path) -> AsyncIterator[Bed]:
    """Yield a second, fresh instance."""
    folder = tmp_path / "other"
    folder.mkdir()
    async with open_bed(f"sqlite:///{folder}/berth.db", folder) as opened:
        await opened.admit()
        yield opened


async def furnish(bed: Bed) -> None:
    """Put one of everything that a backup holds into an instance."""
    await bed.post("/api/pools/", json={"id": "lab", "name": "Lab", "tags": ["gpu"]})
    await bed.post("/api/tags/spare")
    host = await bed.add_host("h1", pool="lab")
    await bed.post("/api/tags/objects/-", json={"kind": "host", "id": host.id, "tags": ["gpu"]})
    login = {"url": "registry.example.com", "username": "u", "password": "s3cret"}
    await bed.post("/api/v2/registries/", json=login)
    await bed.post("/api/v2/services/", json={"service_name": "My Web", "content": ONE})
    await bed.post("/api/v2/stacks/", json={"service_id": "pair", "content": TWO})
    await bed.deploy(quantities={"web": 3}, placement={"pool_id": "lab"})
    await bed.deploy("asleep", desired_state=0)
    path = "/api/v2/deployments/myapp/webhook/restart"
    await bed.put(path, json={"enabled": True, "token": "my-own-token"})
    await bed.http.put("/api/kv/app/key", content=b"\x00\xff")
    entry = {"ID": "w1", "Service": "web", "Address": "10.0.0.9", "Port": 80}
    await bed.put("/api/catalog/register", json={"Service": entry})
    await bed.put("/api/users/admin", json={"first_name": "Ada"})
    await bed.put("/api/v2/settings", json={"host_ttl_s": 9})


async def export(bed: Bed, **options: Any) -> bytes:
    """Return the bytes of a backup."""
    answer = await bed.http.get(EXPORT, **options)
    assert answer.status_code == 200
    return answer.content


def unpack(content: bytes) -> Any:
    """Return the document inside a backup."""
    return json.loads(gzip.decompress(content))


def pack(**data: Any) -> bytes:
    """Make a backup of this data."""
    document = {
        "format": "berth-backup", "version": 1, "created_on": "", "manager_version": "",
        "data": data,
    }  # fmt: skip
    return gzip.compress(json.dumps(document).encode())


async def test_a_backup_is_a_gzipped_document_with_a_name(each_bed: Bed) -> None:
    await furnish(each_bed)
    answer = await each_bed.http.get(EXPORT)
    assert answer.headers["content-type"] == "application/octet-stream"
    named = 'attachment; filename="berth-backup-20231114-221320.bin"'
    assert answer.headers["content-disposition"] == named
    document = unpack(answer.content)
    assert (document["format"], document["version"]) == ("berth-backup", 1)
    assert (document["created_on"], document["manager_version"]) == (
        "2023-11-14T22:13:20Z", "1.2.3",
    )  # fmt: skip
    assert set(document["data"]) == {
        "pools", "tags", "tag_objects", "registries", "services", "stacks", "deployments",
        "webhooks", "keys", "catalog", "users", "settings",
    }  # fmt: skip


async def test_without_a_passphrase_no_secret_is_in_it(bed: Bed) -> None:
    await furnish(bed)
    for headers in ({}, WORD):
        text = gzip.decompress(await export(bed, headers=headers))
        for secret in (b"s3cret", b"my-own-token", bed.bearer.encode(), b"argon2"):
            assert secret not in text
    assert unpack(await export(bed))["secrets"] is None


async def test_a_fresh_instance_becomes_like_the_old_one(each_bed: Bed, other_bed: Bed) -> None:
    await furnish(each_bed)
    content = await export(each_bed, headers=WORD)
    answer = await other_bed.post(IMPORT, content=content, headers=WORD)
    assert answer["missing_secrets"] == []
    host_id = unpack(content)["data"]["tag_objects"][0]["id"]
    assert answer["skipped"] == [
        {"kind": "tag_object", "id": host_id, "reason": "there is no such host here"}
    ]
    assert answer["imported"] == {
        "settings": 1, "tags": 2, "pools": 4, "tag_objects": 1, "registries": 2, "services": 1,
        "stacks": 1, "deployments": 2, "webhooks": 1, "keys": 1, "catalog": 1, "users": 1,
    }  # fmt: skip
    old, new = unpack(content)["data"], unpack(await export(other_bed))["data"]
    for kind in ("services", "stacks", "webhooks", "keys", "catalog", "users", "settings", "tags"):
        assert new[kind] == old[kind]
    stopped = [deployment | {"desired_state": 0} for deployment in old["deployments"]]
    assert new["deployments"] == stopped


async def test_secrets_work_in_the_instance_they_came_to(each_bed: Bed, other_bed: Bed) -> None:
    await furnish(each_bed)
    content = await export(each_bed, headers=WORD)
    await other_bed.post(f"{IMPORT}?start=true", content=content, headers=WORD)
    registries = other_bed.store.memory.registries.values()
    (kept,) = [registry.password for registry in registries if registry.password]
    assert other_bed.services.secrets.decrypt(kept) == "s3cret"
    hook = "/api/v2/deployments/myapp/webhook/restart?token=my-own-token"
    assert (await other_bed.post(hook))["deployment_id"] == "myapp"


@pytest.mark.parametrize("headers", [{}, {"X-Berth-Passphrase": "wrong"}])
async def test_without_the_passphrase_the_rest_is_restored(
    each_bed: Bed, other_bed: Bed, headers: dict[str, str]
) -> None:
    await furnish(each_bed)
    content = await export(each_bed, headers=WORD)
    answer = await other_bed.post(IMPORT, content=content, headers=headers)
    (registry,) = [r for r in unpack(content)["data"]["registries"] if r["has_password"]]
    missing = [(each["kind"], each["id"]) for each in answer["missing_secrets"]]
    assert missing == [("registry", registry["id"]), ("webhook", "myapp")]
    assert answer["imported"]["deployments"] == 2
    hook = await other_bed.get("/api/v2/deployments/myapp/webhook/restart")
    assert hook["enabled"] is True
    assert len(hook["token"]) == 8


async def test_starting_starts_what_ran(each_bed: Bed, other_bed: Bed) -> None:
    await furnish(each_bed)
    await other_bed.post(f"{IMPORT}?start", content=await export(each_bed))
    listed = (await other_bed.get("/api/v2/deployments/"))["deployments"]
    assert [(d["deployment_id"], d["desired_state"]) for d in listed] == [
        ("asleep", 0), ("myapp", 1),
    ]  # fmt: skip
    tasks = (await other_bed.get("/api/v2/tasks/"))["tasks"]
    assert [task["Name"] for task in tasks] == ["deploy deployment: myapp"]


async def test_merging_overwrites_what_is_in_it_and_leaves_the_rest(each_bed: Bed) -> None:
    await furnish(each_bed)
    content = await export(each_bed)
    await each_bed.put("/api/v2/services/My-Web", json={"service_name": "Changed"})
    await each_bed.put("/api/v2/deployments/asleep", json={"quantities": {"web": 7}})
    await each_bed.post("/api/v2/services/", json={"service_id": "mine", "content": ONE})
    answer = await each_bed.post(IMPORT, content=content)
    assert answer["skipped"] == [
        {"kind": "deployment", "id": "myapp", "reason": "it exists and is not stopped"},
        {"kind": "webhook", "id": "myapp", "reason": "its deployment was left out"},
    ]
    services = (await each_bed.get("/api/v2/services/"))["services"]
    assert [s["service_name"] for s in services] == ["My Web", "mine"]
    asleep = (await each_bed.get("/api/v2/deployments/asleep"))["deployment"]
    assert (asleep["quantities"], asleep["generation"]) == ({"web": 1}, 3)


async def test_replacing_removes_what_is_not_in_it(each_bed: Bed) -> None:
    await furnish(each_bed)
    content = await export(each_bed)
    await each_bed.post("/api/v2/services/", json={"service_id": "mine", "content": ONE})
    await each_bed.post("/api/v2/registries/", json={"url": "other.example.com"})
    await each_bed.post("/api/pools/", json={"id": "unused"})
    await each_bed.post("/api/pools/", json={"id": "used"})
    await each_bed.deploy("new", placement={"pool_id": "used"})
    await each_bed.http.put("/api/kv/mine", content=b"x")
    entry = {"ID": "w2", "Service": "web", "Address": "10.0.0.9", "Port": 80}
    await each_bed.put("/api/catalog/register", json={"Service": entry})
    await each_bed.post(f"{IMPORT}?mode=replace", content=content)
    old, new = unpack(content)["data"], unpack(await export(each_bed))["data"]
    for kind in ("services", "stacks", "registries", "keys", "catalog"):
        assert new[kind] == old[kind]
    pools = [pool["id"] for pool in new["pools"]]
    assert pools == ["default", "development", "lab", "production", "used"]


async def test_an_empty_backup_that_replaces_leaves_a_pool(bed: Bed) -> None:
    await bed.post(f"{IMPORT}?mode=replace", content=pack())
    assert [pool["id"] for pool in await bed.get("/api/pools/")] == ["production"]


async def test_a_dry_run_lists_the_changes_and_makes_none(each_bed: Bed) -> None:
    await furnish(each_bed)
    content = await export(each_bed)
    sealed = await export(each_bed, headers=WORD)
    for file in (content, sealed):
        same = await each_bed.post(f"{IMPORT}?dry_run=true", content=file, headers=WORD)
        assert same["changes"] == []
    await each_bed.put("/api/v2/services/My-Web", json={"service_name": "Changed"})
    await each_bed.delete("/api/v2/stacks/pair")
    await each_bed.post("/api/v2/services/", json={"service_id": "mine", "content": ONE})
    await each_bed.put("/api/v2/settings", json={"host_ttl_s": 5})
    before = unpack(await export(each_bed))["data"]
    planned = await each_bed.post(f"{IMPORT}?dry_run&mode=replace", content=content)
    assert sorted((c["action"], c["kind"], c["id"]) for c in planned["changes"]) == [
        ("create", "stack", "pair"), ("remove", "service", "mine"),
        ("update", "service", "My-Web"), ("update", "settings", "settings"),
    ]  # fmt: skip
    assert unpack(await export(each_bed))["data"] == before


async def test_the_file_may_come_in_a_form_under_any_label(bed: Bed, other_bed: Bed) -> None:
    await furnish(bed)
    content = await export(bed)
    form = await other_bed.http.post(IMPORT, files={"any": ("backup.bin", content)})
    assert form.json()["imported"]["services"] == 1
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    again = await other_bed.post(IMPORT, content=content, headers=headers)
    assert again["imported"]["services"] == 1


@pytest.mark.parametrize(
    ("data", "refused"),
    [
        ({"tags": ["a b"]}, (422, "invalid_tag", "data.tags[1].id")),
        ({"pools": [{"id": "a/b"}]}, (422, "invalid_id", "data.pools[0].id")),
        (
            {"services": [{"id": "x", "content": "services: {}"}]},
            (422, "invalid_definition", "data.services[0].content"),
        ),
        (
            {"registries": [{"id": "0" * 16, "url": "a b"}]},
            (422, "invalid_url", "data.registries[0].url"),
        ),
        ({"registries": [{"id": "x", "url": "a"}]}, (422, "invalid_id", "data.registries[0].id")),
        ({"settings": {"host_ttl_s": 0}}, (422, "invalid_setting", "data.settings.host_ttl_s")),
        ({"keys": [{"key": "/a", "value": ""}]}, (400, "invalid_key", "data.keys[0].key")),
        (
            {"catalog": [{"id": "a", "service": "s", "address": "x", "port": 1}]},
            (422, "invalid_address", "data.catalog[0].Service.Address"),
        ),
        (
            {"tag_objects": [{"kind": "pool", "id": "default", "tags": ["zz"]}]},
            (422, "unknown_tag", "data.tag_objects[0].tags"),
        ),
    ],
)
async def test_a_backup_with_a_fault_changes_nothing(
    each_bed: Bed, data: dict[str, Any], refused: tuple[int, str, str]
) -> None:
    before = unpack(await export(each_bed))["data"]
    content = pack(**({"tags": ["fine"]} | data | {"tags": ["fine", *data.get("tags", ())]}))
    assert await each_bed.refused("POST", IMPORT, content=content) == refused
    assert unpack(await export(each_bed))["data"] == before


async def test_a_deployment_in_an_unknown_pool_is_refused(bed: Bed) -> None:
    await bed.deploy(desired_state=0)
    data = unpack(await export(bed))["data"]
    data["deployments"][0]["pool_id"] = "nowhere"
    place = "data.deployments[0].placement.pool_id"
    refused = await bed.refused("POST", IMPORT, content=pack(**data))
    assert refused == (422, "unknown_pool", place)


@pytest.mark.parametrize(
    ("content", "path", "refused"),
    [
        (b"hello", IMPORT, (400, "invalid_backup", "")),
        (b"", IMPORT, (400, "invalid_backup", "")),
        (b"--x\r\n\r\nabc", IMPORT, (400, "invalid_multipart", "")),
        (b"{}", IMPORT, (422, "unknown_format", "format")),
        (pack(), IMPORT + "?mode=other", (400, "invalid_value", "mode")),
    ],
)
async def test_what_is_no_backup_is_refused(
    bed: Bed, content: bytes, path: str, refused: tuple[int, str, str]
) -> None:
    assert await bed.refused("POST", path, content=content) == refused


async def test_too_large_a_backup_is_refused_before_it_is_read(bed: Bed) -> None:
    headers = {"Content-Length": str(MAX_FILE_BYTES + 1)}
    refused = await bed.refused("POST", IMPORT, content=b"", headers=headers)
    assert refused[0] == 413


async def test_one_backup_is_imported_at_a_time(bed: Bed) -> None:
    async with bed.app.state.import_turn:
        assert (await bed.refused("POST", IMPORT, content=pack()))[0] == 503
    await bed.post(IMPORT, content=pack())
