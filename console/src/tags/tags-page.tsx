// Tags: who has what?

import { Plus } from "lucide-react";
import { useState } from "react";
import { useDerived, useLoaded, useOnline } from "@/live/hooks";
import { AskedMark } from "@/parts/asked-mark";
import { Button } from "@/parts/button";
import { Chip } from "@/parts/chip";
import { Confirm } from "@/parts/confirm";
import { Empty, NoMatch } from "@/parts/empty";
import { Field, Input } from "@/parts/field";
import { FilterBar } from "@/parts/filter-bar";
import { Page } from "@/parts/page";
import { Ref } from "@/parts/ref";
import { usePageSearch } from "@/parts/search";
import { Skeleton } from "@/parts/skeleton";
import { compareNames } from "@/state/order";
import { formatCount, plural } from "@/state/words";
import css from "@/styles/list.module.css";
import { BearersSheet } from "./bearers-sheet";
import { listBearers } from "./bearers";
import { type Bearer, createTag, removeTag } from "./tag-acts";
import own from "./tags.module.css";

export function TagsPage() {
  const [search, change] = usePageSearch({ q: "" });
  const online = useOnline();
  const loaded = useLoaded("tag");
  const [adding, setAdding] = useState(false);
  const all = useDerived(["tag"], (store) => [...store.all("tag").keys()].sort(compareNames), []);
  const bearers = useDerived(["host", "pool"], listBearers, [], 2);
  const words = search.q.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = all.filter((tag) => words.every((word) => tag.toLowerCase().includes(word)));
  const add = <Button look="main" reason={online ? undefined : "Offline"} onClick={() => setAdding(true)}><Plus size={16} aria-hidden="true" /> New tag</Button>;
  return (
    <Page title="Tags" name="Tags" note={loaded && <span className="mono">{formatCount(shown.length)} of {formatCount(all.length)}</span>} acts={add}>
      <section className={css.list}>
        <FilterBar value={search.q} placeholder="Filter tags" onChange={(q) => change({ q })} />
        {!loaded && <Skeleton rows={4} />}
        {loaded && all.length === 0 && (
          <Empty title="No tags" acts={add}>
            Tags choose hosts: a service with <code>occs:availability=per-tag</code> runs on the hosts that have its tag.
          </Empty>
        )}
        {all.length > 0 && shown.length === 0 && <NoMatch sentence={`None of ${plural(all.length, "tag")} match`} onClear={() => change({ q: "" })} />}
        <ul>
          {shown.map((tag) => <TagRow key={tag} tag={tag} bearers={bearers} />)}
        </ul>
      </section>
      {adding && <NewTag onClose={() => setAdding(false)} />}
    </Page>
  );
}

/** At most this many are named; the rest are counted. */
const NAMED = 8;

function TagRow({ tag, bearers }: { tag: string; bearers: readonly Bearer[] }) {
  const online = useOnline() ? undefined : "Offline";
  const [asking, setAsking] = useState<"bearers" | "remove">();
  const close = () => setAsking(undefined);
  const bearing = bearers.filter((each) => each.tags.includes(tag));
  return (
    <li className={own.row}>
      <span><Chip>{tag}</Chip> <AskedMark kind="tag" id={tag} /></span>
      <Bearers bearers={bearing} />
      <span className={own.acts}>
        <Button look="quiet" reason={online} onClick={() => setAsking("bearers")}>Change</Button>
        <Button look="quiet" reason={online} onClick={() => setAsking("remove")}>Remove</Button>
      </span>
      {asking === "bearers" && <BearersSheet tag={tag} bearers={bearers} onClose={close} />}
      {asking === "remove" && (
        <Confirm open onClose={close} title={`Remove tag ${tag}?`} verb={`Remove ${tag}`} onConfirm={() => removeTag(tag)}>
          {bearing.length === 0 ? <p>No host or pool has it.</p> : <p>It is taken off {plural(bearing.length, "host or pool", "hosts and pools")}. Slots that ask for it find other hosts or wait:</p>}
          <Bearers bearers={bearing} />
        </Confirm>
      )}
    </li>
  );
}

function Bearers({ bearers }: { bearers: readonly Bearer[] }) {
  if (bearers.length === 0) return <span className="muted">No host or pool</span>;
  return (
    <span className={own.bearers}>
      {bearers.slice(0, NAMED).map((each) => (
        <Ref key={`${each.kind}/${each.id}`} kind={each.kind} id={each.id} className="mono">
          {each.kind === "pool" ? `pool ${each.name}` : each.name}
        </Ref>
      ))}
      {bearers.length > NAMED && <span className="muted">and {formatCount(bearers.length - NAMED)} more</span>}
    </span>
  );
}

function NewTag({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  return (
    <Confirm open onClose={onClose} title="New tag" verb="Create tag" complete={name.trim() !== ""} onConfirm={() => createTag(name.trim())}>
      <Field label="Tag" note="Lower-case letters, digits and dashes.">
        <Input value={name} autoComplete="off" className="mono" onChange={(event) => setName(event.target.value)} />
      </Field>
    </Confirm>
  );
}
