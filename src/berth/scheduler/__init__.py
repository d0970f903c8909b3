"""Decides what shall run where: a Fleet and a time in, a plan out.

Belongs here: filters with their reasons, ranking, rollout, explanation. All of it is pure:
the same Fleet leads to the same plan, and planning after applying plans nothing.
Does not belong here: writing plans (reconcilers), reading clocks, talking to agents.
"""

from berth.domain.plan import Ending, Placement, Plan, Reason, Unplaced
from berth.scheduler.planner import plan_deployment

__all__ = ["Ending", "Placement", "Plan", "Reason", "Unplaced", "plan_deployment"]
