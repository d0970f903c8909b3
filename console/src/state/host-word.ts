// How a host fares, in a word and a shape.

import type { Host } from "@/live/records";
import type { Condition } from "./condition";

export const HOST_STATES = ["revoked", "silent", "held", "broken", "drained", "paused", "active"] as const;
export type HostWord = (typeof HOST_STATES)[number];

export const HOST_LABEL: Record<HostWord, string> = {
  revoked: "Revoked", silent: "Silent", held: "Held", broken: "No engine", drained: "Drained", paused: "Paused", active: "Active",
};

/** The shape that stands for each state of a host. */
export const HOST_SHAPE: Record<HostWord, Condition> = {
  revoked: "fails", silent: "unknown", held: "waits", broken: "ill", drained: "stops", paused: "paused", active: "well",
};

/** Return how a host fares: the first rule that holds. */
export function hostWord(host: Host): HostWord {
  if (host.revoked) return "revoked";
  if (!host.engine_reachable && host.state === "active") return "broken";
  if (!host.info.is_active) return "silent";
  if (host.held) return "held";
  return host.duty === "active" ? "active" : (host.duty as "paused" | "drained");
}
