"""Names for the kinds of identifiers, so that one is not passed for another."""

from typing import NewType

HostId = NewType("HostId", str)
PoolId = NewType("PoolId", str)
DeploymentId = NewType("DeploymentId", str)
#: The key under ``services:`` in a definition.
ServiceKey = NewType("ServiceKey", str)
AssignmentId = NewType("AssignmentId", str)
#: The engine's id: 64 lower-case hexadecimal digits.
ContainerId = NewType("ContainerId", str)
TaskId = NewType("TaskId", str)
InstanceId = NewType("InstanceId", str)
