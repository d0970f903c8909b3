"""Generations of a deployment over HTTP: listed, and returned to."""

from integration.api_bed import ONE, Bed

PATH = "/api/v2/deployments/myapp/"
NEWER = ONE.replace("nginx", "redis")


async def test_generations_are_listed_newest_first(bed: Bed) -> None:
    made = await bed.deploy()
    await bed.put(PATH, json={"stack": {"content": NEWER}})
    newer, first = (await bed.get(PATH + "generations/"))["generations"]
    assert first == {
        "generation": 1,
        "created_on": made["created_on"],
        "created_by": "admin",
        "outcome": "superseded",
        "quantities": {"web": 1},
        "image_digests": {},
        "content": made["stack"]["content"],
    }
    assert (newer["generation"], newer["outcome"]) == (2, "")
    assert "redis" in newer["content"]


async def test_a_rollback_goes_to_the_generation_before_or_to_the_named_one(bed: Bed) -> None:
    first = await bed.deploy()
    second = (await bed.put(PATH, json={"stack": {"content": NEWER}}))["deployment"]
    back = (await bed.post(PATH + "rollback"))["deployment"]
    assert (back["stack"], back["generation"]) == (first["stack"], 3)
    named = (await bed.post(PATH + "rollback", json={"generation": 2}))["deployment"]
    assert (named["stack"], named["generation"]) == (second["stack"], 4)


async def test_rollbacks_to_nowhere_are_refused(bed: Bed) -> None:
    await bed.deploy()
    for body, refusal in (
        ({}, (409, "no_generation", "")),
        ({"generation": 1}, (409, "no_change", "")),
        ({"generation": 9}, (422, "unknown_generation", "generation")),
    ):
        assert await bed.refused("POST", PATH + "rollback", json=body) == refusal
    assert (await bed.refused("POST", PATH + "rollback", json={"generation": 0}))[0] == 422
    assert len((await bed.get(PATH + "generations/"))["generations"]) == 1


async def test_an_unknown_deployment_has_no_generations(bed: Bed) -> None:
    path = "/api/v2/deployments/nobody/"
    assert (await bed.refused("GET", path + "generations/"))[0] == 404
    assert (await bed.refused("POST", path + "rollback"))[0] == 404
