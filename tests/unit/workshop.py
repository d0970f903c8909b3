"""A deployment on a host that obeys at once, for the tests of rollouts."""

import itertools

from berth.control.deployments.rollback import RollbackChoice, rollback_deployment
from berth.domain.ids import AssignmentId, DeploymentId
from berth.domain.observed import ContainerReport
from berth.domain.records import Deployment
from berth.domain.states import Attempt
from berth.reconcilers.deployments.one_pass import reconcile_deployment
from berth.store.generations import find_generations
from unit.desk import Desk, text

APP = DeploymentId("app")


def of(*images: str) -> str:
    """Return a text of services ``s0``, ``s1`` ... with these images."""
    return "services:\n" + "".join(
        f"  s{number}:\n    image: {image}\n    network_mode: bridge\n"
        for number, image in enumerate(images)
    )


class Workshop(Desk):
    """A desk whose deployment runs on a host that obeys at once."""

    def __init__(self) -> None:
        super().__init__()
        self._made = itertools.count(1)
        self._sequence = itertools.count(1)
        #: How long a new container has run when it is reported, and how often a bad one failed.
        self.ran_for_s = 3600.0
        self.failures = 1
        #: Digest that hosts find under every tag.
        self.digest = ""
        self.add_host()

    def live(self, *, bad: str = "none") -> Deployment:
        """Look and obey until nothing changes; containers of ``bad`` id or image end at once."""
        for _ in range(60):
            if not self.step(bad=bad):
                break
        return self.deployment

    def step(self, *, bad: str = "none") -> bool:
        """Look and obey once; return whether anything changed."""
        before = self.deployment
        plan = reconcile_deployment(self.draft, APP, new_id=lambda: f"n{next(self._made)}").plan
        reported = [self._report(a.id, bad=bad) for a in self.draft.assignments.values()]
        return plan.changes or any(reported) or before != self.deployment

    @property
    def deployment(self) -> Deployment:
        deployment = self.draft.deployments.get(APP)
        assert deployment is not None
        return deployment

    def _report(self, assignment_id: AssignmentId, *, bad: str) -> bool:
        assignment = self.draft.assignments.get(assignment_id)
        assert assignment is not None
        failing = bad in f"{assignment.id} {assignment.spec.image}"
        state = Attempt.ENDED if failing else Attempt.RUNNING
        old = self.draft.observed.reports.get(assignment_id)
        state = state if assignment.wanted else Attempt.REMOVED
        again = failing and assignment.spec.restart
        self.draft.observed.reports[assignment_id] = ContainerReport(
            assignment_id=assignment_id, attempt=1, state=state, agent_epoch=1,
            sequence=next(self._sequence), code="exited" if again else "",
            message="exit code 1" if failing else "", exit_code=1 if failing else None,
            container_id=assignment_id, failures=self.failures if failing else 0,
            image_digest=old.image_digest if old else self.digest,
        )  # fmt: skip
        since = self.draft.observed.running_since
        since.setdefault(assignment_id, self.draft.now - self.ran_for_s)
        return old is None or old.state is not state

    def put(self, *images: str) -> Deployment:
        """Change the deployment's text."""
        return self.change(text=text(of(*images)))

    def back(self, generation: int | None = None) -> Deployment:
        """Return to an earlier generation."""
        self.draft.now += 1
        to = RollbackChoice(generation)
        return rollback_deployment(self.draft, "app", to=to, origin=self.origin())

    def history(self) -> list[tuple[int, str, str]]:
        """Return number, author and outcome of the generations, newest first."""
        found = find_generations(self.draft, APP)
        return [(g.generation, g.created_by, g.outcome) for g in found]

    def images(self) -> list[str]:
        """Return the images of what runs."""
        return sorted(a.spec.image for a in self.draft.assignments.values() if a.wanted)

    def message(self, task_id: str) -> str:
        task = self.draft.tasks.get(task_id)
        assert task is not None
        return task.message

    def open_statuses(self) -> list[str]:
        found = self.draft.statuses.find("subject", ("deployment", "app"))
        return [s.event.key for s in found if not s.clear_event_id]
