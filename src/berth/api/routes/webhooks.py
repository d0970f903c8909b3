"""Webhook of a deployment: shown, configured, and fired by whoever knows its token."""

import hmac
from typing import cast
from urllib.parse import parse_qs, urlsplit

from starlette.background import BackgroundTask
from starlette.requests import Request

from berth.api.endpoints.audit import Deed
from berth.api.endpoints.auth import Needs, ServicesOf
from berth.api.endpoints.callers import address_of
from berth.api.endpoints.routing import Access, Endpoints, Notes
from berth.api.http.errors import render_error
from berth.api.http.responses import Json
from berth.api.schemas.webhooks import (
    Fired,
    WebhookAnswer,
    WebhookBody,
    WebhookDetails,
    render_details,
    render_webhook,
)
from berth.api.services import Services
from berth.control.deployments.lifecycle import get_deployment
from berth.control.webhooks import (
    REFUSALS_EVERY_S,
    WebhookCall,
    check_webhook_token,
    find_webhook,
    fire_webhook,
    record_refusal,
    renew_webhook,
    update_webhook,
)
from berth.domain.errors import Conflict, Forbidden, Invalid
from berth.domain.ids import TaskId
from berth.domain.origin import Origin
from berth.domain.webhooks import Webhook
from berth.runtime.ids import new_uuid, new_word

endpoints = Endpoints("Deployment")

TOKEN_LETTERS = 8

#: Task's user where nobody logged in.
CALLER = "webhook"


@endpoints.get("/api/v2/deployments/{deployment_id}/webhook", needs=Needs())
async def get_webhook_details(deployment_id: str, services: ServicesOf) -> Json[WebhookDetails]:
    """Return the webhook of a deployment, and its last 20 calls."""
    webhook, token = await _get_shown(services, deployment_id)
    return Json(render_details(webhook, token))


@endpoints.get("/api/v2/deployments/{deployment_id}/webhook/restart", needs=Needs())
async def get_webhook(deployment_id: str, services: ServicesOf) -> Json[WebhookAnswer]:
    """Return the restart webhook of a deployment."""
    webhook, token = await _get_shown(services, deployment_id)
    return Json(render_webhook(webhook, token))


@endpoints.put(
    "/api/v2/deployments/{deployment_id}/webhook/restart",
    deed=Deed("webhook_changed", "changed the webhook of {deployment_id}"),
)
async def configure_webhook(
    deployment_id: str, body: WebhookBody, services: ServicesOf
) -> Json[WebhookAnswer]:
    """Switch the webhook on or off; `token`, or `full_url_path` with one, changes its token."""
    _, token = await _get_shown(services, deployment_id)
    wanted = _read_token(body, token)
    ciphertext = None if wanted == token else services.secrets.encrypt(wanted)
    webhook = await services.commands.run(
        lambda draft: update_webhook(draft, deployment_id, enabled=body.enabled, token=ciphertext)
    )
    return Json(render_webhook(webhook, wanted))


@endpoints.post(
    "/api/v2/deployments/{deployment_id}/webhook/restart",
    access=Access.PUBLIC,
    notes=Notes(errors=("403",)),
)
async def fire(
    deployment_id: str, request: Request, services: ServicesOf, token: str = ""
) -> Json[Fired]:
    """Fire the webhook: new containers one slot after the other, images pulled again."""
    webhook = find_webhook(services.store.memory.webhooks, deployment_id)
    call = WebhookCall(
        deployment_id=deployment_id,
        source=address_of(request),
        proven_token=_prove(services, webhook, token=token),
    )
    origin = Origin(user=CALLER, task_id=TaskId(new_uuid()), subsystem="Webhook")
    try:
        task_id = await services.commands.run(
            lambda draft: fire_webhook(draft, call, origin=origin)
        )
    except (Forbidden, Conflict) as error:
        answer = cast(Json[Fired], render_error(error))  # ``Notes`` describes the refusal
        if webhook is not None and _is_worth_noting(services, webhook):
            # After the answer, so that its time does not show whether there is a webhook.
            answer.background = BackgroundTask(_note_refusal, services, call, error=error)
        return answer
    return Json(Fired(deployment_id, task_id))


async def _note_refusal(
    services: Services, call: WebhookCall, *, error: Forbidden | Conflict
) -> None:
    await services.commands.run(lambda draft: record_refusal(draft, call, error=error))


def _is_worth_noting(services: Services, webhook: Webhook) -> bool:
    last = webhook.deliveries[-1] if webhook.deliveries else None
    if last is None or last.code == 200:
        return True
    return services.clock.now() - last.at >= REFUSALS_EVERY_S


def _prove(services: Services, webhook: Webhook | None, *, token: str) -> str:
    """Return the kept ciphertext when the token is the one inside it, else ""."""
    kept = webhook.token if webhook is not None else ""
    expected = services.secrets.reveal(kept)
    matches = hmac.compare_digest(expected.encode(), token.encode("utf-8", "replace"))
    return kept if matches and expected else ""


async def _get_shown(services: Services, deployment_id: str) -> tuple[Webhook, str]:
    """Return the webhook and its token; makes what is missing. Raises NotFound."""
    memory = services.store.memory
    get_deployment(memory.deployments, deployment_id)
    webhook = find_webhook(memory.webhooks, deployment_id)
    if webhook is not None and (token := services.secrets.reveal(webhook.token)):
        return webhook, token
    new, old = new_word(TOKEN_LETTERS), webhook.token if webhook is not None else ""
    ciphertext = services.secrets.encrypt(new)
    made = await services.commands.run(
        lambda draft: renew_webhook(draft, deployment_id, token=ciphertext, instead_of=old)
    )
    return made, new if made.token == ciphertext else services.secrets.reveal(made.token)


def _read_token(body: WebhookBody, kept: str) -> str:
    """Return the token that a body asks for; of two that differ from the kept one the bare wins."""
    asked: list[tuple[str, str]] = []
    if body.token is not None:
        asked.append((body.token, "token"))
    if body.full_url_path is not None:
        asked.append((_token_of(body.full_url_path), "full_url_path"))
    for token, field in asked:
        if token == "":
            return new_word(TOKEN_LETTERS)
        if token != kept:
            return check_webhook_token(token, field=field)
    return kept


def _token_of(path: str) -> str:
    """Return the query value ``token`` of a path; an empty path asks for a new one."""
    if not path:
        return ""
    try:
        values = parse_qs(urlsplit(path).query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        values = {}
    if "token" not in values:
        raise Invalid(
            "the path has no query value token", code="invalid_token", field="full_url_path"
        )
    return values["token"][0]
