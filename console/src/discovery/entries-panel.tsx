// The instances of one service: automatic ones to read, own ones to change.

import { useQueryClient } from "@tanstack/react-query";
import { ChevronLeft } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { useOnline } from "@/live/hooks";
import { Button, IconButton } from "@/parts/button";
import { Chip } from "@/parts/chip";
import { Confirm } from "@/parts/confirm";
import { CopyText } from "@/parts/copy-text";
import { Empty } from "@/parts/empty";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { Ref } from "@/parts/ref";
import { Skeleton } from "@/parts/skeleton";
import css from "./discovery.module.css";
import { EntrySheet } from "./entry-sheet";
import { deregisterEntry, type Entry, useEntries } from "./queries";

const AUTOMATIC = /^([0-9a-f]{64}):\d{1,5}$/;

const addressOfEntry = (entry: Entry) => `${entry.Address.includes(":") ? `[${entry.Address}]` : entry.Address}${entry.Port ? `:${entry.Port}` : ""}`;

export function EntriesPanel({ service, onBack }: { service: string; onBack: () => void }) {
  const { data, error, refetch } = useEntries(service);
  const queries = useQueryClient();
  const [editing, setEditing] = useState<Entry>();
  const [removing, setRemoving] = useState<Entry>();
  return (
    <Panel
      title={
        <span className={css.title}>
          <IconButton small label="Back to all services" icon={<ChevronLeft size={16} strokeWidth={1.75} />} onClick={onBack} />
          <span className="mono">{service}</span>
        </span>
      }
    >
      {error && <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton rows={3} onRetry={() => void refetch()} />}
      {data?.length === 0 && <Empty title="No instance is reachable">They left the catalog, or never entered it.</Empty>}
      <ul>
        {data?.map((entry) => (
          <EntryRow key={entry.ID} entry={entry} onEdit={() => setEditing(entry)} onRemove={() => setRemoving(entry)} />
        ))}
      </ul>
      {editing && <EntrySheet entry={editing} onClose={() => setEditing(undefined)} />}
      {removing && (
        <Confirm
          open
          onClose={() => setRemoving(undefined)}
          title={`Remove ${removing.ID}?`}
          verb="Remove entry"
          onConfirm={async () => {
            await deregisterEntry(removing.ID);
            await queries.invalidateQueries({ queryKey: ["catalog"] });
          }}
        >
          <p>Lookups of <code>{removing.Service}</code> do not return <code>{addressOfEntry(removing)}</code> any more. What runs there goes on.</p>
        </Confirm>
      )}
    </Panel>
  );
}

function EntryRow({ entry, onEdit, onRemove }: { entry: Entry; onEdit: () => void; onRemove: () => void }) {
  const online = useOnline();
  const container = AUTOMATIC.exec(entry.ID)?.[1];
  const address = addressOfEntry(entry);
  const reason = online ? undefined : "Offline";
  return (
    <li className={css.entry}>
      <span className={css.address}>
        <code>{address}</code>
        <CopyText text={address} label={`Copy ${address}`} />
      </span>
      <span className={css.text}>
        {container ? (
          <>container <Ref kind="container" id={container} className="mono">{container.slice(0, 12)}</Ref></>
        ) : (
          <code className="muted">{entry.ID}</code>
        )}
      </span>
      <span>{entry.Tags.map((tag) => <Chip key={tag}>{tag}</Chip>)}</span>
      <span className={css.acts}>
        {!container && <Button reason={reason} aria-label={`Edit ${entry.ID}`} onClick={onEdit}>Edit</Button>}
        {!container && <Button look="quiet" reason={reason} aria-label={`Remove ${entry.ID}`} onClick={onRemove}>Remove</Button>}
      </span>
    </li>
  );
}
