// Draining a host: first what it would do, then the act.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call, client } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import { useDerived, useOnline } from "@/live/hooks";
import type { Host } from "@/live/records";
import { Button } from "@/parts/button";
import { Sheet } from "@/parts/dialog";
import { ForecastView } from "@/parts/forecast";
import { ProblemBox } from "@/parts/problem-box";
import { Skeleton } from "@/parts/skeleton";
import { sumForecasts } from "@/state/forecast";
import { plural } from "@/state/words";
import { actOn } from "./host-acts";
import css from "./host-page.module.css";

export function DrainSheet({ host, onClose }: { host: Host; onClose: () => void }) {
  const online = useOnline();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const { data, error, refetch } = useQuery({ queryKey: ["drain", host.host_id], gcTime: 0, queryFn: () => foresee(host.host_id) });
  const byHand = useDerived(
    ["container"],
    (store) => [...store.containersOf("host", host.host_id)].filter((id) => !store.get("container", id)?.deployment_id).length,
    [host.host_id],
  );
  const drain = () => {
    setBusy(true);
    actOn("drain", host).then(onClose, (thrown: unknown) => setProblem(asProblem(thrown))).finally(() => setBusy(false));
  };
  const name = host.info.hostname;
  return (
    <Sheet
      open
      onClose={onClose}
      title={`Drain ${name}?`}
      acts={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" disabled={busy} reason={online ? undefined : "Offline"} onClick={drain}>Drain {name}</Button>
        </>
      }
    >
      <div className={css.drain}>
        <p>Its slots move to other hosts of the pool, one after the other. It takes no new ones until it is activated.</p>
        {!data && !error && <Skeleton rows={4} />}
        {error && <ProblemBox problem={asProblem(error)} title="What it would do is not known" onRetry={() => void refetch()} />}
        {data && <ForecastView forecast={data} />}
        {byHand > 0 && <p>{plural(byHand, "container")} started by hand {byHand === 1 ? "is" : "are"} left alone.</p>}
        {problem && <ProblemBox problem={problem} onDismiss={() => setProblem(undefined)} />}
      </div>
    </Sheet>
  );
}

async function foresee(id: string) {
  const params = { path: { host_id: id }, query: { dry_run: "full" as const } };
  const answer = await call(client.POST("/api/v2/hosts/{host_id}/drain", { params }));
  return sumForecasts("plans" in answer ? [answer] : []);
}
