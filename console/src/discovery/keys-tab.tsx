// The keys: a tree by "/" at the left, the value of one at the right.

import { useState } from "react";
import { asProblem } from "@/api/problem";
import { useOnline } from "@/live/hooks";
import { Button } from "@/parts/button";
import { Empty, NoMatch } from "@/parts/empty";
import { FilterBar } from "@/parts/filter-bar";
import { Panel } from "@/parts/page";
import { ProblemBox } from "@/parts/problem-box";
import { usePageSearch } from "@/parts/search";
import { Skeleton } from "@/parts/skeleton";
import { plural } from "@/state/words";
import css from "./discovery.module.css";
import { KeyPanel } from "./key-panel";
import { KeyTree, MatchingKeys } from "./key-tree-view";
import { NewKey } from "./new-key";
import { useKeyNames } from "./queries";

export function KeysTab() {
  const { data, error, refetch } = useKeyNames();
  const online = useOnline();
  const [{ q, key }, change] = usePageSearch({ q: "", key: "" });
  const [adding, setAdding] = useState(false);
  if (error) return <ProblemBox problem={asProblem(error)} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton onRetry={() => void refetch()} />;
  const open = (name: string) => change({ key: name });
  return (
    <>
      <div className={css.split}>
        <Panel className={key ? css.behind : ""}>
          <FilterBar
            value={q}
            placeholder={`Filter ${plural(data.length, "key")}`}
            onChange={(next) => change({ q: next })}
            end={<Button look="main" reason={online ? undefined : "Offline"} onClick={() => setAdding(true)}>New key</Button>}
          />
          <KeyList names={data} q={q} current={key} onOpen={open} onClear={() => change({ q: "" })} />
        </Panel>
        {key ? (
          <KeyPanel key={key} name={key} onBack={() => open("")} />
        ) : (
          <Panel className={css.aside}><Empty title="Choose a key">Its value appears here, to read and to change.</Empty></Panel>
        )}
      </div>
      {adding && <NewKey near={key} onClose={() => setAdding(false)} onMade={open} />}
    </>
  );
}

interface KeyListProps {
  names: readonly string[];
  q: string;
  current: string;
  onOpen: (name: string) => void;
  onClear: () => void;
}

function KeyList({ names, q, current, onOpen, onClear }: KeyListProps) {
  const wanted = q.trim().toLowerCase();
  if (names.length === 0) return <Empty title="There are no keys">Definitions and programs read shared values from here.</Empty>;
  if (!wanted) return <KeyTree names={names} current={current} onOpen={onOpen} />;
  const found = names.filter((name) => name.toLowerCase().includes(wanted));
  if (found.length === 0) return <NoMatch sentence={`None of ${plural(names.length, "key")} matches “${q}”.`} onClear={onClear} />;
  return <MatchingKeys names={found} current={current} onOpen={onOpen} />;
}
