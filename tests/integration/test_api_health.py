"""What monitors and tools ask, and the list of all endpoints."""

from starlette.routing import WebSocketRoute

from berth.api.endpoints.routing import Route
from integration.api_bed import Bed

ENDPOINTS = """
POST /api/auth
GET /api/token
POST /api/token
POST /api/token/new
POST /api/v2/session
GET /api/v2/session
DELETE /api/v2/session
GET /api/v2/sessions/
DELETE /api/v2/sessions/
DELETE /api/v2/sessions/{session_id}
GET /api/users/
PUT /api/users/admin
GET /api/version
GET /version
GET /api/capabilities
GET /api/pools/
POST /api/pools/
GET /api/pools/{pool_id}
PUT /api/pools/{pool_id}
DELETE /api/pools/{pool_id}
GET /api/v2/pools/
GET /api/v2/pools/{pool_id}/hosts/
GET /api/hosts/
GET /api/hosts/{host_id}
GET /api/hosts/{host_id}/containers/
PUT /api/hosts/{host_id}/pool
GET /api/v2/hosts/join
POST /api/v2/hosts/join
GET /api/v2/hosts/join_token
POST /api/v2/hosts/join_token/rotate
POST /api/v2/hosts/{host_id}/confirm
POST /api/v2/hosts/{host_id}/drain
POST /api/v2/hosts/{host_id}/pause
POST /api/v2/hosts/{host_id}/activate
DELETE /api/v2/hosts/{host_id}
GET /api/tags/
POST /api/tags/{notused}
DELETE /api/tags/{tag}
GET /api/tags/objects/
POST /api/tags/objects/{notused}
GET /api/v2/registries/
POST /api/v2/registries/
POST /api/v2/registries/validate
GET /api/v2/registries/{registry_id}
PUT /api/v2/registries/{registry_id}
DELETE /api/v2/registries/{registry_id}
GET /api/v2/services/
POST /api/v2/services/
GET /api/v2/services/{service_id}
PUT /api/v2/services/{service_id}
DELETE /api/v2/services/{service_id}
POST /api/v2/services/{service_id}/deploy
GET /api/v2/stacks/
POST /api/v2/stacks/
GET /api/v2/stacks/{service_id}
PUT /api/v2/stacks/{service_id}
DELETE /api/v2/stacks/{service_id}
GET /api/v2/deployments/
POST /api/v2/deployments/
GET /api/v2/deployments_summary/
GET /api/v2/slots/
GET /api/v2/deployments/{deployment_id}
PUT /api/v2/deployments/{deployment_id}
DELETE /api/v2/deployments/{deployment_id}
POST /api/v2/deployments/{deployment_id}/start
POST /api/v2/deployments/{deployment_id}/stop
POST /api/v2/deployments/{deployment_id}/restart
GET /api/v2/deployments/{deployment_id}/containers/
GET /api/v2/deployments/{deployment_id}/webhook
GET /api/v2/deployments/{deployment_id}/webhook/restart
PUT /api/v2/deployments/{deployment_id}/webhook/restart
GET /api/v2/deployments/{deployment_id}/generations/
POST /api/v2/deployments/{deployment_id}/rollback
POST /api/v2/deployments/{deployment_id}/webhook/restart
GET /api/containers/
GET /api/containers/{container_id}/host/{host_id}
GET /api/v2/containers/
GET /api/v2/containers/{container_id}/exec
GET /api/v2/containers/{container_id}/logs
DELETE /api/v2/containers/{container_id}
POST /api/v2/containers/{container_id}/kill
POST /api/v2/containers/{container_id}/stop
POST /api/v2/containers/{container_id}/start
POST /api/v2/containers/{container_id}/restart
POST /api/v2/containers/{container_id}/pause
POST /api/v2/containers/{container_id}/unpause
GET /api/v2/events/
GET /api/v2/status/
GET /api/v2/tasks/
GET /api/v2/tasks/{task_id}
POST /api/v2/tasks/{task_id}/{action}
GET /api/kv/{key}
PUT /api/kv/{key}
DELETE /api/kv/{key}
GET /v1/kv/{key}
PUT /v1/kv/{key}
DELETE /v1/kv/{key}
PUT /api/catalog/register
PUT /api/catalog/deregister
GET /api/catalog/service/{service_name}
GET /api/catalog/services
GET /api/v2/settings
PUT /api/v2/settings
GET /api/openapi.json
GET /api/docs
GET /api/v2/export
POST /api/v2/import
GET /api/images/
GET /api/images/{image_id}/hosts/{host_id}
GET /api/images/{image_id}/containers/
POST /api/v2/images/{image}/hosts/{host_id}/pull
POST /api/v2/images/{image}/hosts/{host_id}/push
POST /api/v2/images/{image}/hosts/{host_id}/tag
POST /api/v2/images/{image}/hosts/{host_id}/run
DELETE /api/v2/images/{image}/hosts/{host_id}
GET /api/v2/watch
GET /api/v2/live
POST /api/search/
POST /api/v2/definitions/validate
POST /api/v2/definitions/convert
GET /api/v2/deployments/{deployment_id}/logs
GET /api/v2/containers/{container_id}/stats
GET /api/v2/hosts/{host_id}/stats
GET /api/v2/usage
POST /api/v2/hosts/{host_id}/revoke
GET /api/v2/tokens/
POST /api/v2/tokens/
DELETE /api/v2/tokens/{token_id}
GET /healthz
GET /readyz
GET /metrics
"""


