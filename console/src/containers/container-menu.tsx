// Acts on one container behind its row's button, and on the selected ones above the list.

import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useOnline } from "@/live/hooks";
import type { Container } from "@/live/records";
import { store } from "@/live/store";
import { Button, IconButton } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { Menu, MenuItem } from "@/parts/menu";
import type { Selection } from "@/parts/selection";
import { plural } from "@/state/words";
import { type Action, ACTION_LABEL, ACTIONS, actOn, actOnAll, LOSSY, reasonAgainst } from "./container-acts";
import { ContainerLoss } from "./container-loss";

type Target = readonly (readonly [id: string, row: Container])[];

export function ContainerMenu({ id, row }: { id: string; row: Container }) {
  const online = useOnline();
  const [asking, setAsking] = useState<Action>();
  const choose = (action: Action) => {
    if (LOSSY.has(action)) setAsking(action);
    else void actOn(action, id, row).catch(() => undefined);
  };
  return (
    <>
      <Menu align="end" trigger={<IconButton label={`Actions on ${row.container_name}`} icon={<Ellipsis size={16} strokeWidth={1.75} />} />}>
        {ACTIONS.map((action) => (
          <MenuItem
            key={action}
            danger={action === "kill" || action === "remove"}
            reason={online ? reasonAgainst(action, row) : "Offline"}
            onChoose={() => choose(action)}
          >
            {ACTION_LABEL[action]}
          </MenuItem>
        ))}
      </Menu>
      <AskContainers action={asking} target={[[id, row]]} onClose={() => setAsking(undefined)} />
    </>
  );
}

export function ContainerBulk({ selection }: { selection: Selection }) {
  const online = useOnline();
  const [asking, setAsking] = useState<{ action: Action; target: Target }>();
  const targetOf = (action: Action): Target =>
    [...selection.ids].flatMap((id) => {
      const row = store.get("container", id);
      return row && !reasonAgainst(action, row) ? [[id, row] as const] : [];
    });
  const choose = (action: Action) => {
    const target = targetOf(action);
    if (LOSSY.has(action)) setAsking({ action, target });
    else void actOnAll(action, target);
  };
  const reasonOf = (action: Action) =>
    !online ? "Offline" : targetOf(action).length === 0 ? "None of the selected containers allows this" : undefined;
  return (
    <>
      {ACTIONS.map((action) => (
        <Button key={action} reason={reasonOf(action)} onClick={() => choose(action)}>
          {ACTION_LABEL[action]}
        </Button>
      ))}
      <AskContainers action={asking?.action} target={asking?.target ?? []} onClose={() => setAsking(undefined)} />
    </>
  );
}

interface AskContainersProps {
  action: Action | undefined;
  target: Target;
  onClose: () => void;
}

export function AskContainers({ action, target, onClose }: AskContainersProps) {
  if (!action) return null;
  const [first] = target;
  const what = target.length === 1 && first ? first[1].container_name : plural(target.length, "container");
  return (
    <Confirm
      open
      onClose={onClose}
      title={`${ACTION_LABEL[action]} ${what}?`}
      verb={`${ACTION_LABEL[action]} ${what}`}
      onConfirm={async () => {
        await actOnAll(action, target);
      }}
    >
      <ContainerLoss action={action} rows={target.map(([, row]) => row)} />
    </Confirm>
  );
}
