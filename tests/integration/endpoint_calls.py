"""One good call of every endpoint of the original list, and the form of its answer."""

from typing import Any

import msgspec

from integration.api_bed import ONE, TWO

CONTAINER = "a" * 64
OTHER = "b" * 64
IMAGE = "registry.example.com:5000/team/app:1.0.0"
TEXT, NUMBER, FLAG = "", 0, False

TASK: Any = {
    "ID": TEXT,
    "Name": TEXT,
    "User": TEXT,
    "Subsystem": TEXT,
    "Percent": NUMBER,
    "Status": NUMBER,
    "HostID": TEXT,
    "CreatedAt": {"seconds": NUMBER, "nanos": NUMBER},
    "ClosedAt": {"seconds": NUMBER, "nanos": NUMBER},
    "HostStartedAt": {"seconds": NUMBER, "nanos": NUMBER},
}
STARTED = {"task_id": TEXT}
DELETED = {"deleted": TEXT}
STACK = {"service_id": TEXT, "service_name": TEXT, "subtype": TEXT, "content": TEXT}
DEPLOYMENT = {
    "deployment_id": TEXT,
    "placement": {"pool_id": TEXT},
    "created_by": TEXT,
    "created_on": TEXT,
    "stack": STACK,
    "creation_info_generation": NUMBER,
    "deployment_name": TEXT,
    "quantities": {},
    "desired_state": NUMBER,
    "desired_state_changed_at": TEXT,
    "generation": NUMBER,
    "current_state": NUMBER,
    "pending_state": NUMBER,
}
ROW = {
    "deployment_id": TEXT,
    "deployment_name": TEXT,
    "deployment_key": TEXT,
    "environment_id": TEXT,
    "stack_id": TEXT,
    "service_id": TEXT,
    "service_slot": NUMBER,
    "container_name": TEXT,
    "container_id": TEXT,
    "host_id": TEXT,
    "container_hostname": TEXT,
    "hostname": TEXT,
    "host_group": TEXT,
    "subtype": TEXT,
    "phase_id": NUMBER,
    "state": TEXT,
    "started_at": TEXT,
    "message": TEXT,
    "checks_total": NUMBER,
    "checks_passed": NUMBER,
}
INSPECT: Any = {
    "Id": TEXT,
    "Config": {},
    "HostConfig": {},
    "NetworkSettings": {},
    "State": {},
    "Node": {"ID": TEXT},
}
WRAPPED = {
    "host_id": TEXT,
    "container": INSPECT,
    "hostname": TEXT,
    "deployment_id": TEXT,
    "service_id": TEXT,
}
HOST: Any = {
    "host_id": TEXT,
    "info": {
        "host_id": TEXT,
        "hostname": TEXT,
        "pool_id": TEXT,
        "is_active": FLAG,
        "last_seen": NUMBER,
        "info_updated_at": TEXT,
        "uptime": TEXT,
        "ip_addresses": TEXT,
        "cpu": NUMBER,
        "num_cpus": NUMBER,
        "memory": NUMBER,
        "memory_mb": NUMBER,
        "num_images": NUMBER,
        "running_cnts": NUMBER,
        "docker_version": TEXT,
        "docker_api_version": TEXT,
        "host_version": TEXT,
        "location": TEXT,
        "provider": TEXT,
    },
    "load": 0.0,
    "interfaces": {},
}
POOL = {
    "id": TEXT,
    "name": TEXT,
    "description": TEXT,
    "total_hosts": NUMBER,
    "active_hosts": NUMBER,
    "resources": {
        "memory_max": NUMBER,
        "memory_used": NUMBER,
        "memory_percent": NUMBER,
        "cpu_percent": NUMBER,
    },
}
REGISTRY = {
    "registry_id": TEXT,
    "url": TEXT,
    "email": TEXT,
    "username": TEXT,
    "password": TEXT,
    "description": TEXT,
}
REGISTRIES = {"elapsed_time": 0.0, "registries": [REGISTRY], "total_results": NUMBER}
WEBHOOK = {"deployment_id": TEXT, "token": TEXT, "enabled": FLAG, "full_url_path": TEXT}
ENTRY = {"Address": TEXT, "ID": TEXT, "Service": TEXT, "Tags": [TEXT], "Port": NUMBER}
USER = {
    "id": NUMBER,
    "first_name": TEXT,
    "last_name": TEXT,
    "username": TEXT,
    "type": NUMBER,
    "role": NUMBER,
    "group": TEXT,
    "last_password_reset_date": TEXT,
}
EVENT = {
    "event_id": NUMBER,
    "actor_id": TEXT,
    "actor_type": TEXT,
    "actor_label": TEXT,
    "sub_actor_id": TEXT,
    "sub_actor_type": TEXT,
    "sub_actor_label": TEXT,
    "event_key": TEXT,
    "summary": TEXT,
    "message": TEXT,
    "severity": NUMBER,
    "severity_description": TEXT,
    "first_seen": TEXT,
    "details": {},
}
IMAGE_ITEM = {"host_id": TEXT, "hostname": TEXT, "image": {"Id": TEXT}}
VERSION = {
    "git_commit": TEXT,
    "version": TEXT,
    "release": TEXT,
    "build_host": TEXT,
    "build_dt": TEXT,
    "build_branch": TEXT,
}
DEPLOY = {
    "deployment_id": "new",
    "desired_state": 1,
    "placement": {"pool_id": "default"},
    "quantities": {"web": 1},
    "stack": {"content": ONE, "service_id": "web", "service_name": "web", "subtype": "service"},
}


