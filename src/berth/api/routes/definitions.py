"""Service and Stack: stored texts."""

from typing import Any

from berth.api.endpoints.audit import Deed
from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.params import Strict
from berth.api.http.responses import Deleted, Json
from berth.api.listing.pages import Page, PageOf, Shape, answer_list, one_by_one
from berth.api.requests.deployment_body import check_strict, describe_new, parse_aside, read_content
from berth.api.requests.dry_run import DryRunOf, Tried, answer_change
from berth.api.requests.task_request import TaskRequestOf
from berth.api.schemas.definitions import (
    DefinitionAnswer,
    DefinitionBody,
    ManyServices,
    ManyStacks,
    OneService,
    OneStack,
    render_definition,
)
from berth.api.schemas.deployments import DeployBody
from berth.api.services import Services
from berth.control.definitions.lifecycle import (
    DefinitionValues,
    check_content,
    create_definition,
    delete_definition,
    get_definition,
    update_definition,
)
from berth.control.definitions.texts import GivenText
from berth.control.deployments.lifecycle import create_deployment
from berth.domain.records import Definition
from berth.domain.states import Subtype

services_endpoints = Endpoints("Service")
stacks_endpoints = Endpoints("Stack")

SERVICE, STACK = Subtype.SERVICE, Subtype.STACK


@services_endpoints.get("/api/v2/services/")
async def list_services(page: PageOf, services: ServicesOf) -> Json[ManyServices]:
    """List the stored services."""
    return await _list(page, _sorted(services, SERVICE), envelope="services")


@services_endpoints.post("/api/v2/services/", deed=Deed("definition_made", "stored a service"))
async def create_service(
    body: DefinitionBody, services: ServicesOf, *, strict: Strict = False
) -> Json[OneService]:
    """Store a service."""
    values = await _read(body, SERVICE, strict=strict)
    made = await services.commands.run(
        lambda draft: create_definition(draft, SERVICE, values=values)
    )
    return Json(OneService(render_definition(made), values.report))


@services_endpoints.get("/api/v2/services/{service_id}")
async def get_service(service_id: str, services: ServicesOf) -> Json[OneService]:
    """Return a stored service."""
    return Json(OneService(render_definition(_get(services, SERVICE, service_id=service_id))))


@services_endpoints.put(
    "/api/v2/services/{service_id}",
    deed=Deed("definition_changed", "changed the stored service {service_id}"),
)
async def update_service(
    service_id: str, body: DefinitionBody, services: ServicesOf, *, strict: Strict = False
) -> Json[OneService]:
    """Change a stored service; deployments keep their copies."""
    _get(services, SERVICE, service_id=service_id)
    values = await _read(body, SERVICE, strict=strict)
    updated = await _update(services, SERVICE, service_id=service_id, values=values)
    return Json(OneService(render_definition(updated), values.report))


@services_endpoints.delete(
    "/api/v2/services/{service_id}",
    deed=Deed("definition_deleted", "deleted the stored service {service_id}"),
)
async def delete_service(service_id: str, services: ServicesOf) -> Json[Deleted]:
    """Remove a stored service; deployments keep their copies."""
    return await _delete(services, SERVICE, service_id=service_id)


@services_endpoints.post("/api/v2/services/{service_id}/deploy", deprecated=True)
async def deploy_service(
    service_id: str,
    body: DeployBody,
    acting: TaskRequestOf,
    *,
    dry_run: DryRunOf = "no",
    strict: Strict = False,
) -> Tried:
    """Deploy a stored service."""
    stored = _get(acting.services, SERVICE, service_id=service_id)
    given = GivenText(
        content=stored.content,
        service_id=stored.definition_id,
        service_name=stored.name,
        subtype=SERVICE,
    )
    new = await describe_new(body, given)
    check_strict(new.report, strict=strict)
    return await answer_change(
        acting,
        lambda draft: create_deployment(draft, new, origin=acting.origin),
        dry_run=dry_run,
        report=new.report,
    )


@stacks_endpoints.get("/api/v2/stacks/")
async def list_stacks(page: PageOf, services: ServicesOf) -> Json[ManyStacks]:
    """List the stored stacks."""
    return await _list(page, _sorted(services, STACK), envelope="stacks")


@stacks_endpoints.post("/api/v2/stacks/", deed=Deed("definition_made", "stored a stack"))
async def create_stack(
    body: DefinitionBody, services: ServicesOf, *, strict: Strict = False
) -> Json[OneStack]:
    """Store a stack."""
    values = await _read(body, STACK, strict=strict)
    made = await services.commands.run(lambda draft: create_definition(draft, STACK, values=values))
    return Json(OneStack(render_definition(made), values.report))


@stacks_endpoints.get("/api/v2/stacks/{service_id}")
async def get_stack(service_id: str, services: ServicesOf) -> Json[OneStack]:
    """Return a stored stack."""
    return Json(OneStack(render_definition(_get(services, STACK, service_id=service_id))))


@stacks_endpoints.put(
    "/api/v2/stacks/{service_id}",
    deed=Deed("definition_changed", "changed the stored stack {service_id}"),
)
async def update_stack(
    service_id: str, body: DefinitionBody, services: ServicesOf, *, strict: Strict = False
) -> Json[OneStack]:
    """Change a stored stack; deployments keep their copies."""
    _get(services, STACK, service_id=service_id)
    values = await _read(body, STACK, strict=strict)
    updated = await _update(services, STACK, service_id=service_id, values=values)
    return Json(OneStack(render_definition(updated), values.report))


@stacks_endpoints.delete(
    "/api/v2/stacks/{service_id}",
    deed=Deed("definition_deleted", "deleted the stored stack {service_id}"),
)
async def delete_stack(service_id: str, services: ServicesOf) -> Json[Deleted]:
    """Remove a stored stack; deployments keep their copies."""
    return await _delete(services, STACK, service_id=service_id)


async def _list(page: Page, definitions: list[Definition], *, envelope: str) -> Json[Any]:
    shape = Shape(
        id_of=lambda definition: definition.definition_id,
        render=one_by_one(render_definition),
        kind=DefinitionAnswer,
        envelope=envelope,
    )
    return await answer_list(page, definitions, shape=shape)


async def _update(
    services: Services, subtype: Subtype, *, service_id: str, values: DefinitionValues
) -> Definition:
    return await services.commands.run(
        lambda draft: update_definition(draft, subtype, definition_id=service_id, values=values)
    )


async def _delete(services: Services, subtype: Subtype, *, service_id: str) -> Json[Deleted]:
    await services.commands.run(
        lambda draft: delete_definition(draft, subtype, definition_id=service_id)
    )
    return Json(Deleted(service_id))


async def _read(body: DefinitionBody, subtype: Subtype, *, strict: bool) -> DefinitionValues:
    """Read a body; its text is parsed here, before the writer sees it."""
    content = await read_content(body.content, body.editor, field="editorTemp")
    text = None
    if content:
        text = await parse_aside(content, lambda: check_content(content, subtype))
        check_strict(text.report, strict=strict)
    return DefinitionValues(
        definition_id=body.service_id or "", name=body.service_name or "", text=text
    )


def _get(services: Services, subtype: Subtype, *, service_id: str) -> Definition:
    return get_definition(services.store.memory.definitions, subtype, definition_id=service_id)


def _sorted(services: Services, subtype: Subtype) -> list[Definition]:
    found = services.store.memory.definitions.find("subtype", subtype.value)
    return sorted(found, key=lambda definition: definition.definition_id)
