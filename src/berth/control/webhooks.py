"""The restart webhook of a deployment: off until it is switched on, its token the whole credential."""

import re

import msgspec

from berth.control.deployments.lifecycle import get_deployment
from berth.control.deployments.restart import restart_deployment
from berth.domain.errors import Conflict, Forbidden, Invalid
from berth.domain.ids import DeploymentId
from berth.domain.origin import Origin
from berth.domain.table import TableView
from berth.domain.webhooks import Delivery, Webhook
from berth.store.draft import Draft

MAX_DELIVERIES = 20

#: Shortest time between two notes of refused calls, in seconds, since anybody can make one.
REFUSALS_EVERY_S = 1.0

_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}")


class WebhookCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call of a webhook, its token compared outside the writer."""

    deployment_id: str
    #: Address that it came from.
    source: str
    #: The kept ciphertext that the call's token was found to be; "" when it was none.
    proven_token: str


def check_webhook_token(token: str, *, field: str) -> str:
    """Return a new token back; raises Invalid when it has a wrong length or character."""
    if not _TOKEN.fullmatch(token):
        raise Invalid(
            "a webhook's token has 8 to 64 letters, digits, hyphens and underscores",
            code="invalid_token",
            field=field,
        )
    return token


def renew_webhook(draft: Draft, deployment_id: str, *, token: str, instead_of: str) -> Webhook:
    """Add a token when the webhook has none that can be shown; the first call makes it.

    Both are ciphertexts. A webhook that has got another token meanwhile stays as it is.
    """
    webhook = get_webhook(draft, deployment_id)
    if webhook.token != instead_of:
        return webhook
    return _put(draft, msgspec.structs.replace(webhook, token=token))


def update_webhook(
    draft: Draft, deployment_id: str, *, enabled: bool | None, token: str | None
) -> Webhook:
    """Switch the webhook on or off, or change its token, a ciphertext; None keeps what is."""
    webhook = get_webhook(draft, deployment_id)
    if enabled is not None:
        webhook = msgspec.structs.replace(webhook, enabled=enabled)
    if token is not None:
        webhook = msgspec.structs.replace(webhook, token=token)
    return _put(draft, webhook)


def fire_webhook(draft: Draft, call: WebhookCall, *, origin: Origin) -> str:
    """Restart the deployment, note the call, and return the task that follows; raises Forbidden."""
    webhook = draft.webhooks.get(call.deployment_id)
    if webhook is None or not is_accepted(webhook, call):
        raise refuse()
    deployment = restart_deployment(draft, call.deployment_id, origin=origin)
    fresh = deployment.task_id == origin.task_id
    outcome = "the restart has begun" if fresh else "a restart was under way already"
    if deployment.restart_again:
        outcome += ": one more round follows it"
    delivery = Delivery(
        at=draft.now, source=call.source, code=200, outcome=outcome, task_id=deployment.task_id
    )
    _put(draft, _with_delivery(webhook, delivery))
    return deployment.task_id


def record_refusal(draft: Draft, call: WebhookCall, *, error: Forbidden | Conflict) -> None:
    """Note a call that was refused, where there is a webhook to note it with."""
    webhook = draft.webhooks.get(call.deployment_id)
    if webhook is None:
        return
    code = 409 if isinstance(error, Conflict) else 403
    last = webhook.deliveries[-1] if webhook.deliveries else None
    if last is not None and last.code != 200 and draft.now - last.at < REFUSALS_EVERY_S:
        return
    outcome = error.message
    if code == 403:
        outcome = "refused: wrong token" if webhook.enabled else "refused: the webhook is off"
    delivery = Delivery(at=draft.now, source=call.source, code=code, outcome=outcome)
    _put(draft, _with_delivery(webhook, delivery))


def is_accepted(webhook: Webhook, call: WebhookCall) -> bool:
    """Return whether a call may fire the webhook."""
    return webhook.enabled and webhook.token != "" and webhook.token == call.proven_token


def refuse() -> Forbidden:
    """Make the one refusal of every call that may not fire, whatever the cause."""
    return Forbidden(
        "there is no such webhook, it is switched off, or the token is wrong",
        code="webhook_refused",
        field="token",
    )


def get_webhook(draft: Draft, deployment_id: str) -> Webhook:
    """Return the webhook of a deployment, without a token when it is new; raises NotFound."""
    deployment = get_deployment(draft.deployments, deployment_id)
    return draft.webhooks.get(deployment.id) or Webhook(id=deployment.id, token="")


def find_webhook(webhooks: TableView[Webhook], deployment_id: str) -> Webhook | None:
    """Return the webhook that was made for a deployment, or none."""
    return webhooks.get(DeploymentId(deployment_id))


def _with_delivery(webhook: Webhook, delivery: Delivery) -> Webhook:
    kept = (*webhook.deliveries, delivery)[-MAX_DELIVERIES:]
    return msgspec.structs.replace(webhook, deliveries=kept)


def _put(draft: Draft, webhook: Webhook) -> Webhook:
    draft.webhooks.put(webhook)
    return webhook
