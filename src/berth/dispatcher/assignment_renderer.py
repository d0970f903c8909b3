"""An assignment as its agent needs it: resolved, nothing left to look up."""

from collections.abc import Callable, Mapping

from berth.definition import RenderContext, Unrenderable, has_templates, render_spec
from berth.domain.deployment_tokens import Sign, make_deployment_token
from berth.domain.discovery_records import proxy_id
from berth.domain.endpoints import pack_addresses
from berth.domain.records import Assignment, TokenKind
from berth.domain.slots import container_name
from berth.domain.spec import ContainerSpec
from berth.protocol.messages import AgentAssignment
from berth.runtime.secrets import Undecipherable
from berth.store.memory import Memory


class AssignmentRenderer:
    """Resolves assignments from what the store holds."""

    def __init__(self, memory: Memory, *, reveal: Callable[[str], str], sign: Sign) -> None:
        """``reveal`` decrypts what was encrypted with the instance's key."""
        self._memory = memory
        self._reveal = reveal
        self._sign = sign

    def render(self, assignment: Assignment) -> AgentAssignment:
        """Return the assignment with its name, its variables, its texts and what is known of it.

        Where a template function has no result the container is not made, and the answer says why.
        """
        spec, blocked = assignment.spec, ""
        name = _name_of(assignment, spec)
        variables = self._variables(assignment, name=name) if assignment.wanted else {}
        if assignment.wanted and has_templates(spec):
            try:
                spec = render_spec(spec, self._context(assignment, variables=variables))
            except Unrenderable as missing:
                blocked = str(missing)
            name = _name_of(assignment, spec)
        report = self._memory.fleet.report_of(assignment.id)
        return AgentAssignment(
            id=assignment.id,
            deployment_id=assignment.deployment_id,
            service=assignment.service,
            slot=assignment.slot,
            name=name,
            spec=spec,
            spec_hash=assignment.spec_hash,
            intent=assignment.intent,
            environment=variables,
            attempt_floor=report.attempt if report else 0,
            failures=assignment.failures,
            renewals=assignment.renewals,
            image_digest=self._digest(assignment),
            blocked=blocked,
        )

    def _digest(self, assignment: Assignment) -> str:
        """Return the digest that is kept for its image, if it is of the present text."""
        deployment = self._memory.deployments.get(assignment.deployment_id)
        service = deployment.service(assignment.service) if deployment else None
        if deployment is None or service is None:
            return ""
        if assignment.spec_hash != deployment.hash_of(service):
            return ""
        return deployment.digests.get(assignment.service, "")

    def _variables(self, assignment: Assignment, *, name: str) -> dict[str, str]:
        """Return the variables that every container gets, as the old system named them."""
        fleet = self._memory.fleet
        host = fleet.hosts.get(assignment.host_id)
        deployment = fleet.deployments.get(assignment.deployment_id)
        facts = fleet.status_of(assignment.host_id).facts
        address = (facts.address if facts else "") or (host.address if host else "")
        public = (facts.public_address if facts else "") or (host.public_address if host else "")
        return {
            "OCCS_HOSTIP": address,
            "OCCS_HOSTIPS": pack_addresses(facts, address=address, public=public or address),
            "OCCS_CONTAINER_NAME": name,
            "OCCS_SERVICE_ID": assignment.service,
            "OCCS_DEPLOYMENT_ID": assignment.deployment_id,
            "OCCS_DEPLOYMENT_NAME": deployment.name if deployment else "",
            "OCCS_SERVICE_SLOT": str(assignment.slot),
            "OCCS_HOST_ID": assignment.host_id,
            "OCCS_HOSTNAME": host.name if host else "",
            "OCCS_POOL_ID": host.pool_id if host else "",
        }

    def _context(self, assignment: Assignment, *, variables: Mapping[str, str]) -> RenderContext:
        facts = self._memory.fleet.status_of(assignment.host_id).facts
        keys = self._memory.keys
        return RenderContext(
            platform={
                **{name: variables[variable] for name, variable in _PLATFORM.items()},
                # Docker counts the slots of a service from 1.
                ".Task.Slot": str(assignment.slot + 1),
                ".Task.ID": assignment.id,
            },
            interfaces=facts.interfaces if facts else {},
            injected=variables,
            find_key=lambda name: key.value if (key := keys.get(name)) is not None else None,
            find_proxy=lambda service, port: self._proxy(assignment, service, port=port),
            find_token=lambda: self._token(assignment),
        )

    def _proxy(self, assignment: Assignment, service: str, *, port: int) -> str:
        record_id = proxy_id(
            assignment.host_id, assignment.deployment_id, service=service, target=port
        )
        record = self._memory.proxy_ports.get(record_id)
        facts = self._memory.fleet.status_of(assignment.host_id).facts
        if facts is None or not facts.bridge_address:
            raise Unrenderable("the host's engine has no bridge for a proxy to listen on")
        if record is None:
            raise Unrenderable("the host has no port left for a proxy")
        return f"{facts.bridge_address}:{record.port}"

    def _token(self, assignment: Assignment) -> str:
        deployment = self._memory.deployments.get(assignment.deployment_id)
        if deployment is not None and self._memory.settings.api_token_of == "deployment":
            return make_deployment_token(deployment, self._sign)
        username = deployment.created_by if deployment else ""
        for user in self._memory.users.find("username", username):
            for token in self._memory.tokens.find("user", (user.id, TokenKind.BEARER.value)):
                try:
                    return self._reveal(token.ciphertext)
                except Undecipherable:
                    break
        raise Unrenderable(f"the user {username!r} has no API token: get one at /api/token")


def _name_of(assignment: Assignment, spec: ContainerSpec) -> str:
    return container_name(
        assignment.deployment_id,
        assignment.service,
        slot=assignment.slot,
        chosen=spec.container_name,
    )


#: Values of templates by name, each one of the variables.
_PLATFORM = {
    ".ServiceID": "OCCS_SERVICE_ID",
    ".DeploymentID": "OCCS_DEPLOYMENT_ID",
    ".DeploymentName": "OCCS_DEPLOYMENT_NAME",
    ".PoolID": "OCCS_POOL_ID",
    ".ServiceSlot": "OCCS_SERVICE_SLOT",
    ".ContainerName": "OCCS_CONTAINER_NAME",
    ".HostID": "OCCS_HOST_ID",
    ".Hostname": "OCCS_HOSTNAME",
    ".HostIP": "OCCS_HOSTIP",
    ".HostIPs": "OCCS_HOSTIPS",
}
