"""An assignment as its agent needs it: resolved, nothing left to look up."""

from berth.domain.fleet import Fleet
from berth.domain.observed import HostFacts
from berth.domain.records import Assignment
from berth.protocol.messages import AgentAssignment


def render_assignment(fleet: Fleet, assignment: Assignment) -> AgentAssignment:
    """Give the assignment with its name, its variables and what is known of its attempts."""
    default_name = f"{assignment.slot}.{assignment.service}.{assignment.deployment_id}"
    name = assignment.spec.container_name or default_name
    report = fleet.report_of(assignment.id)
    return AgentAssignment(
        id=assignment.id,
        deployment_id=assignment.deployment_id,
        service=assignment.service,
        slot=assignment.slot,
        name=name,
        spec=assignment.spec,
        spec_hash=assignment.spec_hash,
        intent=assignment.intent,
        environment=_variables(fleet, assignment, name=name) if assignment.wanted else {},
        attempt_floor=report.attempt if report else 0,
        renewals=assignment.renewals,
    )


def _variables(fleet: Fleet, assignment: Assignment, *, name: str) -> dict[str, str]:
    """Give the variables that every container gets, as the old system named them."""
    host = fleet.hosts.get(assignment.host_id)
    deployment = fleet.deployments.get(assignment.deployment_id)
    facts = fleet.status_of(assignment.host_id).facts
    address = (facts.address if facts else "") or (host.address if host else "")
    return {
        "OCCS_HOSTIP": address,
        "OCCS_HOSTIPS": _addresses(facts, address, public=host.public_address if host else ""),
        "OCCS_CONTAINER_NAME": name,
        "OCCS_SERVICE_ID": assignment.service,
        "OCCS_DEPLOYMENT_ID": assignment.deployment_id,
        "OCCS_DEPLOYMENT_NAME": deployment.name if deployment else "",
        "OCCS_SERVICE_SLOT": str(assignment.slot),
        "OCCS_HOST_ID": assignment.host_id,
        "OCCS_HOSTNAME": host.name if host else "",
        "OCCS_POOL_ID": host.pool_id if host else "",
    }


def _addresses(facts: HostFacts | None, address: str, *, public: str) -> str:
    """Pack a host's addresses in one string, the public one last."""
    interfaces = dict(facts.interfaces) if facts else {}
    items = [f"{name}: {ip}" for name, ip in interfaces.items() if name != "public_ip"]
    items.append(f"public_ip: {(facts.public_address if facts else '') or public or address}")
    return ", ".join(items)