async def test_the_endpoints_are_those_of_the_list(fresh_bed: Bed) -> None:
    routes = [route for route in fresh_bed.app.routes if isinstance(route, Route)]
    served = [f"{method} {route.path_format}" for route in routes for method in route.methods or ()]
    assert sorted(served) == sorted(ENDPOINTS.split("\n")[1:-1])
    sockets = [r.path for r in fresh_bed.app.routes if isinstance(r, WebSocketRoute)]
    assert sorted(sockets) == [
        "/api/v2/containers/{container_id}/exec", "/api/v2/hosts/session", "/api/v2/live",
        "/{path:text}",
    ]  # fmt: skip


async def test_the_version_needs_no_token(fresh_bed: Bed) -> None:
    version = await fresh_bed.get("/api/version")
    assert list(version) == [
        "git_commit", "version", "release", "build_host", "build_dt", "build_branch",
    ]  # fmt: skip
    assert version["version"] == "1.2.3"
    assert await fresh_bed.get("/version/") == version
    assert "Containers" in await fresh_bed.get("/api/capabilities")


async def test_health_and_readiness_are_two_things(fresh_bed: Bed) -> None:
    fresh_bed.ready = False
    await fresh_bed.get("/healthz")
    assert await fresh_bed.refused("GET", "/readyz") == (503, "unavailable", "")
    fresh_bed.ready = True
    await fresh_bed.get("/readyz")


async def test_the_numbers_of_the_manager_are_shown(bed: Bed) -> None:
    bed.add_container(await bed.add_host("h1"), "a" * 64)
    await bed.deploy()
    await bed.http.get("/api/pools/a")
    await bed.http.request("BREW", "/nope/1")
    text = (await bed.http.get("/metrics")).text
    for line in (
        'berth_hosts{state="active"} 1.0',
        'berth_deployments{desired="running"} 1.0',
        "berth_containers 1.0",
        'berth_requests_total{code="404",method="GET",route="/api/pools/{pool_id}"} 1.0',
        'berth_requests_total{code="404",method="other",route="none"} 1.0',
        "berth_loop_lag_seconds 0.0",
    ):
        assert line in text.splitlines()
    assert "berth_store_commits_total" in text


async def test_the_documentation_names_every_path(fresh_bed: Bed) -> None:
    document = await fresh_bed.get("/api/openapi.json")
    served = {route.path_format for route in fresh_bed.app.routes if isinstance(route, Route)}
    assert set(document["paths"]) == served
    body = document["paths"]["/api/v2/deployments/"]["post"]["requestBody"]
    assert "application/json" in body["content"]
