"""Deployments over HTTP."""

from integration.api_bed import Bed


async def test_a_deployment_is_answered_with_its_defaults(bed: Bed) -> None:
    made = await bed.deploy()
    assert made["deployment_id"] == "myapp"
