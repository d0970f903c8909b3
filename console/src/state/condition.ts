// How a slot fares, as one of eleven conditions: the same in every list, strip, card and map.

import { parseTime } from "./words";

export const CONDITIONS = [
  "ill", "fails", "waits", "starts", "stops", "unknown", "paused", "runs", "well", "done", "off",
] as const;

export type Condition = (typeof CONDITIONS)[number];
export type Tone = "ok" | "busy" | "wait" | "bad" | "idle" | "hold";

export const TONE_OF: Record<Condition, Tone> = {
  ill: "bad",
  fails: "bad",
  waits: "wait",
  starts: "busy",
  stops: "idle",
  unknown: "idle",
  paused: "hold",
  runs: "ok",
  well: "ok",
  done: "idle",
  off: "idle",
};

export const WORD_OF: Record<Condition, string> = {
  ill: "Unhealthy",
  fails: "Failing",
  waits: "Waiting",
  starts: "Starting",
  stops: "Stopping",
  unknown: "Unknown",
  paused: "Paused",
  runs: "Running",
  well: "Healthy",
  done: "Finished",
  off: "Stopped",
};

/** What a condition follows from; a container of the store is one. */
export interface Slot {
  state: string;
  host_id: string;
  checks_total: number;
  checks_passed: number;
  health?: string;
  failures?: number;
  retry_at?: string;
  exit_code?: number | null;
  deployment_id?: string;
}

/** Return the condition of a slot: the first rule that holds. */
export function conditionOf(slot: Slot): Condition {
  switch (slot.state) {
    case "Unknown":
      return "unknown";
    case "Paused":
      return "paused";
    case "Stopping":
      return "stops";
    case "Stopped":
      return slot.deployment_id && slot.exit_code === 0 ? "done" : "off";
    case "Running":
      return runningCondition(slot);
    default:
      if (slot.retry_at && parseTime(slot.retry_at) > 0) return "fails";
      return slot.host_id ? "starts" : "waits";
  }
}

/** Whether the container of a slot has ended, and is still there to be read. */
export function hasEnded(slot: Slot & { container_id: string }): boolean {
  const still = slot.state === "Stopped" || conditionOf(slot) === "fails";
  return slot.container_id !== "" && typeof slot.exit_code === "number" && still;
}

function runningCondition(slot: Slot): Condition {
  if (slot.health === "unhealthy") return "ill";
  if (slot.health === "checking") return "starts";
  if (slot.health === "healthy") return "well";
  if (slot.checks_total === 0) return "runs";
  return slot.checks_passed >= slot.checks_total ? "well" : "starts";
}

/** Return how a slot fares in a word or two: with the time of its next try, or what it does now. */
export function describeSlot(slot: Slot, now: number): string {
  const condition = conditionOf(slot);
  if (condition === "fails" && slot.retry_at) {
    const seconds = Math.ceil((Date.parse(slot.retry_at) - now) / 1000);
    return seconds > 0 ? `Failing, retry in ${seconds} s` : "Failing, retrying";
  }
  if (condition === "starts" && slot.state === "Running") return "Checking";
  return WORD_OF[condition];
}

export type Counts = Record<Condition, number>;

/** Count slots by condition. */
export function countConditions(slots: Iterable<Slot>): Counts {
  const counts = Object.fromEntries(CONDITIONS.map((each) => [each, 0])) as Counts;
  for (const slot of slots) counts[conditionOf(slot)] += 1;
  return counts;
}
