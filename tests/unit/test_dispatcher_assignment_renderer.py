"""An assignment as its agent gets it."""

import msgspec

from berth.dispatcher.assignment_renderer import AssignmentRenderer
from berth.domain.discovery_records import Key, ProxyPort, proxy_id
from berth.domain.fleet import HostStatus
from berth.domain.ids import AssignmentId, DeploymentId, HostId, InstanceId, PoolId, ServiceKey
from berth.domain.observed import HostFacts
from berth.domain.records import Assignment, Host, Instance, Token, TokenKind, User
from berth.domain.settings import Settings
from berth.domain.spec import ContainerSpec, MountSpec
from berth.domain.states import HostState, Intent
from berth.protocol.messages import AgentAssignment
from berth.store.memory import Memory
from berth.testing.builders import a_deployment

H1 = HostId("h1")


def a_memory() -> Memory:
    """Build a store with an active host and a deployment ``shop`` of ``admin``, who has a token."""
    memory = Memory(Instance(id=InstanceId("i"), epoch=1, revision_reserved=1, created_at=0.0))
    memory.hosts.put(
        Host(id=H1, name="host-1", pool_id=PoolId("default"), engine_id="e", credential_hash="",
             created_at=0.0)
    )  # fmt: skip
    facts = HostFacts(
        hostname="host-1",
        engine_id="e",
        address="10.0.0.5",
        public_address="203.0.113.7",
        interfaces={"eth0": "10.0.0.5", "docker0": "172.17.0.1"},
        bridge_address="172.17.0.1",
    )
    memory.observed.hosts[H1] = HostStatus(host_id=H1, state=HostState.ACTIVE, facts=facts)
    memory.deployments.put(a_deployment("shop", name="My shop"))
    memory.users.put(User(id=1, username="admin", password_hash=""))
    memory.tokens.put(
        Token(id="t", kind=TokenKind.BEARER, user_id=1, created_at=0.0, ciphertext="[token]")
    )
    return memory


def render(memory: Memory, **spec: object) -> AgentAssignment:
    assignment = Assignment(
        id=AssignmentId("a1"),
        deployment_id=DeploymentId("shop"),
        service=ServiceKey("web"),
        slot=2,
        host_id=H1,
        spec=ContainerSpec(**({"image": "example/web:1"} | spec)),  # type: ignore[arg-type]
        spec_hash="hash",
        created_at=0.0,
        renewals=3,
    )
    return AssignmentRenderer(
        memory, reveal=lambda text: text.strip("[]"), sign=lambda text: "signed"
    ).render(assignment)


def variable(memory: Memory, template: str) -> tuple[str, str]:
    """Return a variable of that template as it is rendered, and why the container must wait."""
    answer = render(memory, environment=(("A", template),))
    return dict(answer.spec.environment)["A"], answer.blocked


def test_an_agent_is_told_how_often_its_container_was_to_be_renewed() -> None:
    assert render(a_memory()).renewals == 3


def test_every_container_gets_the_variables_of_its_place() -> None:
    assert render(a_memory()).environment == {
        "OCCS_HOSTIP": "10.0.0.5",
        "OCCS_HOSTIPS": "eth0: 10.0.0.5, docker0: 172.17.0.1, public_ip: 203.0.113.7",
        "OCCS_CONTAINER_NAME": "2.web.shop",
        "OCCS_SERVICE_ID": "web",
        "OCCS_DEPLOYMENT_ID": "shop",
        "OCCS_DEPLOYMENT_NAME": "My shop",
        "OCCS_SERVICE_SLOT": "2",
        "OCCS_HOST_ID": "h1",
        "OCCS_HOSTNAME": "host-1",
        "OCCS_POOL_ID": "default",
    }


def test_templates_are_rendered_and_the_hash_stays() -> None:
    template = "{{.ContainerName}} on {{.Hostname}} of {{.DeploymentName}} in {{.PoolID}}"
    answer = render(a_memory(), environment=(("A", template),))
    assert dict(answer.spec.environment) == {"A": "2.web.shop on host-1 of My shop in default"}
    assert answer.spec_hash == "hash"


def test_the_token_is_the_deployments_own() -> None:
    assert variable(a_memory(), "{{api_token}}") == ("berth-deployment.shop.signed", "")


def test_where_a_setting_says_so_the_token_is_that_of_the_user_who_made_the_deployment() -> None:
    memory = a_memory()
    memory.settings = Settings(api_token_of="user")
    assert variable(memory, "{{api_token}}") == ("token", "")
    memory.tokens.drop("t")
    assert variable(memory, "{{api_token}}")[1].startswith("the user 'admin' has no API token")


def test_a_proxy_is_at_the_reserved_port_of_the_bridge() -> None:
    memory = a_memory()
    assert variable(memory, '{{proxy "db:3306"}}')[1] == "the host has no port left for a proxy"
    memory.proxy_ports.put(
        ProxyPort(
            id=proxy_id(H1, DeploymentId("shop"), service="db", target=3306),
            host_id=H1,
            deployment_id=DeploymentId("shop"),
            service=ServiceKey("db"),
            target=3306,
            port=20123,
        )
    )
    assert variable(memory, '{{proxy "db:3306"}}') == ("172.17.0.1:20123", "")


def test_a_container_whose_key_is_missing_is_blocked_with_that_reason() -> None:
    memory = a_memory()
    assert variable(memory, '{{kv_get "k"}}')[1] == "the key 'k' does not exist"
    memory.keys.put(Key(id="k", value=b"v", create_index=1, modify_index=1))
    assert variable(memory, '{{kv_get "k"}}') == ("v", "")


def test_what_ends_is_not_rendered() -> None:
    assignment = Assignment(
        id=AssignmentId("a1"),
        deployment_id=DeploymentId("shop"),
        service=ServiceKey("web"),
        slot=0,
        host_id=H1,
        spec=ContainerSpec(image='{{kv_get "k"}}'),
        spec_hash="hash",
        created_at=0.0,
    )
    ending = msgspec.structs.replace(assignment, intent=Intent.END)
    assert AssignmentRenderer(a_memory(), reveal=str, sign=str).render(ending).blocked == ""


def test_a_volume_may_be_named_after_the_deployment() -> None:
    mount = MountSpec(kind="volume", source="{{.DeploymentID}}-data", target="/data")
    (named,) = render(a_memory(), mounts=(mount,)).spec.mounts
    assert named.source == "shop-data"
