"""Tokens that belong to one deployment: made from its record, so nothing of them is kept."""

from collections.abc import Callable

from berth.domain.ids import DeploymentId
from berth.domain.records import Deployment

#: Begins every such token.
PREFIX = "berth-deployment."

#: Returns what only the instance's key can make of a text.
Sign = Callable[[str], str]


def make_deployment_token(deployment: Deployment, sign: Sign) -> str:
    """Return the token of a deployment, which ends when that is deleted or made again."""
    about = (deployment.id, repr(deployment.created_at), deployment.created_by)
    return f"{PREFIX}{deployment.id}.{sign(chr(0).join(about))}"


def deployment_id_of(text: str) -> DeploymentId:
    """Return which deployment a token says it is of; "" when it is of none."""
    if not text.startswith(PREFIX):
        return DeploymentId("")
    return DeploymentId(text.removeprefix(PREFIX).rpartition(".")[0])
