// What an act on containers means for each of them.

import type { Container } from "@/live/records";
import { plural } from "@/state/words";
import type { Action } from "./container-acts";

const NAMED = 8;

export function ContainerLoss({ action, rows }: { action: Action; rows: readonly Container[] }) {
  const managed = rows.filter((row) => row.deployment_id);
  const byHand = rows.length - managed.length;
  return (
    <>
      {managed.length > 0 && <p>{plural(managed.length, "container")} of deployments: {consequence(action)}</p>}
      {byHand > 0 && <p>{plural(byHand, "container")} started by hand: {handConsequence(action)}</p>}
      <ul>
        {rows.slice(0, NAMED).map((row) => (
          <li key={row.container_id} className="mono">
            {row.container_name} <span className="muted">on {row.hostname}</span>
          </li>
        ))}
      </ul>
      {rows.length > NAMED && <p className="muted">and {rows.length - NAMED} more</p>}
    </>
  );
}

function consequence(action: Action): string {
  if (action === "restart") return "each restarts in place and keeps its id.";
  return "each is replaced at once, since its deployment wants it to run.";
}

function handConsequence(action: Action): string {
  if (action === "restart") return "each restarts in place.";
  return action === "remove" ? "each is gone with what it wrote outside of volumes." : "each stays away until it is started again.";
}
