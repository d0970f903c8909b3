"""What an agent without a manager tells of its assignments."""

from berth.domain.ids import ContainerId
from berth.domain.observed import ContainerReport
from berth.testing.builders_agent import LonelyAgent


def told(agent: LonelyAgent, assignment_id: str = "a1") -> ContainerReport:
    report = agent.report(assignment_id)
    assert report is not None
    return report


def container_of(agent: LonelyAgent, assignment_id: str = "a1") -> ContainerId:
    return ContainerId(told(agent, assignment_id).container_id)
