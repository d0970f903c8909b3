"""Well-known keys without effect: each is reported, with the reason and the way around."""

from collections.abc import Mapping

from berth.definition.service.service_draft import KeyParser, ServiceDraft, ignore
from berth.definition.text.nodes import Node
from berth.definition.text.position import Position
from berth.definition.text.values import list_of, text

_REASONS: Mapping[str, tuple[str, ...]] = {
    "images are not built: the image is pulled": ("build", "dockerfile", "develop"),
    "files of variables are not read: write the variables under environment": ("env_file",),
    "files of labels are not read: write the labels under labels": ("label_file",),
    "other files are not read: write the keys of the other service here": ("extends",),
    "nothing is added to the container: use volumes": ("configs", "secrets", "credential_spec"),
    "containers run on the platform of their host": ("platform", "isolation"),
    "containers run with the default runtime of their host's engine": ("runtime",),
    "this key has no effect": (
        *("annotations", "attach", "blkio_config", "cpu_count", "cpu_percent"),
        *("cpu_rt_period", "cpu_rt_runtime", "models", "post_start", "pre_stop"),
        *("provider", "use_api_socket", "volume_driver"),
    ),
}


def _parse_profiles(node: Node, at: Position, *, draft: ServiceDraft) -> None:
    names = list_of(text)(node, at)
    if names:
        at.translated(
            node,
            "a service with a profile is not started: set its quantity to run it",
        )


KEYS: Mapping[str, KeyParser] = {
    key: ignore(reason) for reason, keys in _REASONS.items() for key in keys
} | {"profiles": _parse_profiles}
