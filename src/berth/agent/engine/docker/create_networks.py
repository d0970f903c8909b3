"""Renders the part of a create body that is about networks and the engine's own check."""

from berth.agent.engine.docker.create_limits import Json
from berth.agent.engine.protocol import Attachment
from berth.domain.spec import ContainerSpec

#: From here on a container can join several networks as it is created.
MANY_NETWORKS = (1, 44)

#: From here on a container that was not healthy yet can be checked more often.
_START_INTERVAL = (1, 44)
_SECOND = 1_000_000_000


def render_endpoint(attachment: Attachment) -> Json:
    """Return how a container is known on a network."""
    endpoint: Json = {"Aliases": list(attachment.aliases)}
    if attachment.links:
        endpoint["Links"] = list(attachment.links)
    return endpoint


def render_endpoints(
    attachments: tuple[Attachment, ...], *, api: tuple[int, int]
) -> dict[str, Json]:
    """Return the networks that are joined at creation: the first, or all where the engine can."""
    joined = attachments if api >= MANY_NETWORKS else attachments[:1]
    return {one.network: render_endpoint(one) for one in joined}


def render_healthcheck(spec: ContainerSpec, *, api: tuple[int, int]) -> Json | None:
    """Return the check that the engine carries out; none leaves the image's own in force.

    Where the text has other checks, they alone count.
    """
    probe = next((probe for probe in spec.probes if probe.kind == "image"), None)
    if probe is None:
        return {"Test": ["NONE"]} if spec.probes or not spec.image_probe else None
    check: Json = {
        "Interval": round(probe.interval_s * _SECOND),
        "Timeout": round(probe.timeout_s * _SECOND),
        "StartPeriod": round(probe.start_period_s * _SECOND),
        "Retries": probe.retries,
    }
    if probe.test:
        check["Test"] = list(probe.test)
    if api >= _START_INTERVAL:
        check["StartInterval"] = _SECOND
    return check
