// What can be asked of a host.

import { act } from "@/api/act";
import { client } from "@/api/client";
import type { Host } from "@/live/records";

export const HOST_ACTIONS = ["activate", "pause", "drain", "confirm", "remove"] as const;
export type HostAction = (typeof HOST_ACTIONS)[number];

export const ACTION_LABEL: Record<HostAction, string> = {
  activate: "Activate", pause: "Pause", drain: "Drain", confirm: "Confirm", remove: "Remove",
};

const PROGRESS: Record<HostAction, string> = {
  activate: "Activating", pause: "Pausing", drain: "Draining", confirm: "Confirming", remove: "Removing",
};

/** What each act means, told before it is done. */
export const MEANING: Record<Exclude<HostAction, "drain">, string> = {
  activate: "It takes new containers again.",
  pause: "It keeps its containers and takes no new ones.",
  confirm: "Its agent obeys this manager from now on: containers that are not wanted any more are removed.",
  remove: "It leaves the list, and its agent's credential is refused afterwards.",
};

/** Return why an act makes no sense now; none when it can be asked. */
export function reasonAgainst(action: HostAction, host: Host): string | undefined {
  switch (action) {
    case "activate":
      return host.duty === "active" ? "It is active" : undefined;
    case "pause":
      return host.duty === "paused" ? "It is paused" : undefined;
    case "drain":
      return host.duty === "drained" ? "It is drained" : undefined;
    case "confirm":
      return host.held ? undefined : "Its agent is not held";
    case "remove":
      return host.info.is_active ? "Stop its agent first" : undefined;
  }
}

/** Ask an act of a host; throws the refusal. */
export async function actOn(action: HostAction, host: Host): Promise<unknown> {
  const { host_id: id } = host;
  const params = { path: { host_id: id } };
  return act<unknown>({ kind: "host", id, name: host.info.hostname }, PROGRESS[action], (headers) => {
    if (action === "activate") return client.POST("/api/v2/hosts/{host_id}/activate", { params, headers });
    if (action === "pause") return client.POST("/api/v2/hosts/{host_id}/pause", { params, headers });
    if (action === "drain") return client.POST("/api/v2/hosts/{host_id}/drain", { params, headers });
    if (action === "confirm") return client.POST("/api/v2/hosts/{host_id}/confirm", { params, headers });
    return client.DELETE("/api/v2/hosts/{host_id}", { params, headers });
  });
}
