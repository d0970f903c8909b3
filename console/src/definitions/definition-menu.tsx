// Acts on one definition, behind a button.

import { useNavigate } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useOnline } from "@/live/hooks";
import type { Definition } from "@/live/records";
import { store } from "@/live/store";
import { IconButton } from "@/parts/button";
import { Confirm } from "@/parts/confirm";
import { Menu, MenuItem } from "@/parts/menu";
import { addressOf, keepPool, Ref } from "@/parts/ref";
import { saveText } from "@/parts/logs/save-log";
import { removeDefinition } from "./definition-acts";
import { deploymentsOf } from "./definition-rows";
import type { DefinitionKind } from "./kinds";

interface DefinitionMenuProps {
  kind: DefinitionKind;
  definition: Definition;
  /** In a list; the editor has these as buttons. */
  listed?: boolean;
  onRemoved?: () => void;
}

export function DefinitionMenu({ kind, definition, listed = false, onRemoved }: DefinitionMenuProps) {
  const online = useOnline();
  const navigate = useNavigate();
  const [removing, setRemoving] = useState(false);
  const { service_id: id, service_name: name } = definition;
  return (
    <>
      <Menu align="end" trigger={<IconButton label={`Actions on ${name}`} icon={<Ellipsis size={16} strokeWidth={1.75} />} />}>
        {listed && <MenuItem onChoose={() => void navigate({ to: addressOf(kind, id), search: keepPool as never })}>Edit</MenuItem>}
        {listed && <MenuItem onChoose={() => void navigate({ to: "/deploy", search: { definition: id, kind } as never })}>Deploy</MenuItem>}
        <MenuItem onChoose={() => saveText(`${name}.yml`, definition.content)}>Download</MenuItem>
        <MenuItem danger reason={online ? undefined : "Offline"} onChoose={() => setRemoving(true)}>
          Remove
        </MenuItem>
      </Menu>
      <Confirm
        open={removing}
        onClose={() => setRemoving(false)}
        title={`Remove ${name}?`}
        verb={`Remove ${name}`}
        onConfirm={async () => {
          await removeDefinition(kind, definition);
          onRemoved?.();
        }}
      >
        <p>The stored text is gone.</p>
        <Copies kind={kind} id={id} />
      </Confirm>
    </>
  );
}

/** The deployments of a definition, which stay when it is removed. */
function Copies({ kind, id }: { kind: DefinitionKind; id: string }) {
  const deployments = deploymentsOf(store, kind, id);
  if (!deployments.length) return <p>No deployment came from it.</p>;
  return (
    <p>
      Deployments have their own copy and go on:{" "}
      {deployments.map((each, index) => (
        <span key={each.deployment_id}>
          {index > 0 && ", "}
          <Ref kind="deployment" id={each.deployment_id} className="mono">
            {each.deployment_name}
          </Ref>
        </span>
      ))}
      .
    </p>
  );
}
