"""The generations of a deployment: what its text was, kept to return to."""

from typing import Literal

import msgspec

from berth.domain.ids import DeploymentId
from berth.domain.records import Actor, Deployment, Generation
from berth.domain.states import Severity
from berth.store.draft import Draft, NewEvent

KEEP = 10

Outcome = Literal["", "done", "failed", "superseded"]


def find_generations(draft: Draft, deployment_id: DeploymentId) -> list[Generation]:
    """Return the generations that are kept, newest first."""
    return newest_first(draft.generations.find("deployment", deployment_id))


def newest_first(generations: list[Generation]) -> list[Generation]:
    """Sort generations."""
    return sorted(generations, key=lambda each: -each.generation)


def record_generation(draft: Draft, deployment: Deployment, *, by: str) -> None:
    """Keep a deployment's new text, beside the last nine and one that is known to be good.

    A status lists what of it has no effect, until another text has none of that.

    One whose rollout was not over is superseded. A text that means the same as the one before is
    as good as that.
    """
    known = find_generations(draft, deployment.id)
    same = bool(known) and known[0].services == deployment.services
    if known and known[0].outcome == "" and not same:
        draft.generations.put(msgspec.structs.replace(known[0], outcome="superseded"))
    draft.generations.put(
        Generation(
            id=f"{deployment.id}/{deployment.generation}",
            deployment_id=deployment.id,
            generation=deployment.generation,
            content=deployment.content,
            services=deployment.services,
            quantities=deployment.quantities,
            named_quantities=deployment.named_quantities,
            digests=known[0].digests if same else {},
            nonce=known[0].nonce if same else deployment.nonce,
            created_at=draft.now,
            created_by=by,
            ignored=deployment.ignored,
            outcome=known[0].outcome if same else "",
        )
    )
    _record_ignored(draft, deployment)
    good = find_good(known)
    for old in known[KEEP - 1 :]:
        if old is not good:
            draft.generations.drop(old.id)


def _record_ignored(draft: Draft, deployment: Deployment) -> None:
    new = NewEvent(
        key="text_ignored",
        severity=Severity.INFO,
        summary=f"Deployment {deployment.id}: {_count(deployment.ignored)} no effect",
        message="\n".join(deployment.ignored),
        actor=Actor("deployment", deployment.id, deployment.name),
        details={"deployment_id": deployment.id, "deployment_name": deployment.name},
        makes_status=True,
    )
    if deployment.ignored:
        draft.record_event(new)
    else:
        summary = f"Deployment {deployment.id}: everything in its text has an effect"
        draft.clear_status(msgspec.structs.replace(new, severity=Severity.CLEARED, summary=summary))


def _count(ignored: tuple[str, ...]) -> str:
    return (
        "1 place of its text has"
        if len(ignored) == 1
        else f"{len(ignored)} places of its text have"
    )


def find_good(generations: list[Generation]) -> Generation | None:
    """Return the newest whose rollout was done; the list is newest first."""
    return next((each for each in generations if each.outcome == "done"), None)


def record_outcome(draft: Draft, deployment: Deployment, *, outcome: Outcome) -> None:
    """Note how the rollout of the newest generation ended; what is noted already changes nothing.

    One that was done stays so, whatever fails later.
    """
    known = find_generations(draft, deployment.id)
    if not known:
        record_generation(draft, deployment, by=deployment.created_by)
        known = find_generations(draft, deployment.id)
    if known[0].outcome == "done" != outcome:
        return
    new = msgspec.structs.replace(known[0], outcome=outcome)
    if outcome == "done":
        new = msgspec.structs.replace(new, nonce=deployment.nonce, digests=deployment.digests)
    if new != known[0]:
        draft.generations.put(new)


def forget_generations(draft: Draft, deployment_id: DeploymentId) -> None:
    """Drop every generation of a deployment."""
    for generation in draft.generations.find("deployment", deployment_id):
        draft.generations.drop(generation.id)
