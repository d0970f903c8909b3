"""The manager's numbers for Prometheus."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from berth.domain.states import HostState
from berth.runtime.clock import Clock
from berth.store.store import Store

#: Time between two measurements of the loop's lateness, in seconds.
LAG_INTERVAL_S = 1.0


class Metrics:
    """Counts requests, and reads everything else when it is asked."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._clock = clock
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "berth_requests",
            "Requests by route, method and status code.",
            ("route", "method", "code"),
            registry=self._registry,
        )
        self._lag = Gauge(
            "berth_loop_lag_seconds",
            "How late the event loop last ran what was due.",
            registry=self._registry,
        )
        self._registry.register(StoreCollector(store))

    def count_request(self, route: str, method: str, *, code: int) -> None:
        """Count an answered request; ``route`` is the path with its parameters unfilled."""
        self._requests.labels(route, method, str(code)).inc()

    async def measure_lag(self) -> None:
        """Measure for ever how late a wait of the event loop ends."""
        while True:
            before = self._clock.monotonic()
            await self._clock.sleep(LAG_INTERVAL_S)
            self._lag.set(max(0.0, self._clock.monotonic() - before - LAG_INTERVAL_S))

    def render(self) -> bytes:
        """Return all numbers in the text format."""
        return generate_latest(self._registry)


class StoreCollector(Collector):
    """Numbers of what the store holds, read when they are asked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        """Yield the numbers as they are now."""
        memory = self._store.memory
        hosts = GaugeMetricFamily("berth_hosts", "Hosts by state.", labels=("state",))
        states = [memory.fleet.status_of(host.id).state for host in memory.hosts.values()]
        for state in HostState:
            hosts.add_metric((state.value,), states.count(state))
        yield hosts
        deployments = GaugeMetricFamily(
            "berth_deployments", "Deployments by desired state.", labels=("desired",)
        )
        running = sum(deployment.desired_state for deployment in memory.deployments.values())
        deployments.add_metric(("running",), running)
        deployments.add_metric(("stopped",), len(memory.deployments) - running)
        yield deployments
        containers = sum(len(items) for items in memory.observed.inventory.values())
        yield GaugeMetricFamily(
            "berth_containers", "Containers on all hosts, managed or not.", value=containers
        )
        yield GaugeMetricFamily(
            "berth_assignments", "Slots on hosts.", value=len(memory.assignments)
        )
        yield CounterMetricFamily(
            "berth_store_commits", "Transactions committed.", value=self._store.transactions
        )
