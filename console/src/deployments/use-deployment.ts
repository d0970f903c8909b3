// A deployment with its slots, as one row.

import { useDerived, useRecord } from "@/live/hooks";
import { describeDeployment, type DeploymentRow } from "./deployment-rows";

export function useDeploymentRow(id: string): DeploymentRow | undefined {
  const deployment = useRecord("deployment", id);
  return useDerived(["container", "slot"], (store) => deployment && describeDeployment(store, id, deployment), [id, deployment]);
}
