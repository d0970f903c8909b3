// Acts on one image.

import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useOnline } from "@/live/hooks";
import { IconButton } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { Menu, MenuItem } from "@/parts/menu";
import { plural } from "@/state/words";
import { removeImage } from "./image-acts";
import { type ImageRow, usesOf } from "./image-rows";
import { useUsage } from "./queries";
import { RunDialog } from "./run-dialog";

export function ImageMenu({ row }: { row: ImageRow }) {
  const online = useOnline();
  const used = useUsage();
  const [asking, setAsking] = useState<"run" | "remove">();
  const close = () => setAsking(undefined);
  const uses = usesOf(row, used);
  const reason = online ? (row.named ? undefined : "It has no name") : "Offline";
  const remove = () => Promise.all(row.copies.map(({ hostId, hostname }) => removeImage({ hostId, hostname, image: row.id })));
  return (
    <>
      <Menu align="end" trigger={<IconButton label={`Actions on ${row.id}`} icon={<Ellipsis size={16} strokeWidth={1.75} />} />}>
        <MenuItem reason={reason} onChoose={() => setAsking("run")}>Run</MenuItem>
        <MenuItem danger reason={reason} onChoose={() => setAsking("remove")}>Remove</MenuItem>
      </Menu>
      {asking === "run" && <RunDialog row={row} onClose={close} />}
      {asking === "remove" && (
        <Confirm open onClose={close} title={`Remove ${row.id}?`} verb={`Remove from ${plural(row.copies.length, "host")}`} onConfirm={remove}>
          <p>The name is taken off the image on {plural(row.copies.length, "host")}. The image itself goes with its last name.</p>
          {uses > 0 && <p>{plural(uses, "container")} of it exist: a host refuses to remove an image that it runs.</p>}
        </Confirm>
      )}
    </>
  );
}
