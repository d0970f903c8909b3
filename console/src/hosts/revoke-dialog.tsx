// Revoking a host's access: says what ends, what moves and what goes on, before it is done.

import { useDerived } from "@/live/hooks";
import type { Host } from "@/live/records";
import { Confirm } from "@/parts/confirm";
import { plural } from "@/state/words";
import { actOn } from "./host-acts";
import css from "./host-page.module.css";

export function RevokeDialog({ host, onClose }: { host: Host; onClose: () => void }) {
  const { host_id: id, info } = host;
  const managed = useDerived(
    ["container"],
    (store) => [...store.containersOf("host", id)].filter((each) => store.get("container", each)?.deployment_id).length,
    [id],
  );
  return (
    <Confirm open onClose={onClose} title={`Revoke the access of ${info.hostname}?`} verb="Revoke access" onConfirm={() => actOn("revoke", host)}>
      <p>Do this when the machine is no longer trusted. It cannot be undone: the host comes back only by joining again.</p>
      <ul className={css.list}>
        <li>Its credential is void, and its session ends at once.</li>
        {managed > 0 && <li>{plural(managed, "slot")} on it {managed === 1 ? "counts" : "count"} as lost and {managed === 1 ? "moves" : "move"} to other hosts. The keys of their containers go.</li>}
        <li>What runs on the machine goes on there, since nobody can stop it from here any more.</li>
      </ul>
      <p className="muted">It may have kept the join token: make a new one under Add host.</p>
    </Confirm>
  );
}
