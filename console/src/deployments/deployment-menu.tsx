// Acts on deployments: behind a row's button, on a page's head, on many.

import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useOnline } from "@/live/hooks";
import type { Deployment } from "@/live/records";
import { store } from "@/live/store";
import { Button, IconButton } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { Menu, MenuItem } from "@/parts/menu";
import type { Selection } from "@/parts/selection";
import { plural } from "@/state/words";
import { ACTION_LABEL, actOn, type DeploymentAction, reasonAgainst } from "./deployment-acts";
import { slotsOf } from "@/live/slots";

const ACTIONS: readonly DeploymentAction[] = ["start", "stop", "restart", "remove"];

export function DeploymentMenu({ deployment }: { deployment: Deployment }) {
  const online = useOnline();
  const [asking, setAsking] = useState<DeploymentAction>();
  return (
    <>
      <Menu
        align="end"
        trigger={<IconButton label={`Actions on ${deployment.deployment_name}`} icon={<Ellipsis size={16} strokeWidth={1.75} />} />}
      >
        {ACTIONS.map((action) => (
          <MenuItem
            key={action}
            danger={action === "remove"}
            reason={online ? reasonAgainst(action, deployment) : "Offline"}
            onChoose={() => (action === "start" ? void actOn(action, deployment).catch(() => undefined) : setAsking(action))}
          >
            {ACTION_LABEL[action]}
          </MenuItem>
        ))}
      </Menu>
      <AskDeployments action={asking} deployments={[deployment]} onClose={() => setAsking(undefined)} />
    </>
  );
}

export function DeploymentBulk({ selection }: { selection: Selection }) {
  const online = useOnline();
  const [asking, setAsking] = useState<DeploymentAction>();
  const allowing = (action: DeploymentAction) =>
    [...selection.ids].flatMap((id) => {
      const deployment = store.get("deployment", id);
      return deployment && !reasonAgainst(action, deployment) ? [deployment] : [];
    });
  return (
    <>
      {ACTIONS.map((action) => (
        <Button
          key={action}
          reason={online ? (allowing(action).length ? undefined : "None of the selected deployments allows this") : "Offline"}
          onClick={() => setAsking(action)}
        >
          {ACTION_LABEL[action]}
        </Button>
      ))}
      <AskDeployments action={asking} deployments={asking ? allowing(asking) : []} onClose={() => setAsking(undefined)} />
    </>
  );
}

interface AskProps {
  action: DeploymentAction | undefined;
  deployments: readonly Deployment[];
  onClose: () => void;
}

export function AskDeployments({ action, deployments, onClose }: AskProps) {
  const [first] = deployments;
  if (!action || !first) return null;
  const what = deployments.length === 1 ? first.deployment_name : plural(deployments.length, "deployment");
  const slots = deployments.flatMap((each) => slotsOf(store, each.deployment_id));
  return (
    <Confirm
      open
      onClose={onClose}
      title={`${ACTION_LABEL[action]} ${what}?`}
      verb={`${ACTION_LABEL[action]} ${what}`}
      typed={action === "remove" && deployments.length === 1 ? first.deployment_name : undefined}
      onConfirm={() => Promise.all(deployments.map((each) => actOn(action, each)))}
    >
      {action === "start" && <p>Its slots are placed on hosts of its pool.</p>}
      {action === "stop" && (
        <p>{plural(slots.length, "container")} stop and are removed. Volumes stay, and so do the generations.</p>
      )}
      {action === "restart" && (
        <p>{plural(slots.length, "container")} are replaced one after the other, by the update policy. Images are pulled again.</p>
      )}
      {action === "remove" && <p>Its generations, its webhook and its text are gone. Volumes on hosts stay.</p>}
    </Confirm>
  );
}
