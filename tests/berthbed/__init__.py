"""The installed programs on a test-bed: one manager and an agent on each host.

Here belongs what starts, disturbs and asks Berth as its users do, from outside. What makes the
hosts themselves is in `testbed`. Tests and `bench/` may import this package; nothing that is
installed may.

    with BerthBed.up(hosts=3) as berth:
        berth.deploy("shop", replicas=3)
        berth.wait_running("shop")
        berth.agents[0].kill9()
"""

from .api import Answer, Api, ApiRefusedError
from .berthbed import BerthBed
from .program import Program

__all__ = ["Answer", "Api", "ApiRefusedError", "BerthBed", "Program"]
