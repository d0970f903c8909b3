"""The manager's loops, apart from what serves its API: everything that works on a store by itself."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from berth.dispatcher.dispatcher import Dispatcher
from berth.dispatcher.liveness import Liveness
from berth.domain.deployment_tokens import Sign
from berth.domain.image_calls import FindLogin
from berth.reconcilers.deployments.reconciler import DeploymentReconciler
from berth.reconcilers.discovery import DiscoveryReconciler
from berth.reconcilers.disk_watch import INTERVAL_S as DISK_S
from berth.reconcilers.disk_watch import DiskWatch
from berth.reconcilers.retention import INTERVAL_S as RETENTION_S
from berth.reconcilers.retention import Retention
from berth.reconcilers.tasks.executor import SWEEP_S, TaskExecutor
from berth.runtime.clock import Clock
from berth.runtime.ids import new_uuid
from berth.runtime.loop import Pass, Wakeup, run_loop
from berth.store.store import Store


class ManagerLoops:
    """The dispatcher, and each reconciler with its loop."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        reveal: Callable[[str], str],
        sign: Sign,
        find_login: FindLogin,
        sweep_s: float = SWEEP_S,
    ) -> None:
        """Build the parts; ``sweep_s`` is the longest wait of the loops that nothing wakes."""
        self._clock = clock
        self._sweep_s = sweep_s
        self.dispatcher = Dispatcher(
            store, clock=clock, reveal=reveal, sign=sign, find_login=find_login
        )
        self._liveness = Liveness(store, self.dispatcher, clock=clock)
        self._deployments = DeploymentReconciler(store, clock=clock, new_id=new_uuid)
        self._discovery = DiscoveryReconciler(store, clock=clock)
        self._tasks = TaskExecutor(store, self.dispatcher.agents, find_login=find_login)
        self._retention = Retention(store)
        self._disk: DiskWatch | None = None

    def watch_disk(self, store: Store, folder: Path) -> None:
        """Watch the space of a folder's disk, once the loops are started."""
        self._disk = DiskWatch(store, folder)

    def start(self) -> list["asyncio.Task[None]"]:
        """Start every loop; the caller cancels them. One that ends by itself is a defect."""
        return [
            asyncio.create_task(
                run_loop(name, one_pass, wakeup=wakeup, resync_s=resync_s, clock=self._clock),
                name=name,
            )
            for name, one_pass, wakeup, resync_s in self._passes()
        ]

    def _passes(self) -> tuple[tuple[str, Pass, Wakeup, Callable[[], float]], ...]:
        deployments, discovery, tasks = self._deployments, self._discovery, self._tasks
        observer, publisher = self.dispatcher.observer, self.dispatcher.publisher

        def sweep_s() -> float:
            return self._sweep_s

        return (
            ("hosts", self._liveness.expire_silent, Wakeup(), self._liveness.interval_s),
            (
                "deployments",
                deployments.reconcile_dirty,
                deployments.wakeup,
                deployments.resync_s,
            ),
            ("discovery", discovery.reconcile_keys, discovery.wakeup, discovery.resync_s),
            ("keys", publisher.publish_changes, publisher.wakeup, sweep_s),
            ("tasks", tasks.execute_open, tasks.wakeup, sweep_s),
            ("events", observer.flush_events, observer.wakeup, sweep_s),
            ("retention", self._retention.drop_old, Wakeup(), lambda: RETENTION_S),
            *self._disk_pass(),
        )

    def _disk_pass(self) -> tuple[tuple[str, Pass, Wakeup, Callable[[], float]], ...]:
        if self._disk is None:
            return ()
        return (("disk", self._disk.check, Wakeup(), lambda: DISK_S),)

    async def close(self) -> None:
        """Wait for what the tasks began, and listen to the store no more."""
        await self._tasks.close()
        self._deployments.close()
        self._discovery.close()
