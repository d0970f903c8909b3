"""Turns bodies into what control takes: texts are found and parsed before the writer sees them."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from berth.api.http.worker_thread import run_aside
from berth.api.schemas.definitions import EditorBody
from berth.api.schemas.deployments import DeployBody, DeploymentBody, StackBody, StartBody
from berth.api.services import Services
from berth.control.definitions.texts import GivenText, Text, find_text, read_text
from berth.control.deployments.change import DeploymentChange
from berth.control.deployments.lifecycle import NewDeployment
from berth.control.pools import DEFAULT_POOL
from berth.definition import parse_builder, render_yaml
from berth.domain.errors import DefinitionInvalid, Problem
from berth.domain.ids import TaskId
from berth.domain.origin import Origin
from berth.domain.records import Deployment, User
from berth.domain.report import ReportEntry
from berth.runtime.ids import new_uuid

T = TypeVar("T")

#: Longer texts are parsed in a worker thread: reading one and writing its defaults takes about 4 ms
#: for each 1,024 characters, and nothing may hold up other requests for 50 ms.
THREAD_CHARACTERS = 8 * 1024


def make_origin(user: User) -> Origin:
    """Return for control who asks, with an id for the task that follows."""
    return Origin(user=user.username, task_id=TaskId(new_uuid()))


async def parse_aside(content: str, parse: Callable[[], T]) -> T:
    """Run a parser of a text; a long text does not hold up other requests.

    Nor does one with anchors, which may hold in a line what others need a page for.
    """
    if len(content) > THREAD_CHARACTERS or "&" in content:
        return await run_aside(parse)
    return parse()


def check_strict(report: tuple[ReportEntry, ...], *, strict: bool) -> None:
    """Refuse what has no effect, if that is asked for; raises DefinitionInvalid with each place."""
    problems = [
        Problem(each.reason, line=each.line, field=each.field)
        for each in report
        if each.outcome == "ignored"
    ]
    if strict and problems:
        raise DefinitionInvalid(
            problems, report=report, field=problems[0].field, code="without_effect"
        )


async def read_content(content: str | None, editor: EditorBody | None, *, field: str) -> str:
    """Return the text of a request: its own, or what its Builder form says; "" for neither."""
    if content or editor is None or not editor.has_services:
        return content or ""

    def read() -> str:
        return render_yaml(parse_builder(editor.struct, field=field).services)

    return await run_aside(read)


async def read_new(services: Services, body: DeploymentBody) -> NewDeployment:
    """Read the body of a creation."""
    given = find_text(services.store.memory.definitions, await _given(body.stack))
    return await describe_new(body, given)


async def describe_new(body: DeploymentBody | DeployBody, given: GivenText) -> NewDeployment:
    """Describe a deployment whose text is found already."""
    text = await parse_aside(given.content, lambda: read_text(given))
    return NewDeployment(
        text=text,
        deployment_id=body.deployment_id or "",
        name=body.deployment_name or "",
        service_name=given.service_name,
        pool_id=(body.placement and body.placement.pool_id) or DEFAULT_POOL,
        desired_state=0 if body.desired_state == 0 else 1,
        quantities=body.quantities or {},
    )


async def read_change(
    services: Services, deployment: Deployment, *, body: DeploymentBody | StartBody
) -> DeploymentChange:
    """Read the body of a change; missing members stay None."""
    whole = body if isinstance(body, DeploymentBody) else DeploymentBody()
    return DeploymentChange(
        name=whole.deployment_name or None,
        desired_state=None if whole.desired_state is None else 1 if whole.desired_state else 0,
        pool_id=body.placement.pool_id if body.placement else None,
        quantities=body.quantities,
        text=await _read_changed_text(services, deployment, body=body.stack),
    )


async def _read_changed_text(
    services: Services, deployment: Deployment, *, body: StackBody | None
) -> Text | None:
    """Parse the new text of a deployment; none keeps the old one.

    Without content the id of another stored definition brings that one's text.
    """
    given = await _given(body)
    if given.content in ("", deployment.content) and not _names_other(deployment, given):
        return _relabel(deployment, given)
    if not given.content:
        given = find_text(services.store.memory.definitions, given)
    else:
        given = msgspec.structs.replace(
            given,
            service_id=given.service_id or deployment.service_id,
            service_name=given.service_name or deployment.service_name,
        )
    return await parse_aside(given.content, lambda: read_text(given))


def _names_other(deployment: Deployment, given: GivenText) -> bool:
    """Return whether a body asks for another definition, or the same text as another subtype."""
    if given.subtype not in (None, deployment.subtype):
        return True
    return not given.content and given.service_id not in ("", deployment.service_id)


def _relabel(deployment: Deployment, given: GivenText) -> Text | None:
    """Return the old text, parsed as it was, under the names of the body; none when those stay."""
    text = Text(
        content=deployment.content,
        services=deployment.services,
        subtype=deployment.subtype,
        service_id=given.service_id or deployment.service_id,
        service_name=given.service_name or deployment.service_name,
        ignored=deployment.ignored,
    )
    kept = (deployment.service_id, deployment.service_name)
    return None if (text.service_id, text.service_name) == kept else text


async def _given(body: StackBody | None) -> GivenText:
    if body is None:
        return GivenText()
    return GivenText(
        content=await read_content(body.content, body.editor, field="stack.editorTemp"),
        service_id=body.service_id or "",
        service_name=body.service_name or "",
        subtype=body.subtype,
    )
