"""Reads one service: every key through the table of its group."""

from collections.abc import Mapping

from berth.definition.service.keys import (
    deploy,
    devices,
    environment,
    healthcheck,
    logs,
    network,
    no_effect,
    ports,
    process,
    relations,
    resources,
    security,
    storage,
)
from berth.definition.service.service_draft import KeyParser, ServiceDraft
from berth.definition.service.stack import Stack
from berth.definition.text.near_words import NearWords
from berth.definition.text.nodes import KIND_NAMES, Dictionary, Node, Scalar
from berth.definition.text.position import Position
from berth.definition.text.scalars import is_null, says_nothing
from berth.definition.text.values import shown
from berth.domain.ids import ServiceKey
from berth.domain.spec import ID_PATTERN, MAX_ID, ServiceSpec, describe_excess

#: Every key with a meaning. The order of the table, not of the text, is the order of reading, so
#: that two texts which say the same become the same record.
KEYS: Mapping[str, KeyParser] = {
    **process.KEYS,
    **environment.KEYS,
    **ports.KEYS,
    **network.KEYS,
    **relations.KEYS,
    **storage.KEYS,
    **security.KEYS,
    **resources.KEYS,
    **devices.KEYS,
    **logs.KEYS,
    **healthcheck.KEYS,
    # What deploy says has to agree with what the keys above said.
    **deploy.KEYS,
    **no_effect.KEYS,
}

#: Keys where an empty text has a meaning; elsewhere it counts as absent, as a variable leaves it.
_WITH_EMPTY = frozenset({"image", "command", "entrypoint"})


def parse_service(key: Scalar, body: Node, *, at: Position, stack: Stack) -> ServiceSpec | None:
    """Read one service; None after its problems were recorded."""
    name = key.value
    if not ID_PATTERN.fullmatch(name):
        at.problem(
            key,
            f"{shown(name)} is not a service name: use letters, digits, dots, "
            "hyphens and underscores, and begin with a letter or digit"
            f"{describe_excess(name, longest=MAX_ID)}",
        )
    if not isinstance(body, Dictionary):
        kind = "nothing" if is_null(body) else KIND_NAMES[type(body)]
        at.problem(key, f"the service {shown(name)} must be a mapping with image, not {kind}")
        return None
    draft = ServiceDraft(ServiceKey(name), body, stack=stack)
    for word, parse in KEYS.items():
        node = body.get(word)
        if node is not None and (word in _WITH_EMPTY or not says_nothing(node)):
            parse(node, at.inside(word), draft=draft)
    resources.check_limits(draft)
    network.check_shared(draft, at)
    security.check_settings(draft)
    _report_unknown(body, at)
    image = body.get("image")
    if image is None or is_null(image):
        _report_no_image(key, body, at=at)
    if not draft.container.get("image"):
        return None
    spec = draft.finish()
    deploy.check_order(spec, draft)
    return spec


def _report_no_image(key: Scalar, body: Dictionary, *, at: Position) -> None:
    build = body.get("build")
    extends = body.get("extends")
    if not says_nothing(extends):
        # One without a file was refused where it was to be written out.
        if isinstance(extends, Dictionary) and extends.get("file") is not None:
            at.problem(
                key,
                "the service has no image, and the file that it extends is not read: write the "
                "keys of the other service here, including its image",
            )
    elif build is None:
        at.problem(key, "the service has no image: add image, for example nginx:1.27")
    else:
        at.inside("build").problem(
            build,
            "images are not built: build the image elsewhere, push it, and name it with image",
        )


def _report_unknown(body: Dictionary, at: Position) -> None:
    for key, (node, _) in body.entries.items():
        if key in KEYS or key.startswith("x-"):
            continue
        near = _NEAR.find(key)
        hint = f": did you mean {near}?" if near else ""
        at.inside(key).ignored(node, f"this key is not known{hint}")


_NEAR = NearWords(KEYS)
