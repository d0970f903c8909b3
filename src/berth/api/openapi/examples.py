"""Examples for the description of the API, made of its schemas and of values that look like ours."""

from collections.abc import Mapping
from typing import Any

#: Deeper than this, lists and objects stay empty.
MAX_DEPTH = 16

_HOST_ID = "0b8d0c6e-5b7e-4f0e-9b6f-0d6a4c1f7a52"
_TASK_ID = "602784b9-143c-4109-92d9-f66ff1010d07"
_CONTAINER_ID = "79c4" * 16
_TEXT = "version: 2\nservices:\n  web:\n    image: nginx\n    ports:\n      - 80/tcp\n"
_TIME = "2026-01-31T12:00:00Z"

#: What a member of that name holds.
VALUES: Mapping[str, Any] = {
    "actor_id": _HOST_ID,
    "actor_label": "h1",
    "actor_type": "host",
    "Address": "10.0.0.5",
    "address": "10.0.0.5",
    "code": "unknown_pool",
    "columns": 80,
    "container_hostname": "0.web.shop",
    "container_id": _CONTAINER_ID,
    "container_name": "0.web.shop",
    "content": _TEXT,
    "created_by": "admin",
    "created_on": _TIME,
    "current_state": 1,
    "deleted": "shop",
    "deployment_id": "shop",
    "deployment_key": "web-shop",
    "deployment_name": "Shop",
    "description": "Nothing but pages",
    "desired_state": 1,
    "desired_state_changed_at": _TIME,
    "docker_run": 'docker run \\\n  --name=web \\\n  "nginx"',
    "email": "",
    "environment_id": "",
    "errors": [],
    "event_key": "container_started",
    "field": "placement.pool_id",
    "fingerprint": f"host|{_HOST_ID}|||host_inactive",
    "first_name": "Ada",
    "first_seen": _TIME,
    "form": "auto",
    "full_url_path": "/api/v2/deployments/shop/webhook/restart?token=abcdefgh",
    "group": "",
    "health": "Healthy",
    "host_group": "default",
    "host_id": _HOST_ID,
    "HostID": _HOST_ID,
    "hostname": "h1",
    "id": "default",
    "ID": "web-1",
    "Id": _CONTAINER_ID,
    "info_updated_at": _TIME,
    "ip_addresses": "eth0: 10.0.0.5",
    "Key": "shop/limit",
    "kind": "deployment",
    "last_name": "Lovelace",
    "last_seen": _TIME,
    "line": 4,
    "column": 5,
    "message": "pool 'blue' does not exist",
    "Message": "3 of 4 containers are running",
    "name": "Default",
    "Name": "deploy shop",
    "old_password": "the former one",
    "outcome": "done",
    "password": "",
    "path": "/api/v2/deployments/shop",
    "percent": 75,
    "Percent": 75,
    "pool_id": "default",
    "Port": 8080,
    "query": "shop",
    "registry_id": "ffea6b9477d7701a",
    "Repo": "registry.example.com/web",
    "role": 0,
    "Service": "web",
    "service_id": "web",
    "service_name": "web",
    "service_slot": 0,
    "severity": 2,
    "severity_description": "Info",
    "stack_id": "web",
    "started_at": _TIME,
    "state": "Running",
    "Status": 1,
    "StatusDescription": "Running",
    "stderr": "",
    "stdout": f"{_TIME} ready\n",
    "Subsystem": "API",
    "subtype": "service",
    "summary": "started container 0.web.shop on h1",
    "Tag": "1.4",
    "tag": "ssd",
    "task_id": _TASK_ID,
    "token": "5f" * 32,
    "type": 0,
    "url": "registry.example.com/team",
    "User": "admin",
    "username": "admin",
    "valid": True,
    "Value": "MTA=",
    "version": "0.1.0",
    "yaml": _TEXT,
}

#: What stands for a member of any other name, by the type that its schema names.
_PLAIN: Mapping[str, Any] = {
    "string": "", "integer": 1, "number": 0.5, "boolean": True, "null": None, "array": [], "object": {},
}  # fmt: skip

#: Types of values that fit a type of schemas.
_FITTING: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,),
}  # fmt: skip


def make_example(
    schema: Mapping[str, Any], components: Mapping[str, Any], *, name: str = "", depth: int = 0
) -> Any:
    """Make a value of a schema; ordered rules, the first that fits."""
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        component = components[schema["$ref"].rpartition("/")[2]]
        return make_example(component, components, name=name, depth=depth + 1)
    for some in ("anyOf", "oneOf", "allOf"):
        if some in schema:
            choices = [each for each in schema[some] if each.get("type") != "null"] or schema[some]
            return make_example(choices[0], components, name=name, depth=depth)
    if "enum" in schema:
        return VALUES[name] if VALUES.get(name) in schema["enum"] else schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kind = _kind_of(schema)
    if kind == "object":
        return _make_object(schema, components, depth=depth)
    if kind == "array":
        items = schema.get("prefixItems") or ([schema["items"]] if schema.get("items") else [])
        one = name.removesuffix("s")
        found = (make_example(item, components, name=one, depth=depth + 1) for item in items)
        return [] if depth > MAX_DEPTH else list(found)
    return _make_plain(schema, kind, name=name)


def _kind_of(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "string")
    return str(kind[0] if isinstance(kind, list) else kind)


def _make_object(
    schema: Mapping[str, Any], components: Mapping[str, Any], *, depth: int
) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        return {}
    members = {
        name: make_example(member, components, name=name, depth=depth + 1)
        for name, member in schema.get("properties", {}).items()
    }
    further = schema.get("additionalProperties")
    if isinstance(further, Mapping) and further and not members:
        members["web"] = make_example(further, components, depth=depth + 1)
    return members


def _make_plain(schema: Mapping[str, Any], kind: str, *, name: str) -> Any:
    value = VALUES.get(name, _PLAIN[kind])
    if type(value) not in _FITTING.get(kind, ()):
        value = _PLAIN[kind]
    if kind in ("integer", "number") and value < schema.get("minimum", value):
        return schema["minimum"]
    return value
