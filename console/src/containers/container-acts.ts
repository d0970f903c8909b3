// What can be asked of containers, and when.

import { act } from "@/api/act";
import { client } from "@/api/client";
import type { Container } from "@/live/records";
import { conditionOf } from "@/state/condition";

export const ACTIONS = ["start", "stop", "restart", "pause", "unpause", "kill", "remove"] as const;
export type Action = (typeof ACTIONS)[number];

export const ACTION_LABEL: Record<Action, string> = {
  start: "Start",
  stop: "Stop",
  restart: "Restart",
  pause: "Pause",
  unpause: "Resume",
  kill: "Kill",
  remove: "Remove",
};

const PROGRESS: Record<Action, string> = {
  start: "Starting",
  stop: "Stopping",
  restart: "Restarting",
  pause: "Pausing",
  unpause: "Resuming",
  kill: "Killing",
  remove: "Removing",
};

/** Acts that lose something: they are asked before. */
export const LOSSY: ReadonlySet<Action> = new Set(["stop", "kill", "remove", "restart"]);

/** Return why an act makes no sense now; none when it can be asked. */
export function reasonAgainst(action: Action, row: Container): string | undefined {
  const condition = conditionOf(row);
  if (!row.container_id) return "There is no container yet";
  if (condition === "unknown") return "Its host is not in contact";
  if (condition === "off" || condition === "done") return STOPPED_REASON[action];
  return condition === "paused" ? PAUSED_REASON[action] : RUNNING_REASON[action];
}

type Reasons = Partial<Record<Action, string>>;

const STOPPED = "It is stopped";
const STOPPED_REASON: Reasons = { stop: STOPPED, pause: STOPPED, unpause: STOPPED, kill: STOPPED };
const PAUSED_REASON: Reasons = { start: "It is paused", pause: "It is paused", remove: "Stop it first" };
const RUNNING_REASON: Reasons = { start: "It is running", unpause: "It is not paused", remove: "Stop it first" };

const AT_ONCE = 6;

/** Ask an act of many containers, a few at a time; returns how many were refused. */
export async function actOnAll(action: Action, rows: readonly (readonly [id: string, row: Container])[]): Promise<number> {
  const queue = [...rows];
  let refused = 0;
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      await actOn(action, ...next).catch(() => {
        refused += 1;
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return refused;
}

/** Ask an act of one container; throws the refusal. */
export async function actOn(action: Action, id: string, row: Container): Promise<unknown> {
  const subject = { kind: "container", id, name: row.container_name };
  const params = { path: { container_id: row.container_id } };
  return act(subject, PROGRESS[action], (headers) => {
    switch (action) {
      case "start":
        return client.POST("/api/v2/containers/{container_id}/start", { params, headers });
      case "stop":
        return client.POST("/api/v2/containers/{container_id}/stop", { params, headers });
      case "restart":
        return client.POST("/api/v2/containers/{container_id}/restart", { params, headers });
      case "pause":
        return client.POST("/api/v2/containers/{container_id}/pause", { params, headers });
      case "unpause":
        return client.POST("/api/v2/containers/{container_id}/unpause", { params, headers });
      case "kill":
        return client.POST("/api/v2/containers/{container_id}/kill", { params, headers });
      case "remove":
        return client.DELETE("/api/v2/containers/{container_id}", { params, headers });
    }
  });
}
