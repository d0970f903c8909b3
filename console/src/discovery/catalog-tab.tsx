// The catalog: services at the left, the instances of one at the right.

import { useState } from "react";
import { asProblem } from "@/api/problem";
import { useOnline } from "@/live/hooks";
import { Button } from "@/parts/button";
import { Chip } from "@/parts/chip";
import { Empty, NoMatch } from "@/parts/empty";
import { FilterBar } from "@/parts/filter-bar";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { usePageSearch } from "@/parts/search";
import { Skeleton } from "@/parts/skeleton";
import { plural } from "@/state/words";
import css from "./discovery.module.css";
import { EntriesPanel } from "./entries-panel";
import { EntrySheet } from "./entry-sheet";
import { useCatalog } from "./queries";

/** Rows that are shown at once; the filter finds the others. */
const MAX_ROWS = 300;

export function CatalogTab() {
  const { data, error, refetch } = useCatalog();
  const online = useOnline();
  const [{ q, service }, change] = usePageSearch({ q: "", service: "" });
  const [adding, setAdding] = useState(false);
  if (error) return <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton onRetry={() => void refetch()} />;
  const add = <Button look="main" reason={online ? undefined : "Offline"} onClick={() => setAdding(true)}>New entry</Button>;
  return (
    <>
      <div className={css.split}>
        <Panel className={service ? css.behind : ""}>
          <FilterBar
            value={q}
            placeholder="Filter by service or tag"
            onChange={(next) => change({ q: next })}
            end={add}
          />
          <ServiceList services={Object.entries(data)} q={q} current={service} onOpen={(name) => change({ service: name })} onClear={() => change({ q: "" })} />
        </Panel>
        {service ? (
          <EntriesPanel service={service} onBack={() => change({ service: "" })} />
        ) : (
          <Panel className={css.aside}><Empty title="Choose a service">Its instances appear here, with address, port and tags.</Empty></Panel>
        )}
      </div>
      {adding && <EntrySheet onClose={() => setAdding(false)} onSaved={(name) => change({ service: name })} />}
    </>
  );
}

interface ServiceListProps {
  services: readonly [name: string, tags: string[]][];
  q: string;
  current: string;
  onOpen: (name: string) => void;
  onClear: () => void;
}

function ServiceList({ services, q, current, onOpen, onClear }: ServiceListProps) {
  const wanted = q.trim().toLowerCase();
  const found = services.filter(([name, tags]) => [name, ...tags].some((each) => each.toLowerCase().includes(wanted)));
  if (services.length === 0) {
    return <Empty title="The catalog is empty">Ports of running containers appear here by themselves. Add an entry for what runs elsewhere.</Empty>;
  }
  if (found.length === 0) return <NoMatch sentence={`None of ${plural(services.length, "service")} matches “${q}”.`} onClear={onClear} />;
  return (
    <>
      <ul>
        {found.slice(0, MAX_ROWS).map(([name, tags]) => (
          <li key={name}>
            <button type="button" className={css.row} aria-current={name === current ? "true" : undefined} onClick={() => onOpen(name)}>
              <span className={`mono ${css.text}`}>{name}</span>
              <span>{tags.map((tag) => <Chip key={tag}>{tag}</Chip>)}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length > MAX_ROWS && <p className={css.more}>{plural(found.length - MAX_ROWS, "more service")}: filter to see them.</p>}
    </>
  );
}
