"""Renders limits, devices and namespaces of a container as members of Docker's ``HostConfig``."""

from berth.domain.spec import ContainerSpec, DeviceRequest, UlimitSpec

#: JSON as Docker reads it.
Json = dict[str, object]


def render_limits(spec: ContainerSpec) -> Json:
    """Return the members that the spec sets; source: Docker Engine API, HostConfig."""
    optional: Json = {
        "Sysctls": dict(spec.sysctls),
        "Ulimits": [_render_ulimit(limit) for limit in spec.ulimits],
        "UsernsMode": spec.userns_mode,
        "UTSMode": spec.uts_mode,
        "CgroupnsMode": spec.cgroup_mode,
        "CgroupParent": spec.cgroup_parent,
        "GroupAdd": list(spec.group_add),
        "DeviceRequests": [_render_request(request) for request in spec.device_requests],
        "DeviceCgroupRules": list(spec.device_cgroup_rules),
        "OomKillDisable": spec.oom_kill_disable,
        "OomScoreAdj": spec.oom_score_adj,
        "StorageOpt": dict(spec.storage_options),
        "CpuPeriod": spec.cpu_period_us,
        "CpuQuota": spec.cpu_quota_us,
    }
    limits = {name: value for name, value in optional.items() if value}
    # Zero is a choice here: do not swap.
    if spec.memory_swappiness is not None:
        limits["MemorySwappiness"] = spec.memory_swappiness
    return limits


def _render_ulimit(limit: UlimitSpec) -> Json:
    return {"Name": limit.name, "Soft": limit.soft, "Hard": limit.hard}


def _render_request(request: DeviceRequest) -> Json:
    return {
        "Driver": request.driver,
        "Count": request.count,
        "DeviceIDs": list(request.ids),
        # Alternatives, each a set of capabilities; the spec knows one set.
        "Capabilities": [list(request.capabilities)],
        "Options": dict(request.options),
    }
