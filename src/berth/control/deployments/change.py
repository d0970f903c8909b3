"""Changes to a deployment: of its name, pool, numbers, text, and whether it runs."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from berth.control.definitions.texts import Text
from berth.control.deployments.events import Change, record_deployment_event
from berth.control.deployments.lifecycle import (
    choose_subtype,
    forget_volume_homes,
    get_deployment,
)
from berth.control.deployments.quantities import name_quantities, report_unknown
from berth.control.naming import check_name
from berth.control.pools import check_pool
from berth.domain.origin import Origin
from berth.domain.records import Deployment, TaskKind, count_slots
from berth.domain.report import ReportEntry
from berth.store.draft import Draft
from berth.store.generations import record_generation
from berth.store.task_log import follow_change


class DeploymentChange(msgspec.Struct, frozen=True, kw_only=True):
    """New values; None keeps the old one."""

    name: str | None = None
    desired_state: Literal[0, 1] | None = None
    pool_id: str | None = None
    #: Services that are not named keep a number that was named before, else follow the text, as
    #: those with None do.
    quantities: dict[str, int | None] | None = None
    text: Text | None = None

    def report_on(self, old: Deployment) -> tuple[ReportEntry, ...]:
        """Return what of the request is not taken over word by word."""
        services = self.text.services if self.text else old.services
        unknown = report_unknown(services, kept=old.quantities, named=self.quantities or {})
        return (*(self.text.report if self.text else ()), *unknown)


def change_deployment(
    draft: Draft, deployment_id: str, *, change: DeploymentChange, origin: Origin
) -> Deployment:
    """Apply a change as one; what changes nothing is no change, but ends a pause."""
    old = get_deployment(draft.deployments, deployment_id)
    new = _with_desired_state(draft, _with_info(draft, old, change=change), change=change)
    if new == old and not _resumes(old):
        return old
    if new != old:
        new = msgspec.structs.replace(new, generation=old.generation + 1)
    if _info_of(new) != _info_of(old):
        new = msgspec.structs.replace(new, info_generation=new.generation, changed_at=draft.now)
    kind = _choose_kind(old, new)
    if kind is not None:
        new = _watched(old, new)
        new = follow_change(draft, new, kind=kind, origin=origin)
    draft.deployments.put(new)
    if new.content != old.content or new.services != old.services:
        record_generation(draft, new, by=origin.user)
    if new.pool_id != old.pool_id:
        forget_volume_homes(draft, new.id)
    _record(draft, new, old=old, origin=origin)
    return new


def start_deployment(
    draft: Draft, deployment_id: str, *, change: DeploymentChange, origin: Origin
) -> Deployment:
    """Change a deployment and want its containers; one that runs is only changed."""
    started = msgspec.structs.replace(change, desired_state=1)
    return change_deployment(draft, deployment_id, change=started, origin=origin)


def stop_deployment(draft: Draft, deployment_id: str, *, origin: Origin) -> Deployment:
    """Want no containers any more; a stopped deployment stays as it is."""
    change = DeploymentChange(desired_state=0)
    return change_deployment(draft, deployment_id, change=change, origin=origin)


def _resumes(old: Deployment) -> bool:
    """Return whether any change, even an empty one, lets a held-up rollout go on."""
    return old.paused and old.desired_state == 1


def _with_info(draft: Draft, old: Deployment, *, change: DeploymentChange) -> Deployment:
    """Return the deployment with the new name, pool, numbers and text."""
    new = old
    if change.name:
        name = check_name(change.name, field="deployment_name")
        new = msgspec.structs.replace(new, name=name)
    if change.pool_id is not None:
        pool_id = check_pool(draft.pools, change.pool_id, field="placement.pool_id")
        new = msgspec.structs.replace(new, pool_id=pool_id)
    if change.text is not None:
        new = _with_text(new, change.text)
    return _with_quantities(new, old, named=change.quantities or {})


def _with_quantities(
    new: Deployment, old: Deployment, *, named: Mapping[str, int | None]
) -> Deployment:
    """Return the deployment with its numbers; those that nobody named follow the text."""
    numbers = name_quantities(new.services, old=old, named=named)
    quantities = count_slots(new.services, named=numbers)
    if (numbers, quantities) == (old.named, old.quantities) and new.services == old.services:
        return new
    return msgspec.structs.replace(new, quantities=quantities, named_quantities=tuple(numbers))


def _with_text(old: Deployment, text: Text) -> Deployment:
    keys = {service.key for service in text.services}
    new = msgspec.structs.replace(
        old,
        subtype=choose_subtype(text, old.subtype),
        service_id=text.service_id,
        service_name=text.service_name,
        content=text.content,
        services=text.services,
        ignored=text.ignored,
        begun=tuple(key for key in old.begun if key in keys),
    )
    return msgspec.structs.replace(new, digests=new.digests_of_unchanged(old))


def _with_desired_state(
    draft: Draft, deployment: Deployment, *, change: DeploymentChange
) -> Deployment:
    """Return the deployment running or stopped, as the change says."""
    if change.desired_state is None or change.desired_state == deployment.desired_state:
        return deployment
    new = msgspec.structs.replace(
        deployment,
        desired_state=change.desired_state,
        desired_changed_at=draft.now,
        begun=(),  # a start walks the phases again
        digests={} if change.desired_state == 1 else deployment.digests,
    )
    still_there = any(a.wanted for a in draft.fleet.assignments_of(deployment.id))
    if change.desired_state == 1 and still_there:
        # The stop has not reached them yet. A start means new containers, so these are outdated.
        new = msgspec.structs.replace(new, nonce=f"start-{new.generation}")
    return new


def _info_of(deployment: Deployment) -> Deployment:
    """Return the deployment without what ``creation_info_generation`` does not count."""
    return msgspec.structs.replace(
        deployment,
        desired_state=0,
        desired_changed_at=0.0,
        generation=0,
        nonce="",
        begun=(),
    )


def _watched(old: Deployment, new: Deployment) -> Deployment:
    """Return the deployment with the rolling change that is watched from now on, if one is."""
    if new.desired_state != old.desired_state:
        return msgspec.structs.replace(new, rollout="start" if new.desired_state else "")
    if (new.services, new.pool_id) == (old.services, old.pool_id):
        return new
    return msgspec.structs.replace(new, rollout="update")


def _choose_kind(old: Deployment, new: Deployment) -> TaskKind | None:
    """Return the kind of task that follows; none where nothing that runs is touched."""
    if new.desired_state != old.desired_state:
        return TaskKind.START if new.desired_state else TaskKind.STOP
    if new.desired_state == 0:
        return None
    same = (new.pool_id, new.services, new.quantities) == (
        old.pool_id,
        old.services,
        old.quantities,
    )
    if same and not _resumes(old):
        return None
    return TaskKind.UPDATE


def _record(draft: Draft, new: Deployment, *, old: Deployment, origin: Origin) -> None:
    if new.info_generation != old.info_generation or new.desired_state == old.desired_state:
        record_deployment_event(draft, new, change="updated", origin=origin)
    if new.desired_state != old.desired_state:
        verb: Change = "started" if new.desired_state else "stopped"
        record_deployment_event(draft, new, change=verb, origin=origin)
