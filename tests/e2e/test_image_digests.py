"""The digest of an image: looked up once a generation, on real engines with a real registry."""

from __future__ import annotations

from typing import Any

from berthbed import BerthBed
from e2e.looking import host_of, inspect, set_settings, settle_state, wait_task_named
from e2e.texts import service, text
from testbed.images import standard_images


def move_tag(berth: BerthBed, tag: str, *, version: str) -> str:
    """Let a tag of the registry mean a version of the page, and return the image's name."""
    return berth.bed.registry.push_image("moving", tag, image=standard_images()[f"web:{version}"])


def versions(berth: BerthBed, deployment_id: str) -> list[str]:
    """Return the VERSION of the image of each container, sorted."""
    rows = berth.containers(deployment_id)
    every = [inspect(host_of(berth, r), r["container_id"])["Config"]["Env"] for r in rows]
    return sorted(v for env in every for v in env if v.startswith("VERSION="))


def deploy(berth: BerthBed, deployment_id: str, *, image: str, env: tuple[str, ...] = ()) -> None:
    """Deploy two slots of an image, and wait until they have proven to run."""
    wanted = text(service(image, env=env))
    berth.deploy(deployment_id, text=wanted, quantities={"app": 2})
    wait_task_named(berth, f"deploy deployment: {deployment_id}")


def kill_one(berth: BerthBed, deployment_id: str) -> None:
    """Kill a container, and wait until another one is in its place."""
    row = berth.containers(deployment_id)[0]
    host_of(berth, row).docker("kill", row["container_id"])
    berth.wait_until(
        lambda: (
            row["container_id"] not in [r["container_id"] for r in berth.containers(deployment_id)]
        ),
        30,
        what="another container",
    )
    settle_state(berth, deployment_id, replicas=2)


def digests(berth: BerthBed, deployment_id: str) -> set[str]:
    return {row["image_digest"] for row in berth.containers(deployment_id)}


def newest(berth: BerthBed, deployment_id: str) -> Any:
    path = f"/api/v2/deployments/{deployment_id}/generations/"
    return berth.api.get(path)["generations"][0]


def test_a_replica_that_crashes_comes_back_with_the_image_it_had(berth: BerthBed) -> None:
    deploy(berth, "pinned", image=move_tag(berth, "crash", version="1"))
    before = digests(berth, "pinned")
    assert newest(berth, "pinned")["image_digests"] == {"app": next(iter(before))}
    move_tag(berth, "crash", version="2")
    kill_one(berth, "pinned")
    assert versions(berth, "pinned") == ["VERSION=1", "VERSION=1"]
    assert digests(berth, "pinned") == before
    berth.api.put("/api/v2/deployments/pinned", {"quantities": {"app": 3}})
    settle_state(berth, "pinned", replicas=3)
    assert versions(berth, "pinned") == ["VERSION=1"] * 3


def test_a_return_brings_the_image_of_then_back_and_a_restart_the_newest(berth: BerthBed) -> None:
    image = move_tag(berth, "back", version="1")
    deploy(berth, "return", image=image)
    move_tag(berth, "back", version="2")
    changed = text(service(image, env=("MORE=1",)))
    berth.api.put("/api/v2/deployments/return", {"stack": {"content": changed}})
    wait_task_named(berth, "update deployment: return")
    assert versions(berth, "return") == ["VERSION=2", "VERSION=2"]
    berth.api.post("/api/v2/deployments/return/rollback")
    wait_task_named(berth, "rollback deployment: return")
    assert versions(berth, "return") == ["VERSION=1", "VERSION=1"]
    berth.api.post("/api/v2/deployments/return/restart")
    wait_task_named(berth, "restart deployment: return")
    assert versions(berth, "return") == ["VERSION=2", "VERSION=2"]


def test_old_texts_and_a_setting_look_the_tag_up_for_each_container(berth: BerthBed) -> None:
    old, new = move_tag(berth, "old", version="1"), move_tag(berth, "set", version="1")
    deploy(berth, "asks", image=old, env=("OCCS_PULL_ON_CREATE=true",))
    deploy(berth, "always", image=new)
    set_settings(berth, {"image_tags": "always"})
    move_tag(berth, "old", version="2")
    move_tag(berth, "set", version="2")
    for deployment_id in ("asks", "always"):
        kill_one(berth, deployment_id)
        assert versions(berth, deployment_id) == ["VERSION=1", "VERSION=2"]
