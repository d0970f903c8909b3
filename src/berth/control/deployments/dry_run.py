"""What a change would do, without doing it."""

from collections.abc import Callable

import msgspec

from berth.domain.records import Deployment
from berth.scheduler import Plan, plan_deployment
from berth.scheduler.forecast import Forecast
from berth.store.draft import Draft
from berth.store.memory import Memory

#: Makes or changes a deployment, and returns it.
Command = Callable[[Draft], Deployment]


class DryRun(msgspec.Struct, frozen=True):
    """A deployment before a change and after it; none before it is made."""

    before: Deployment | None
    after: Deployment
    draft: Draft

    def plan(self) -> Plan:
        """Return the first plan that would be made for it."""
        return plan_deployment(self.draft.fleet, self.after, now=self.draft.now)

    def forecast(self) -> Forecast:
        """Return what brings it to its end, step by step."""
        return Forecast(self.draft, [self.after.id], now=self.draft.now)


def try_command(memory: Memory, command: Command, *, now: float) -> DryRun:
    """Carry a command out on a draft that is never written; raises what the command raises."""
    draft = Draft(memory, now=now)
    after = command(draft)
    return DryRun(memory.deployments.get(after.id), after, draft)
