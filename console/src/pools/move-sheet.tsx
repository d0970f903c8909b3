// Moving hosts into a pool: which, what it would do, then the act.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { useDerived, useOnline } from "@/live/hooks";
import type { Host, Pool } from "@/live/records";
import { Button } from "@/parts/button";
import { CheckField } from "@/parts/checkbox";
import { Sheet } from "@/parts/dialog";
import { Empty } from "@/parts/empty";
import { ForecastView } from "@/parts/forecast";
import { ProblemBox } from "@/parts/problem-box";
import { Skeleton } from "@/parts/skeleton";
import { compareNames } from "@/state/order";
import { plural } from "@/state/words";
import { foreseeMoves, moveHost } from "./pool-acts";
import css from "./pools.module.css";

/** At most this many moves are tried at once; more are shown without a preview. */
const PREVIEWED = 5;

export function MoveSheet({ pool, onClose }: { pool: Pool; onClose: () => void }) {
  const online = useOnline();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const others = useDerived(
    ["host"],
    (store) => [...store.all("host").values()].filter((each) => each.info.pool_id !== pool.id).sort((a, b) => compareNames(a.info.hostname, b.info.hostname)),
    [pool.id],
  );
  const selected = others.filter((host) => chosen.includes(host.host_id));
  const toggle = (host: Host, on: boolean) => setChosen(on ? [...chosen, host.host_id] : chosen.filter((id) => id !== host.host_id));
  const move = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      for (const host of selected) await moveHost(host, pool.id);
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
      title={`Move hosts to ${pool.name}`}
      acts={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" disabled={busy || selected.length === 0} reason={online ? undefined : "Offline"} onClick={() => void move()}>
            Move {plural(selected.length, "host")}
          </Button>
        </>
      }
    >
      <div className={css.move}>
        {others.length === 0 && <Empty title="Every host is in this pool" />}
        <ul className={css.choices}>
          {others.map((host) => (
            <li key={host.host_id}>
              <CheckField checked={chosen.includes(host.host_id)} onChange={(on) => toggle(host, on)}>
                <span className="mono">{host.info.hostname}</span> <span className="muted">{host.info.pool_id}, {plural(host.info.running_cnts, "container")}</span>
              </CheckField>
            </li>
          ))}
        </ul>
        {selected.length > 0 && <Preview ids={selected.map((host) => host.host_id)} poolId={pool.id} />}
        {problem && <ProblemBox problem={problem} onDismiss={() => setProblem(undefined)} />}
      </div>
    </Sheet>
  );
}

function Preview({ ids, poolId }: { ids: readonly string[]; poolId: string }) {
  const few = ids.length <= PREVIEWED;
  const { data, error } = useQuery({
    queryKey: ["move", poolId, ids],
    enabled: few,
    gcTime: 0,
    placeholderData: keepPreviousData,
    queryFn: () => foreseeMoves(ids, poolId),
  });
  if (!few) return <p className="muted">What it would do is shown for at most {PREVIEWED} hosts.</p>;
  if (error) return <ProblemBox problem={asProblem(error)} title="What it would do is not known" />;
  if (!data) return <Skeleton rows={3} />;
  return (
    <section>
      <p className="muted">{ids.length > 1 ? "What each move alone would do, added up:" : "What it would do:"}</p>
      <ForecastView forecast={data} />
    </section>
  );
}
