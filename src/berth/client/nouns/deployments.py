"""Deployments."""

from collections.abc import Mapping
from typing import Any

import msgspec

from berth.client.records.workloads import (
    Container,
    Deleted,
    Deployment,
    DeploymentLogs,
    Fired,
    Forecast,
    Generation,
    LogLine,
    Plan,
    SlotItem,
    Summaries,
    Webhook,
    WebhookDetails,
)
from berth.client.requests.calls import Call, Fields, Many, delete, get, given, post, put, waits
from berth.client.requests.streams import OnLost, Stream, follow_lines
from berth.client.verbs import Following, Listing, M_co, Noun, Verb

DEPLOYMENTS, DEPLOYMENT = "/api/v2/deployments/", "/api/v2/deployments/{deployment_id}"
LOGS = f"{DEPLOYMENT}/logs"
HOOK = f"{DEPLOYMENT}/webhook/restart"

#: Slots come in the order of the text, which has no place to go on from: all are asked for at once.
ALL = 1_000_000


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What to say of a deployment; what is none stays as it is, or becomes the default."""

    deployment_id: str | None = None
    deployment_name: str | None = None
    #: 0 stopped, 1 running.
    desired_state: int | None = None
    pool_id: str | None = None
    #: Number of slots by service; with none the text says it again.
    quantities: Mapping[str, int | None] | None = None
    #: The text of the definition.
    content: str | None = None
    #: A stored definition, whose text is taken where there is no other.
    service_id: str | None = None
    service_name: str | None = None
    #: ``service`` or ``stack``.
    subtype: str | None = None

    def body(self) -> dict[str, Any]:
        """Return it as the API reads it."""
        stack = given(
            content=self.content,
            service_id=self.service_id,
            service_name=self.service_name,
            subtype=self.subtype,
        )
        return given(
            deployment_id=self.deployment_id,
            deployment_name=self.deployment_name,
            desired_state=self.desired_state,
            placement=given(pool_id=self.pool_id) or None,
            quantities=self.quantities,
            stack=stack or None,
        )


class Deployments(Noun[M_co]):
    """Definitions that are kept running."""

    @Listing
    def list(
        self, *, pool: Fields = (), state: Fields = (), fields: Fields = ()
    ) -> Call[Many[Deployment]]:
        """Return the deployments; those of the pools and states that are named, if any are."""
        query = {"pool": pool, "state": state, "fields": fields}
        return get(DEPLOYMENTS, Many[Deployment], query=query, member="deployments")

    @Verb
    def get(self, deployment_id: str) -> Call[Deployment]:
        """Return a deployment."""
        where = {"deployment_id": deployment_id}
        return get(DEPLOYMENT, Deployment, where=where, member="deployment")

    @Verb
    def summarize(self) -> Call[Summaries]:
        """Return all deployments in numbers."""
        return get("/api/v2/deployments_summary/", Summaries)

    @Listing
    def list_waiting(
        self, *, deployment: Fields = (), pool: Fields = (), fields: Fields = ()
    ) -> Call[Many[SlotItem]]:
        """Return the slots that no host takes, with the reasons counted by their kind."""
        query = {"deployment": deployment, "pool": pool, "fields": fields}
        return get("/api/v2/slots/", Many[SlotItem], query=query, member="slots")

    @Verb
    def create(self, draft: Draft, *, wait_s: float = 0) -> Call[Deployment]:
        """Create a deployment; its containers come after the answer."""
        body = draft.body()
        return post(DEPLOYMENTS, Deployment, body=body, member="deployment", **waits(wait_s))

    @Verb
    def plan(self, draft: Draft) -> Call[Plan]:
        """Return what ``create`` would do."""
        query = {"dry_run": True}
        return post(DEPLOYMENTS, Plan, body=draft.body(), query=query, member="plan")

    @Verb
    def change(self, deployment_id: str, draft: Draft, *, wait_s: float = 0) -> Call[Deployment]:
        """Change a deployment."""
        where, body = {"deployment_id": deployment_id}, draft.body()
        return put(
            DEPLOYMENT, Deployment, where=where, body=body, member="deployment", **waits(wait_s)
        )

    @Verb
    def plan_change(self, deployment_id: str, draft: Draft) -> Call[Plan]:
        """Return what ``change`` would do."""
        where, query = {"deployment_id": deployment_id}, {"dry_run": True}
        return put(DEPLOYMENT, Plan, where=where, body=draft.body(), query=query, member="plan")

    @Verb
    def forecast(self, draft: Draft) -> Call[Forecast]:
        """Return what ``create`` comes to in the end, if every container becomes healthy."""
        query = {"dry_run": "full"}
        return post(DEPLOYMENTS, Forecast, body=draft.body(), query=query, member="plan")

    @Verb
    def forecast_change(self, deployment_id: str, draft: Draft) -> Call[Forecast]:
        """Return what ``change`` comes to in the end."""
        where, query = {"deployment_id": deployment_id}, {"dry_run": "full"}
        body = draft.body()
        return put(DEPLOYMENT, Forecast, where=where, body=body, query=query, member="plan")

    @Verb
    def forecast_restart(self, deployment_id: str) -> Call[Forecast]:
        """Return what ``restart`` comes to in the end."""
        return _forecast("restart", deployment_id)

    @Verb
    def forecast_stop(self, deployment_id: str) -> Call[Forecast]:
        """Return what ``stop`` comes to in the end."""
        return _forecast("stop", deployment_id)

    @Verb
    def forecast_rollback(
        self, deployment_id: str, *, generation: int | None = None
    ) -> Call[Forecast]:
        """Return what ``rollback`` comes to in the end."""
        return _forecast("rollback", deployment_id, body=given(generation=generation))

    @Verb
    def delete(self, deployment_id: str) -> Call[Deleted]:
        """Delete a stopped deployment."""
        return delete(DEPLOYMENT, Deleted, where={"deployment_id": deployment_id})

    @Verb
    def start(
        self,
        deployment_id: str,
        *,
        pool_id: str | None = None,
        quantities: Mapping[str, int | None] | None = None,
        content: str | None = None,
        wait_s: float = 0,
    ) -> Call[Deployment]:
        """Start a deployment with new containers, after a change of what is named."""
        body = Draft(pool_id=pool_id, quantities=quantities, content=content).body()
        return _act("start", deployment_id, body=body, wait_s=wait_s)

    @Verb
    def stop(self, deployment_id: str, *, wait_s: float = 0) -> Call[Deployment]:
        """Stop a deployment: its containers are removed."""
        return _act("stop", deployment_id, wait_s=wait_s)

    @Verb
    def restart(self, deployment_id: str, *, wait_s: float = 0) -> Call[Deployment]:
        """Replace the containers one after the other, with images pulled again."""
        return _act("restart", deployment_id, wait_s=wait_s)

    @Verb
    def rollback(
        self, deployment_id: str, *, generation: int | None = None, wait_s: float = 0
    ) -> Call[Deployment]:
        """Return to a generation; to the one before where none is named."""
        body = given(generation=generation)
        return _act("rollback", deployment_id, body=body, wait_s=wait_s)

    @Listing
    def containers(self, deployment_id: str, *, fields: Fields = ()) -> Call[Many[Container]]:
        """Return the slots of a deployment, and containers that have not gone yet."""
        path, where = f"{DEPLOYMENT}/containers/", {"deployment_id": deployment_id}
        query = {"fields": fields, "limit": ALL}
        return get(path, Many[Container], where=where, query=query, member="containers")

    @Listing
    def generations(self, deployment_id: str, *, fields: Fields = ()) -> Call[Many[Generation]]:
        """Return what the deployment was after each of its last changes, newest first."""
        path, where = f"{DEPLOYMENT}/generations/", {"deployment_id": deployment_id}
        query = {"fields": fields}
        return get(path, Many[Generation], where=where, query=query, member="generations")

    @Verb
    def logs(
        self,
        deployment_id: str,
        *,
        tail: int | None = None,
        since: str = "",
        until: str = "",
        timestamps: bool = True,
    ) -> Call[DeploymentLogs]:
        """Return the newest lines of all containers, by time.

        ``since`` and ``until`` are RFC 3339, Unix seconds, or a span such as ``10m``.
        """
        query = {"tail": tail, "since": since, "until": until, "timestamps": timestamps}
        where = {"deployment_id": deployment_id}
        return get(LOGS, DeploymentLogs, where=where, query=query, member="logs")

    @Following
    def follow_logs(
        self,
        deployment_id: str,
        *,
        tail: int | None = None,
        since: str = "",
        on_lost: OnLost | None = None,
    ) -> Stream[LogLine]:
        """Follow the output of all containers, those that come later too."""
        query = {"follow": True, "tail": tail, "since": since}
        call = get(LOGS, bytes, where={"deployment_id": deployment_id}, query=query)
        return follow_lines(call, self.context, on_lost=on_lost)

    @Verb
    def webhook(self, deployment_id: str) -> Call[Webhook]:
        """Return the webhook that restarts a deployment."""
        return get(HOOK, Webhook, where={"deployment_id": deployment_id})

    @Verb
    def webhook_details(self, deployment_id: str) -> Call[WebhookDetails]:
        """Return the webhook with its last calls."""
        path = f"{DEPLOYMENT}/webhook"
        return get(path, WebhookDetails, where={"deployment_id": deployment_id})

    @Verb
    def change_webhook(
        self, deployment_id: str, *, enabled: bool | None = None, token: str | None = None
    ) -> Call[Webhook]:
        """Switch the webhook on or off, or change its token; "" asks for a new random one."""
        where, body = {"deployment_id": deployment_id}, given(enabled=enabled, token=token)
        return put(HOOK, Webhook, where=where, body=body, repeatable=token != "")

    @Verb
    def fire_webhook(self, deployment_id: str, *, token: str) -> Call[Fired]:
        """Restart a deployment as whoever has the webhook's token; no other one is sent."""
        where, query = {"deployment_id": deployment_id}, {"token": token}
        return post(
            HOOK,
            Fired,
            where=where,
            query=query,
            keyed=False,
            repeatable=False,
            credential="",
        )


def _act(
    verb: str, deployment_id: str, *, body: dict[str, Any] | None = None, wait_s: float
) -> Call[Deployment]:
    where = {"deployment_id": deployment_id}
    return post(
        f"{DEPLOYMENT}/{verb}",
        Deployment,
        where=where,
        body=body,
        member="deployment",
        **waits(wait_s),
    )


def _forecast(
    verb: str, deployment_id: str, *, body: dict[str, Any] | None = None
) -> Call[Forecast]:
    where, query = {"deployment_id": deployment_id}, {"dry_run": "full"}
    return post(
        f"{DEPLOYMENT}/{verb}", Forecast, where=where, body=body, query=query, member="plan"
    )
