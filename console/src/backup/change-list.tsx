// What a restore changes, by kind, and what it leaves out.

import { useState } from "react";
import { Empty, NoMatch } from "@/parts/empty";
import { FilterBar } from "@/parts/filter-bar";
import { Chip, FilterChip } from "@/parts/chip";
import { plural } from "@/state/words";
import css from "./backup.module.css";
import type { Change, Imported, Left } from "./queries";

const ACTIONS = [
  { action: "create", label: "Created" },
  { action: "update", label: "Changed" },
  { action: "remove", label: "Removed" },
] as const;

/** Rows that are shown at once; the filter finds the others. */
const MAX_ROWS = 300;

export function ChangeList({ answer }: { answer: Imported }) {
  return (
    <>
      {answer.changes && <Changes changes={answer.changes} />}
      <LeftOut title="Secrets that are missing" lefts={answer.missing_secrets} />
      <LeftOut title="Left out" lefts={answer.skipped} />
    </>
  );
}

function Changes({ changes }: { changes: readonly Change[] }) {
  const [q, setQ] = useState("");
  const [action, setAction] = useState("");
  if (changes.length === 0) return <Empty title="Nothing would change">This instance has all that is in the file.</Empty>;
  const wanted = q.trim().toLowerCase();
  const matching = changes.filter((each) => `${each.kind} ${each.id}`.toLowerCase().includes(wanted));
  const found = matching.filter((each) => !action || each.action === action);
  const clear = () => {
    setQ("");
    setAction("");
  };
  return (
    <div className={css.changes}>
      <FilterBar value={q} placeholder="Filter changes by kind or name" onChange={setQ}>
        {ACTIONS.map((each) => (
          <FilterChip
            key={each.action}
            label={each.label}
            count={matching.filter((it) => it.action === each.action).length}
            pressed={action === each.action}
            onPress={() => setAction(action === each.action ? "" : each.action)}
          />
        ))}
      </FilterBar>
      {found.length === 0 && <NoMatch sentence={`None of ${plural(changes.length, "change")} matches.`} onClear={clear} />}
      <ul>
        {found.slice(0, MAX_ROWS).map((each) => (
          <li key={`${each.kind}/${each.id}`} className={css.change}>
            <span>{ACTIONS.find((it) => it.action === each.action)?.label}</span>
            <Chip>{each.kind}</Chip>
            <code>{each.id}</code>
          </li>
        ))}
      </ul>
      {found.length > MAX_ROWS && <p className={css.more}>{plural(found.length - MAX_ROWS, "more change")}: filter to see them.</p>}
    </div>
  );
}

function LeftOut({ title, lefts }: { title: string; lefts: readonly Left[] }) {
  if (lefts.length === 0) return null;
  return (
    <div className={css.changes}>
      <h2 className={css.head}>{title}: {lefts.length}</h2>
      <ul>
        {lefts.slice(0, MAX_ROWS).map((each) => (
          <li key={`${each.kind}/${each.id}`} className={css.left}>
            <Chip>{each.kind}</Chip>
            <code>{each.id}</code>
            <span className="muted">{each.reason}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
