"""An engine in memory that behaves as Docker does, with hands to disturb it.

Belongs here: what tests and simulations need in place of a real engine; it passes the same
contract tests. Does not belong here: anything that only one test needs.
Tests, simulations and benchmarks may import it; no program of Berth does.

    engine = SimulatedEngine("host-1", clock=clock)
    engine.add_image("web:1")
    container = await engine.create(request)
    engine.exit(container, 1)
"""

from berth.testing.engine.behaviour import Behaviour
from berth.testing.engine.engine import SimulatedEngine
from berth.testing.engine.registry import SimulatedRegistry

__all__ = ["Behaviour", "SimulatedEngine", "SimulatedRegistry"]