class Good(msgspec.Struct, frozen=True):
    """A call that is answered with 200."""

    #: The path with ``{host}``, ``{task}``, ``{registry}`` and ``{token}`` left to fill.
    path: str
    #: An example of the answer: members must be there with values of these kinds. None: not JSON.
    form: Any
    body: Any = None


_ACTIONS = ("kill", "pause", "restart", "start", "stop", "unpause")
_OF = "/api/v2/deployments/myapp"
_ON = f"/api/v2/images/{IMAGE}/hosts/{{host}}"

CALLS: dict[str, Good] = {
    "POST /api/auth": Good("/api/auth", USER | {"token": TEXT}, "login"),
    "POST /api/token": Good("/api/token", {"token": TEXT}),
    "POST /api/token/new": Good("/api/token/new", {"token": TEXT}),
    "GET /api/v2/export": Good("/api/v2/export", None),
    "POST /api/v2/import": Good("/api/v2/import", {"imported": {}, "skipped": []}, "backup"),
    "PUT /api/catalog/register": Good(
        "/api/catalog/register",
        True,
        {
            "Service": {
                "ID": "w1",
                "Service": "web",
                "Address": "10.0.0.9",
                "Port": 1,
                "Tags": ["v1"],
                "Check": {},
            }
        },
    ),
    "PUT /api/catalog/deregister": Good(
        "/api/catalog/deregister", True, {"Service": {"ID": "web-1"}}
    ),
    "GET /api/catalog/service/{service_name}": Good("/api/catalog/service/web", [ENTRY]),
    "GET /api/catalog/services": Good("/api/catalog/services", {"web": [TEXT]}),
    "GET /api/containers/": Good("/api/containers/", [WRAPPED]),
    "GET /api/containers/{container_id}/host/{host_id}": Good(
        f"/api/containers/{CONTAINER}/host/{{host}}", WRAPPED
    ),
    "GET /api/v2/containers/{container_id}/logs": Good(
        f"/api/v2/containers/{CONTAINER}/logs",
        {"container": {"container_id": TEXT, "stdout": TEXT, "stderr": TEXT}},
    ),
    **{
        f"POST /api/v2/containers/{{container_id}}/{action}": Good(
            f"/api/v2/containers/{CONTAINER}/{action}", STARTED
        )
        for action in _ACTIONS
    },
    "GET /api/v2/deployments/": Good("/api/v2/deployments/", {"deployments": [DEPLOYMENT]}),
    "POST /api/v2/deployments/": Good("/api/v2/deployments/", {"deployment": DEPLOYMENT}, DEPLOY),
    "GET /api/v2/deployments_summary/": Good(
        "/api/v2/deployments_summary/",
        {
            "deployments_summary": [
                {
                    "deployment_id": TEXT,
                    "health": TEXT,
                    "services_total": NUMBER,
                    "containers_total": NUMBER,
                }
            ],
            "totals": {
                "deployments": NUMBER,
                "running": NUMBER,
                "stopped": NUMBER,
                "healthy": NUMBER,
            },
        },
    ),
    "GET /api/v2/deployments/{deployment_id}": Good(_OF, {"deployment": DEPLOYMENT}),
    "PUT /api/v2/deployments/{deployment_id}": Good(
        _OF, {"deployment": DEPLOYMENT}, {"quantities": {"web": 2}}
    ),
    "DELETE /api/v2/deployments/{deployment_id}": Good("/api/v2/deployments/stopped", DELETED),
    "GET /api/v2/deployments/{deployment_id}/containers/": Good(
        f"{_OF}/containers/", {"containers": [ROW]}
    ),
    "POST /api/v2/deployments/{deployment_id}/start": Good(
        f"{_OF}/start", {"deployment": DEPLOYMENT}
    ),
    "POST /api/v2/deployments/{deployment_id}/stop": Good(
        f"{_OF}/stop", {"deployment": DEPLOYMENT}
    ),
    "GET /api/v2/deployments/{deployment_id}/webhook": Good(f"{_OF}/webhook", {"restart": WEBHOOK}),
    "GET /api/v2/deployments/{deployment_id}/webhook/restart": Good(
        f"{_OF}/webhook/restart", WEBHOOK
    ),
    "PUT /api/v2/deployments/{deployment_id}/webhook/restart": Good(
        f"{_OF}/webhook/restart", WEBHOOK, {"enabled": True}
    ),
    "POST /api/v2/deployments/{deployment_id}/webhook/restart": Good(
        f"{_OF}/webhook/restart?token={{token}}", {"deployment_id": TEXT, "task_id": TEXT}
    ),
    "GET /api/v2/events/": Good("/api/v2/events/", {"events": [EVENT]}),
    "GET /api/hosts/": Good("/api/hosts/", [HOST]),
    "GET /api/hosts/{host_id}": Good("/api/hosts/{host}", HOST),
    "GET /api/hosts/{host_id}/containers/": Good("/api/hosts/{host}/containers/", [INSPECT]),
    "PUT /api/hosts/{host_id}/pool": Good(
        "/api/hosts/{host}/pool", HOST, {"pool_id": "production"}
    ),
    "GET /api/images/": Good("/api/images/", [IMAGE_ITEM]),
    "GET /api/images/{image_id}/containers/": Good(f"/api/images/{IMAGE}/containers/", []),
    "GET /api/images/{image_id}/hosts/{host_id}": Good(
        f"/api/images/{IMAGE}/hosts/{{host}}", IMAGE_ITEM | {"history": []}
    ),
    "DELETE /api/v2/images/{repo_id:.*}/hosts/{host_id}": Good(_ON, STARTED),
    "POST /api/v2/images/{repo_id:.*}/hosts/{host_id}/pull": Good(f"{_ON}/pull", STARTED),
    "POST /api/v2/images/{repo_id:.*}/hosts/{host_id}/push": Good(f"{_ON}/push", STARTED),
    "POST /api/v2/images/{repo_id:.*}/hosts/{host_id}/run": Good(
        f"{_ON}/run", STARTED, {"content": ONE}
    ),
    "POST /api/v2/images/{image_id}/hosts/{host_id}/tag": Good(
        f"{_ON}/tag", STARTED, {"Repo": "docker.example.com/web", "Tag": "newest"}
    ),
    "GET /api/kv/{key}": Good(
        "/api/kv/shop/limit",
        [
            {
                "Key": TEXT,
                "Value": TEXT,
                "CreateIndex": NUMBER,
                "ModifyIndex": NUMBER,
                "LockIndex": NUMBER,
                "Flags": NUMBER,
            }
        ],
    ),
    "PUT /api/kv/{key}": Good("/api/kv/shop/limit", True, "raw"),
    "DELETE /api/kv/{key}": Good("/api/kv/shop/limit", True),
    "GET /api/pools/": Good("/api/pools/", [POOL]),
    "POST /api/pools/": Good(
        "/api/pools/", POOL, {"id": "blue", "name": "Blue", "description": ""}
    ),
    "GET /api/pools/{poolID}": Good("/api/pools/default", POOL),
    "PUT /api/pools/{poolID}": Good("/api/pools/default", POOL, {"name": "All"}),
    "DELETE /api/pools/{poolID}": Good("/api/pools/development", DELETED),
    "GET /api/v2/pools/": Good("/api/v2/pools/", {"pools": [POOL | {"hosts": []}]}),
    "GET /api/v2/pools/{poolID}/hosts/": Good("/api/v2/pools/default/hosts/", {"hosts": [HOST]}),
    "GET /api/v2/registries/": Good("/api/v2/registries/", REGISTRIES),
    "POST /api/v2/registries/": Good(
        "/api/v2/registries/",
        {"elapsed_time": 0.0, "registry": REGISTRY, "total_results": NUMBER},
        {"url": "quay.example.com"},
    ),
    "GET /api/v2/registries/{registry_id}": Good("/api/v2/registries/{registry}", REGISTRIES),
    "PUT /api/v2/registries/{registry_id}": Good(
        "/api/v2/registries/{registry}", REGISTRIES, {"description": "Hub"}
    ),
    "DELETE /api/v2/registries/{registry_id}": Good("/api/v2/registries/{registry}", DELETED),
    "POST /api/search/": Good(
        "/api/search/",
        {
            "request": {"query": TEXT, "start": NUMBER, "limit": NUMBER, "kinds": [TEXT]},
            "elapsed_time": 0.0,
            "total_results": NUMBER,
            "results": [{"kind": TEXT, "id": TEXT, "name": TEXT, "matches": [], "path": TEXT}],
        },
        {"query": "myapp"},
    ),
    "GET /api/v2/services/": Good("/api/v2/services/", {"services": [STACK]}),
    "POST /api/v2/services/": Good(
        "/api/v2/services/", {"service": STACK}, {"content": ONE, "service_name": "My web"}
    ),
    "GET /api/v2/services/{service_id}": Good("/api/v2/services/web", {"service": STACK}),
    "PUT /api/v2/services/{service_id}": Good(
        "/api/v2/services/web", {"service": STACK}, {"service_name": "W"}
    ),
    "DELETE /api/v2/services/{service_id}": Good("/api/v2/services/web", DELETED),
    "POST /api/v2/services/{service_id}/deploy": Good(
        "/api/v2/services/web/deploy", {"deployment": DEPLOYMENT}
    ),
    "GET /api/v2/stacks/": Good("/api/v2/stacks/", {"stacks": [STACK]}),
    "POST /api/v2/stacks/": Good(
        "/api/v2/stacks/",
        {"stack": STACK},
        {"service_name": "Big One", "content": TWO, "subtype": "stack"},
    ),
    "GET /api/v2/stacks/{service_id}": Good("/api/v2/stacks/two", {"stack": STACK}),
    "PUT /api/v2/stacks/{service_id}": Good(
        "/api/v2/stacks/two", {"stack": STACK}, {"content": TWO}
    ),
    "DELETE /api/v2/stacks/{service_id}": Good("/api/v2/stacks/two", DELETED),
    "GET /api/v2/status/": Good(
        "/api/v2/status/?q=%2Bgeneration:>0",
        {
            "request": {"query": TEXT, "start": NUMBER, "limit": NUMBER},
            "statuses": [
                {
                    "fingerprint": TEXT,
                    "generation": NUMBER,
                    "count": NUMBER,
                    "last_event_id": NUMBER,
                    "clear_event_id": NUMBER,
                }
            ],
        },
    ),
    "GET /api/tags/": Good("/api/tags/", [TEXT]),
    "POST /api/tags/{notused}": Good("/api/tags/x", {"id": TEXT}, {"id": "200"}),
    "GET /api/tags/objects/": Good(
        "/api/tags/objects/", [{"kind": TEXT, "id": TEXT, "tags": [TEXT]}]
    ),
    "POST /api/tags/objects/{notused}": Good(
        "/api/tags/objects/x",
        {"kind": TEXT, "id": TEXT, "tags": [TEXT]},
        {"kind": "pool", "id": "default", "tags": ["100"]},
    ),
    "GET /api/v2/tasks/": Good("/api/v2/tasks/", {"tasks": [TASK]}),
    "GET /api/v2/tasks/{task_id}": Good("/api/v2/tasks/{task}", {"Task": TASK}),
    "POST /api/v2/tasks/{task_id}/{action}": Good("/api/v2/tasks/{task}/cancel", {"Task": TASK}),
    "GET /api/users/": Good("/api/users/", [USER]),
    "PUT /api/users/admin": Good("/api/users/admin", USER, {"first_name": "Ada"}),
    "GET /api/version": Good("/api/version", VERSION),
    "GET /api/capabilities": Good("/api/capabilities", [TEXT]),
}


def misses(value: Any, form: Any, *, place: str = "answer") -> list[str]:
    """Return where a value is not of a form: a missing member, or a value of another kind."""
    if isinstance(form, dict):
        if not isinstance(value, dict):
            return [f"{place} is no object"]
        lacking = [f"{place} has no {key}" for key in form if key not in value]
        found = (
            misses(value[key], form[key], place=f"{place}.{key}") for key in form if key in value
        )
        return lacking + [miss for each in found for miss in each]
    if isinstance(form, list):
        if not isinstance(value, list) or (form and not value):
            return [f"{place} is no list with something in it"]
        return [
            miss for item in value if form for miss in misses(item, form[0], place=f"{place}[]")
        ]
    kinds = (int, float) if isinstance(form, float) else type(form)
    fits = isinstance(value, kinds) and isinstance(value, bool) == isinstance(form, bool)
    return [] if fits else [f"{place} is {value!r}"]
