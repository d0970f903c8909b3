"""Well-known keys without effect: each is reported, with the reason and the way around."""

from collections.abc import Mapping

from berth.definition.draft import KeyParser, ignore

_REASONS: Mapping[str, tuple[str, ...]] = {
    "images are not built: the image is pulled": ("build", "dockerfile", "develop"),
    "files of variables are not read: write the variables into environment": ("env_file",),
    "files of labels are not read: write the labels into labels": ("label_file",),
    "containers are not put into networks of their own: the bridge of the host is used": (
        "networks",
    ),
    "containers are not linked: discovery tells where a service is": ("links", "external_links"),
    "volumes of other containers are not mounted: name the volumes": ("volumes_from",),
    "the start order comes from the variable OCCS_PHASE_ID": ("depends_on",),
    "the container is not checked": ("healthcheck",),
    "the number of containers is chosen with the deployment": ("scale",),
    "placement comes from occs: and constraint: entries of environment": ("deploy",),
    "write the keys of the other service here": ("extends",),
    "every service of the text is deployed": ("profiles",),
    "nothing is put into the container: use volumes": ("configs", "secrets", "credential_spec"),
    "set OCCS_PULL_ON_CREATE=false to use the image of the host": ("pull_policy",),
    "this key has no effect": (
        *("annotations", "attach", "blkio_config", "cgroup", "cgroup_parent", "cpu_count"),
        *("cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime"),
        *("device_cgroup_rules", "dns_opt", "group_add", "isolation", "mem_swappiness"),
        *("models", "oom_kill_disable", "oom_score_adj", "platform", "post_start", "pre_stop"),
        *("provider", "runtime", "storage_opt", "sysctls", "ulimits", "use_api_socket"),
        *("userns_mode", "uts", "volume_driver"),
    ),
}

KEYS: Mapping[str, KeyParser] = {
    key: ignore(reason) for reason, keys in _REASONS.items() for key in keys
}
