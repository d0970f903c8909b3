// Acts on one registry.

import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useOnline } from "@/live/hooks";
import type { Registry } from "@/live/records";
import { IconButton } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { Menu, MenuItem } from "@/parts/menu";
import { plural } from "@/state/words";
import { checkRegistry } from "./checks";
import { removeRegistry } from "./registry-acts";
import { RegistryDialog } from "./registry-dialog";

export function RegistryMenu({ registry, images }: { registry: Registry; images: number }) {
  const online = useOnline() ? undefined : "Offline";
  const [asking, setAsking] = useState<"edit" | "remove">();
  const close = () => setAsking(undefined);
  return (
    <>
      <Menu align="end" trigger={<IconButton label={`Actions on ${registry.url}`} icon={<Ellipsis size={16} strokeWidth={1.75} />} />}>
        <MenuItem reason={online} onChoose={() => void checkRegistry(registry)}>Check login</MenuItem>
        <MenuItem reason={online} onChoose={() => setAsking("edit")}>Edit</MenuItem>
        <MenuItem danger reason={online} onChoose={() => setAsking("remove")}>Remove</MenuItem>
      </Menu>
      {asking === "edit" && <RegistryDialog registry={registry} onClose={close} />}
      {asking === "remove" && (
        <Confirm open onClose={close} title={`Remove ${registry.url}?`} verb="Remove registry" onConfirm={() => removeRegistry(registry)}>
          <p>Its login goes. Its images are pulled without one afterwards.</p>
          {images > 0 && <p>Containers run {plural(images, "image")} of it. They keep running.</p>}
        </Confirm>
      )}
    </>
  );
}
