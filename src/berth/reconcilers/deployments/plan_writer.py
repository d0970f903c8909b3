"""Applies a plan to a draft: assignments made, ended and forgotten."""

from collections.abc import Callable

import msgspec

from berth.domain.ids import AssignmentId, DeploymentId, ServiceKey
from berth.domain.images import is_digest
from berth.domain.plan import Plan
from berth.domain.records import Assignment, Deployment
from berth.domain.slots import find_result, is_gone
from berth.domain.spec import ServiceSpec
from berth.domain.states import Intent
from berth.domain.volume_homes import new_homes
from berth.reconcilers.proxies import reserve_proxies
from berth.scheduler import plan_deployment
from berth.store.draft import Draft


def apply_next_plan(draft: Draft, deployment: Deployment, *, new_id: Callable[[], str]) -> Plan:
    """Plan the deployment against the draft and apply the plan; return it.

    Planning runs inside the writer's command, so nothing can come between the view that a
    placement was decided on and the transaction that makes it.
    """
    plan = plan_deployment(draft.fleet, deployment, now=draft.now)
    for assignment_id in plan.forget:
        draft.assignments.drop(assignment_id)
    for ending in plan.endings:
        assignment = draft.assignments.get(ending.assignment_id)
        if assignment is not None and assignment.wanted:
            draft.assignments.put(
                msgspec.structs.replace(assignment, intent=Intent.END, end_reason=ending.reason)
            )
    for renewal in plan.renewals:
        assignment = draft.assignments.get(renewal.assignment_id)
        if assignment is not None:
            renewals = assignment.renewals + 1
            draft.assignments.put(
                msgspec.structs.replace(
                    assignment,
                    renewals=renewals,
                    renewed_attempt=renewal.attempt,
                    renewed_in_vain=renewal.in_vain,
                )
            )
    if plan.begun:
        begun = (*deployment.begun, *plan.begun)
        draft.deployments.put(msgspec.structs.replace(deployment, begun=begun))
    for placement in plan.placements:
        service = deployment.service(placement.service)
        if service is None:
            continue
        assignment = Assignment(
            id=AssignmentId(new_id()),
            deployment_id=deployment.id,
            service=service.key,
            slot=placement.slot,
            host_id=placement.host_id,
            spec=service.container,
            spec_hash=placement.spec_hash,
            created_at=draft.now,
        )
        failures = _count_failures(draft, assignment)
        assignment = msgspec.structs.replace(assignment, failures=failures)
        draft.assignments.put(assignment)
        reserve_proxies(draft, assignment, targets=service.uses.proxies)
    return plan


def _count_failures(draft: Draft, new: Assignment) -> int:
    """Count the failures in a row of the same version in the slot, which go on over moves."""
    counts = [0]
    for earlier in draft.assignments.find("slot", new.slot_id):
        report = draft.fleet.report_of(earlier.id)
        if report is not None and report.code and earlier.spec_hash == new.spec_hash:
            counts.append(earlier.failures + report.failures)
    return max(counts)


def record_results(draft: Draft, deployment: Deployment) -> Deployment:
    """Keep what must outlive reports: how run-once containers ended, and where volumes are."""
    for assignment in draft.fleet.assignments_of(deployment.id):
        result = find_result(draft.fleet, assignment)
        if result is not None and assignment.exit_code != result:
            draft.assignments.put(msgspec.structs.replace(assignment, exit_code=result))
    for home in list(new_homes(draft.fleet, deployment)):
        draft.volume_homes.put(home)
    return _record_digests(draft, deployment)


def _record_digests(draft: Draft, deployment: Deployment) -> Deployment:
    """Keep the digest that the first host found under the tag of each service's image."""
    if draft.settings.image_tags == "always":
        return deployment
    found: dict[ServiceKey, str] = {}
    for service in deployment.services:
        if service.key not in deployment.digests and service.container.pins_image:
            digest = _find_digest(draft, deployment, service=service)
            if digest:
                found[service.key] = digest
    if found:
        deployment = msgspec.structs.replace(deployment, digests=deployment.digests | found)
        draft.deployments.put(deployment)
    return deployment


def _find_digest(draft: Draft, deployment: Deployment, *, service: ServiceSpec) -> str:
    newest = deployment.hash_of(service)
    for assignment in draft.fleet.assignments_of(deployment.id):
        report = draft.fleet.report_of(assignment.id)
        fills = assignment.service == service.key and assignment.spec_hash == newest
        if fills and report is not None and is_digest(report.image_digest):
            return report.image_digest
    return ""


def forget_orphans(draft: Draft, deployment_id: DeploymentId) -> list[AssignmentId]:
    """End what a deleted deployment left on lost hosts; forget what is gone, and return that."""
    forgotten: list[AssignmentId] = []
    for assignment in draft.fleet.assignments_of(deployment_id):
        if is_gone(draft.fleet, assignment):
            draft.assignments.drop(assignment.id)
            forgotten.append(assignment.id)
        elif assignment.wanted:
            draft.assignments.put(
                msgspec.structs.replace(
                    assignment, intent=Intent.END, end_reason="the deployment was deleted"
                )
            )
    return forgotten
