"""The settings of an instance: each with its range, all in force at once when changed."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator may tune; times in seconds."""

    #: A host silent longer than this is inactive. Heartbeats come at a third of it.
    host_ttl_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 6.0
    #: A host whose container engine does not answer for longer is inactive, too.
    engine_ttl_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 60.0
    #: First wait after a second failure in a row; doubles with each further one.
    backoff_first_s: Seconds = 1.0
    #: Longest wait between two attempts.
    backoff_max_s: Seconds = 60.0
    #: How long a container must have run for its next failure to count as the first.
    backoff_reset_s: Seconds = 60.0
    #: How long a new container must have run before an update relies on it: only then is the old
    #: one ended, and the next slot follows. Doubles with each failure in a row.
    rollout_settle_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 2.0
    #: How long the containers of a first rollout or an update are watched: one that fails within it
    #: is no success. A definition may say otherwise (``update_config.monitor``).
    rollout_monitor_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 5.0
    #: How long an unhealthy container that was never healthy is left alone; twice as long after each
    #: that was replaced in vain. One with checks of Berth's own has five times as long.
    first_health_s: Seconds = 60.0
    #: Failures in a row after which the manager tries another host.
    attempts_before_move: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 5
    #: Wait between the request to stop and the kill, where the definition names none.
    stop_grace_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 10.0
    #: When the tag of an image is looked up: once a generation, or for each container that is made.
    image_tags: Literal["once", "always"] = "once"
    #: Deadline of one pull.
    pull_deadline_s: Annotated[float, msgspec.Meta(ge=1, le=86_400)] = 1800.0
    #: Create, start and remove operations at once per engine.
    engine_concurrency: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4
    #: An agent lists its engine's containers in full this often.
    engine_resync_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 30.0
    #: The manager plans every deployment again this often, whatever events said.
    resync_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 30.0
    #: When more than half of ten or more hosts fall silent at once, re-placing waits this long.
    mass_silence_wait_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 60.0
    #: What the agent of a host does that was deleted while it was away, and comes back: stop and
    #: remove its containers, or leave them as they are while a status names them.
    deleted_hosts: Literal["stop", "report"] = "stop"
    #: Deadline of a call to an agent: logs, inspect, an action on a container.
    call_deadline_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 30.0
    #: IPv4 network from which the bridges of deployments get their subnets, each a /26.
    network_pool: Annotated[str, msgspec.Meta(max_length=18)] = "10.210.0.0/16"
    #: A session token ends when it was not used for this time.
    session_lifetime_s: Annotated[float, msgspec.Meta(ge=60, le=604_800)] = 1800.0
    #: Whose token ``{{api_token}}`` is: the deployment's own, which reads keys, the catalog and that
    #: deployment, or the bearer of its user, as before; instances that existed have that.
    api_token_of: Literal["deployment", "user"] = "deployment"


def settings_from(stored: Mapping[str, object]) -> tuple[Settings, list[str]]:
    """Read settings that another version may have written, and why some are not used.

    One that this version does not know is passed over; one that it does not accept falls to its
    default.
    """
    known: dict[str, object] = {}
    refused: list[str] = []
    for field in msgspec.structs.fields(Settings):
        if field.name not in stored:
            continue
        try:
            known[field.name] = msgspec.convert(stored[field.name], field.type)
        except msgspec.ValidationError as error:
            refused.append(f"{field.name}: {error}")
    return msgspec.convert(known, Settings), refused
