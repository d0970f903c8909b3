"""Records of webhooks: what an address may do, and what came in there."""

import msgspec

from berth.domain.ids import DeploymentId
from berth.domain.records import Record


class Delivery(msgspec.Struct, frozen=True, omit_defaults=True):
    """One call of a webhook."""

    #: Unix seconds.
    at: float
    #: Address that the call came from.
    source: str
    #: Status code of the answer, and what became of the call, for people.
    code: int
    outcome: str
    task_id: str = ""


class Webhook(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The restart webhook of a deployment, under the deployment's id."""

    id: DeploymentId
    #: The whole credential of a call; shown to users, hence encrypted, not hashed.
    token: str
    enabled: bool = False
    #: Newest last; at most 20.
    deliveries: tuple[Delivery, ...] = ()
