// Acts on one pool.

import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useOnline } from "@/live/hooks";
import type { Pool } from "@/live/records";
import { IconButton } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { Menu, MenuItem } from "@/parts/menu";
import { plural } from "@/state/words";
import { removePool } from "./pool-acts";
import { PoolDialog } from "./pool-dialog";

export function PoolMenu({ pool, onRemoved }: { pool: Pool; onRemoved?: () => void }) {
  const online = useOnline();
  const [asking, setAsking] = useState<"edit" | "remove">();
  const close = () => setAsking(undefined);
  const inUse = pool.total_hosts > 0 ? `Move its ${plural(pool.total_hosts, "host")} first` : undefined;
  return (
    <>
      <Menu align="end" trigger={<IconButton label={`Actions on ${pool.name}`} icon={<Ellipsis size={16} strokeWidth={1.75} />} />}>
        <MenuItem reason={online ? undefined : "Offline"} onChoose={() => setAsking("edit")}>Edit</MenuItem>
        <MenuItem danger reason={online ? inUse : "Offline"} onChoose={() => setAsking("remove")}>Remove</MenuItem>
      </Menu>
      {asking === "edit" && <PoolDialog pool={pool} onClose={close} />}
      {asking === "remove" && (
        <Confirm open onClose={close} title={`Remove pool ${pool.name}?`} verb={`Remove ${pool.name}`} onConfirm={() => removePool(pool).then(onRemoved)}>
          <p>It has no hosts. Its name, description and tags go.</p>
        </Confirm>
      )}
    </>
  );
}
