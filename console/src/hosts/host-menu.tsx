// Acts on one host.

import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useOnline } from "@/live/hooks";
import type { Host } from "@/live/records";
import { IconButton } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { Menu, MenuItem } from "@/parts/menu";
import { DrainSheet } from "./drain-sheet";
import { ACTION_LABEL, actOn, HOST_ACTIONS, type HostAction, MEANING, reasonAgainst } from "./host-acts";
import { RevokeDialog } from "./revoke-dialog";

export function HostMenu({ host }: { host: Host }) {
  const online = useOnline();
  const [asking, setAsking] = useState<HostAction>();
  const name = host.info.hostname;
  return (
    <>
      <Menu align="end" trigger={<IconButton label={`Actions on ${name}`} icon={<Ellipsis size={16} strokeWidth={1.75} />} />}>
        {HOST_ACTIONS.map((action) => (
          <MenuItem
            key={action}
            danger={action === "revoke" || action === "remove"}
            reason={online ? reasonAgainst(action, host) : "Offline"}
            onChoose={() => setAsking(action)}
          >
            {ACTION_LABEL[action]}
          </MenuItem>
        ))}
      </Menu>
      {asking === "drain" && <DrainSheet host={host} onClose={() => setAsking(undefined)} />}
      {asking === "revoke" && <RevokeDialog host={host} onClose={() => setAsking(undefined)} />}
      {asking && asking !== "drain" && asking !== "revoke" && (
        <Confirm
          open
          onClose={() => setAsking(undefined)}
          title={`${ACTION_LABEL[asking]} ${name}?`}
          verb={`${ACTION_LABEL[asking]} ${name}`}
          onConfirm={() => actOn(asking, host)}
        >
          <p>{MEANING[asking]}</p>
        </Confirm>
      )}
    </>
  );
}
