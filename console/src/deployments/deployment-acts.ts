// What can be asked of a deployment.

import { act } from "@/api/act";
import { client } from "@/api/client";
import type { Deployment } from "@/live/records";

export type DeploymentAction = "start" | "stop" | "restart" | "remove";

export const ACTION_LABEL: Record<DeploymentAction, string> = { start: "Start", stop: "Stop", restart: "Restart", remove: "Remove" };

const PROGRESS: Record<DeploymentAction, string> = { start: "Starting", stop: "Stopping", restart: "Restarting", remove: "Removing" };

/** Return why an act makes no sense now; none when it can be asked. */
export function reasonAgainst(action: DeploymentAction, deployment: Deployment): string | undefined {
  const wanted = deployment.desired_state === 1;
  if (action === "start") return wanted ? "It is started" : undefined;
  if (action === "stop" || action === "restart") return wanted ? undefined : "It is stopped";
  return deployment.current_state === 0 && !wanted ? undefined : "Stop it first";
}

/** Ask an act of a deployment; throws the refusal. */
export async function actOn(action: DeploymentAction, deployment: Deployment): Promise<unknown> {
  const { deployment_id: id, deployment_name: name } = deployment;
  const params = { path: { deployment_id: id } };
  return act<unknown>({ kind: "deployment", id, name }, PROGRESS[action], (headers) => {
    if (action === "start") return client.POST("/api/v2/deployments/{deployment_id}/start", { params, headers, body: {} });
    if (action === "stop") return client.POST("/api/v2/deployments/{deployment_id}/stop", { params, headers });
    if (action === "restart") return client.POST("/api/v2/deployments/{deployment_id}/restart", { params, headers });
    return client.DELETE("/api/v2/deployments/{deployment_id}", { params, headers });
  });
}
