"""Webhooks of deployments."""

import msgspec

from berth.api.http.params import Body, Flag
from berth.api.http.timestamps import render_exact_time
from berth.domain.webhooks import Delivery, Webhook


class WebhookBody(Body):
    """What to change of a webhook; the object as it was read is accepted too."""

    enabled: Flag | None = None
    #: "" asks for a new random one.
    token: str | None = None
    #: Only its query value ``token`` is taken.
    full_url_path: str | None = None


class WebhookAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook; a POST to the path, without any header, fires it."""

    deployment_id: str
    token: str
    enabled: bool
    full_url_path: str


class DeliveryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a webhook."""

    at: str
    source: str
    status: int
    outcome: str
    #: "" when the call was refused.
    task_id: str


class WebhookDetails(msgspec.Struct, frozen=True):
    """The webhook by its action, and its last calls, newest first."""

    restart: WebhookAnswer
    deliveries: list[DeliveryAnswer]


class WatchedWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook as watchers get it: without its token."""

    deployment_id: str
    enabled: bool
    deliveries: list[DeliveryAnswer]


class Fired(msgspec.Struct, frozen=True):
    """What a call of a webhook set going."""

    deployment_id: str
    task_id: str


def path_of(deployment_id: str, token: str) -> str:
    """Return path and query that fire a webhook."""
    return f"/api/v2/deployments/{deployment_id}/webhook/restart?token={token}"


def render_webhook(webhook: Webhook, token: str) -> WebhookAnswer:
    """Render a webhook with its token as it is called."""
    return WebhookAnswer(
        deployment_id=webhook.id,
        token=token,
        enabled=webhook.enabled,
        full_url_path=path_of(webhook.id, token),
    )


def render_details(webhook: Webhook, token: str) -> WebhookDetails:
    """Render a webhook with its last calls."""
    return WebhookDetails(render_webhook(webhook, token), _render_deliveries(webhook))


def render_watched(webhook: Webhook) -> WatchedWebhook:
    """Render a webhook for watchers."""
    return WatchedWebhook(
        deployment_id=webhook.id,
        enabled=webhook.enabled,
        deliveries=_render_deliveries(webhook),
    )


def _render_deliveries(webhook: Webhook) -> list[DeliveryAnswer]:
    return [_render(delivery) for delivery in reversed(webhook.deliveries)]


def _render(delivery: Delivery) -> DeliveryAnswer:
    return DeliveryAnswer(
        at=render_exact_time(delivery.at),
        source=delivery.source,
        status=delivery.code,
        outcome=delivery.outcome,
        task_id=delivery.task_id,
    )
