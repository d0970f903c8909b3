// How a whole deployment fares, as one word.

import { type Condition, conditionOf, type Slot, type Tone } from "./condition";

export const DEPLOYMENT_WORDS = [
  "error", "unhealthy", "updating", "starting", "stopping", "waiting", "started", "healthy", "stopped",
] as const;

export type DeploymentWord = (typeof DEPLOYMENT_WORDS)[number];

export const DEPLOYMENT_LABEL: Record<DeploymentWord, string> = {
  error: "Error",
  unhealthy: "Unhealthy",
  updating: "Updating",
  starting: "Starting",
  stopping: "Stopping",
  waiting: "Waiting",
  healthy: "Healthy",
  started: "Running",
  stopped: "Stopped",
};

/** The shape that stands for each word, so that a deployment is drawn as a slot is. */
export const DEPLOYMENT_SHAPE: Record<DeploymentWord, Condition> = {
  error: "fails",
  unhealthy: "ill",
  updating: "starts",
  starting: "starts",
  stopping: "stops",
  waiting: "waits",
  healthy: "well",
  started: "runs",
  stopped: "off",
};

export const DEPLOYMENT_TONE: Record<DeploymentWord, Tone> = {
  error: "bad",
  unhealthy: "bad",
  updating: "busy",
  starting: "busy",
  stopping: "idle",
  waiting: "wait",
  healthy: "ok",
  started: "ok",
  stopped: "idle",
};

export interface DeploymentFacts {
  desired_state: number;
  current_state: number;
  /** 0 settled, 1 starting, 2 stopping, 3 changing. */
  pending_state: number;
}

/** Whether a slot is filled as it should be. */
const filled = (condition: Condition) => condition === "well" || condition === "runs" || condition === "done";

/** Return the word of a deployment: the first rule that holds. */
export function deploymentWord(deployment: DeploymentFacts, slots: readonly Slot[]): DeploymentWord {
  const conditions = slots.map(conditionOf);
  const has = (...wanted: Condition[]) => conditions.some((each) => wanted.includes(each));
  if (deployment.desired_state === 0) return stoppedWord(deployment, conditions);
  if (!conditions.some(filled) && has("fails")) return "error";
  if (has("ill", "fails")) return "unhealthy";
  if (deployment.current_state === 1) return settledWord(conditions);
  if (deployment.pending_state === 3) return "updating";
  return has("waits") && !has("starts") ? "waiting" : "starting";
}

const ROLLOUTS: Record<string, string> = { start: "first rollout", update: "update", rollback: "rollback" };

/** Return how the rollout of a deployment is, in words; "" where none is watched. */
export function describeRollout({ rollout, paused }: { rollout: string; paused: boolean }): string {
  if (!rollout) return "";
  return `${ROLLOUTS[rollout] ?? rollout} ${paused ? "paused" : "under way"}`;
}

function stoppedWord({ current_state: state }: DeploymentFacts, conditions: readonly Condition[]): DeploymentWord {
  return state === 0 && !conditions.includes("stops") ? "stopped" : "stopping";
}

function settledWord(conditions: readonly Condition[]): DeploymentWord {
  return conditions.includes("runs") ? "started" : "healthy";
}
