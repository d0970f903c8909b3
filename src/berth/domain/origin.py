"""Who asks for a change."""

from typing import Literal

import msgspec

from berth.domain.ids import TaskId


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a change, and the id for the task that follows, if one does."""

    user: str
    task_id: TaskId
    subsystem: Literal["API", "Webhook", "System"] = "API"
