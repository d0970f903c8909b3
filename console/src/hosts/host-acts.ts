// What can be asked of a host.

import { act } from "@/api/act";
import { client } from "@/api/client";
import type { Host } from "@/live/records";

export const HOST_ACTIONS = ["activate", "pause", "drain", "confirm", "revoke", "remove"] as const;
export type HostAction = (typeof HOST_ACTIONS)[number];

export const ACTION_LABEL: Record<HostAction, string> = {
  activate: "Activate", pause: "Pause", drain: "Drain", confirm: "Confirm", revoke: "Revoke access", remove: "Remove",
};

const PROGRESS: Record<HostAction, string> = {
  activate: "Activating", pause: "Pausing", drain: "Draining", confirm: "Confirming", revoke: "Revoking access", remove: "Removing",
};

/** What each act means, told before it is done. */
export const MEANING: Record<Exclude<HostAction, "drain" | "revoke">, string> = {
  activate: "It takes new containers again.",
  pause: "It keeps its containers and takes no new ones.",
  confirm: "Its agent obeys this manager from now on: containers that are not wanted any more are removed.",
  remove: "It leaves the list. Should its agent come back, it stops and removes its containers, or reports them, as the setting for deleted hosts says.",
};

const REVOKED = "Its access was revoked";

/** Return why a host's duty cannot become this one; none when it can. */
const againstDuty = (duty: string, host: Host) => (host.revoked ? REVOKED : host.duty === duty ? `It is ${duty}` : undefined);

const AGAINST: Record<HostAction, (host: Host) => string | undefined> = {
  activate: (host) => againstDuty("active", host),
  pause: (host) => againstDuty("paused", host),
  drain: (host) => againstDuty("drained", host),
  confirm: (host) => (host.held ? undefined : "Its agent is not held"),
  revoke: (host) => (host.revoked ? REVOKED : undefined),
  remove: (host) => (host.info.is_active && !host.revoked ? "Stop its agent or revoke its access first" : undefined),
};

/** Return why an act makes no sense now; none when it can be asked. */
export const reasonAgainst = (action: HostAction, host: Host): string | undefined => AGAINST[action](host);

/** Ask an act of a host; throws the refusal. */
export async function actOn(action: HostAction, host: Host): Promise<unknown> {
  const { host_id: id } = host;
  const params = { path: { host_id: id } };
  return act<unknown>({ kind: "host", id, name: host.info.hostname }, PROGRESS[action], (headers) => {
    if (action === "activate") return client.POST("/api/v2/hosts/{host_id}/activate", { params, headers });
    if (action === "pause") return client.POST("/api/v2/hosts/{host_id}/pause", { params, headers });
    if (action === "drain") return client.POST("/api/v2/hosts/{host_id}/drain", { params, headers });
    if (action === "confirm") return client.POST("/api/v2/hosts/{host_id}/confirm", { params, headers });
    if (action === "revoke") return client.POST("/api/v2/hosts/{host_id}/revoke", { params, headers });
    return client.DELETE("/api/v2/hosts/{host_id}", { params, headers });
  });
}
