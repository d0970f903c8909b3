// Scaling: a number per service, and what it would do before it is done.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { act } from "@/api/act";
import { call, client } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { Deployment } from "@/live/records";
import { store } from "@/live/store";
import { Button } from "@/parts/button";
import { Sheet } from "@/parts/dialog";
import { ProblemBox } from "@/parts/problem-box";
import { NumberField } from "@/parts/select";
import { Why } from "@/parts/why";
import { plural } from "@/state/words";
import css from "./scale-sheet.module.css";
import { describe, differences, type Quantities } from "./scaling";

const SETTLE_MS = 250;

export function ScaleSheet({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const { deployment_id: id, deployment_name: name } = deployment;
  const [quantities, setQuantities] = useState<Quantities>(deployment.quantities);
  const [problem, setProblem] = useState<Problem>();
  const change = differences(deployment.quantities, quantities);
  const scale = () =>
    act({ kind: "deployment", id, name }, "Scaling", (headers) =>
      client.PUT("/api/v2/deployments/{deployment_id}", { params: { path: { deployment_id: id } }, headers, body: { quantities } }),
    ).then(onClose, (thrown: unknown) => setProblem(asProblem(thrown)));
  return (
    <Sheet
      open
      onClose={onClose}
      title={`Scale ${name}`}
      acts={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="main" disabled={change.added + change.removed === 0} onClick={() => void scale()}>
            {describe(change)}
          </Button>
        </>
      }
    >
      <div className={css.body}>
        <ul className={css.services}>
          {Object.entries(quantities).map(([service, count]) => (
            <li key={service}>
              <span>{service}</span>
              <NumberField label={`Slots of ${service}`} value={count} onChange={(next) => setQuantities({ ...quantities, [service]: next })} />
            </li>
          ))}
        </ul>
        {change.added > 0 && <Preview id={id} quantities={quantities} />}
        {change.removed > 0 && <p>{plural(change.removed, "container")} with the highest numbers stop and are removed. Volumes stay.</p>}
        {problem && <ProblemBox problem={problem} onDismiss={() => setProblem(undefined)} />}
      </div>
    </Sheet>
  );
}

function Preview({ id, quantities }: { id: string; quantities: Quantities }) {
  const settled = useSettled(quantities);
  const { data, error } = useQuery({
    queryKey: ["scale", id, settled],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const params = { path: { deployment_id: id }, query: { dry_run: "once" as const } };
      const answer = await call(client.PUT("/api/v2/deployments/{deployment_id}", { params, body: { quantities: settled } }));
      return "plan" in answer && "placements" in answer.plan ? answer.plan : undefined;
    },
  });
  if (error) return <ProblemBox problem={asProblem(error)} />;
  if (!data) return null;
  const [waiting] = data.unplaced;
  return (
    <>
      <p>
        Hosts found for {plural(data.placements.length, "slot")}
        {data.unplaced.length > 0 && `; ${data.unplaced.length} would wait`}.
      </p>
      <ul className={css.placements}>
        {data.placements.map((each) => (
          <li key={`${each.service_id}.${each.service_slot}`} className="mono">
            {each.service_id} {each.service_slot} → {each.hostname}
          </li>
        ))}
      </ul>
      {waiting && (
        <Why
          title={`Why ${waiting.service_id} ${waiting.service_slot} finds no host`}
          reasons={waiting.reasons}
          nameOf={(host) => store.get("host", host)?.info.hostname ?? host}
        />
      )}
    </>
  );
}

/** Return the quantities once they have not changed for a moment. */
function useSettled(quantities: Quantities): Quantities {
  const [settled, setSettled] = useState(quantities);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(quantities), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [quantities]);
  return settled;
}
