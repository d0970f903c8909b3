// Who has a tag, to change: every pool and host with a box.

import { useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { Button } from "@/parts/button";
import { CheckField } from "@/parts/checkbox";
import { Sheet } from "@/parts/dialog";
import { Input } from "@/parts/field";
import { ProblemBox } from "@/parts/problem-box";
import { formatCount, plural } from "@/state/words";
import { changesOf } from "./bearers";
import { type Bearer, setTags } from "./tag-acts";
import css from "./tags.module.css";

const keyOf = (each: Bearer) => `${each.kind}/${each.id}`;

/** At most this many are drawn; a filter finds the others. */
const DRAWN = 200;

interface SheetProps {
  tag: string;
  bearers: readonly Bearer[];
  onClose: () => void;
}

export function BearersSheet({ tag, bearers, onClose }: SheetProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(bearers.filter((each) => each.tags.includes(tag)).map(keyOf)));
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const changes = changesOf(bearers, tag, chosen);
  const shown = bearers.filter((each) => each.name.toLowerCase().includes(text.trim().toLowerCase()));
  const toggle = (each: Bearer, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(keyOf(each));
    else next.delete(keyOf(each));
    setChosen(next);
  };
  const save = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      for (const [bearer, tags] of changes) await setTags(bearer, tags);
      onClose();
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Sheet
      open
      onClose={onClose}
      title={`Who has ${tag}`}
      acts={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" disabled={busy || changes.length === 0} onClick={() => void save()}>Change {plural(changes.length, "object")}</Button>
        </>
      }
    >
      <div className={css.sheet}>
        <Input value={text} type="search" aria-label="Filter hosts and pools" placeholder="Filter hosts and pools" onChange={(event) => setText(event.target.value)} />
        <ul className={css.choices}>
          {shown.slice(0, DRAWN).map((each) => (
            <li key={keyOf(each)}>
              <CheckField checked={chosen.has(keyOf(each))} onChange={(on) => toggle(each, on)}>
                <span className="mono">{each.name}</span> <span className="muted">{each.kind}</span>
              </CheckField>
            </li>
          ))}
        </ul>
        {shown.length > DRAWN && <p className="muted">and {formatCount(shown.length - DRAWN)} more: filter by name</p>}
        {problem && <ProblemBox problem={problem} onDismiss={() => setProblem(undefined)} />}
      </div>
    </Sheet>
  );
}
