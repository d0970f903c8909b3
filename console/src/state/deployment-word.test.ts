import { expect, test } from "vitest";
import type { Slot } from "./condition";
import { type DeploymentFacts, deploymentWord, describeRollout } from "./deployment-word";

const STARTED: DeploymentFacts = { desired_state: 1, current_state: 2, pending_state: 1 };
const SETTLED: DeploymentFacts = { desired_state: 1, current_state: 1, pending_state: 0 };
const CHANGING: DeploymentFacts = { desired_state: 1, current_state: 2, pending_state: 3 };
const ENDING: DeploymentFacts = { desired_state: 0, current_state: 2, pending_state: 2 };
const ENDED: DeploymentFacts = { desired_state: 0, current_state: 0, pending_state: 0 };

const base = { host_id: "h1", checks_total: 0, checks_passed: 0 };
const runs: Slot = { ...base, state: "Running" };
const well: Slot = { ...base, state: "Running", health: "healthy", checks_total: 1, checks_passed: 1 };
const ill: Slot = { ...base, state: "Running", health: "unhealthy", checks_total: 1 };
const starts: Slot = { ...base, state: "Pending" };
const waits: Slot = { ...base, state: "Pending", host_id: "" };
const fails: Slot = { ...base, state: "Pending", retry_at: "2026-12-01T12:00:00Z" };
const stops: Slot = { ...base, state: "Stopping" };

test.each<[string, DeploymentFacts, Slot[]]>([
  ["error", STARTED, [fails, waits]],
  ["unhealthy", STARTED, [runs, fails]],
  ["unhealthy", SETTLED, [well, ill]],
  ["updating", CHANGING, [runs, starts]],
  ["starting", STARTED, [runs, starts, waits]],
  ["waiting", STARTED, [runs, waits]],
  ["healthy", SETTLED, [well, well]],
  ["started", SETTLED, [well, runs]],
  ["stopping", ENDING, [stops]],
  ["stopping", ENDED, [stops]],
  ["stopped", ENDED, []],
])("a deployment is %s", (word, facts, slots) => {
  expect(deploymentWord(facts, slots)).toBe(word);
});

test("a rollout that is watched or paused is told in words", () => {
  expect(describeRollout({ rollout: "start", paused: false })).toBe("first rollout under way");
  expect(describeRollout({ rollout: "update", paused: true })).toBe("update paused");
  expect(describeRollout({ rollout: "", paused: false })).toBe("");
});
