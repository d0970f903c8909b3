// Scaling: a number per service, and what it would do before it is done.

import { useState } from "react";
import { act } from "@/api/act";
import { client } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { Deployment } from "@/live/records";
import { Button } from "@/parts/button";
import { Sheet } from "@/parts/dialog";
import { PlanPart } from "@/parts/plan/plan-view";
import { usePlan } from "@/parts/plan/use-plan";
import { ProblemBox } from "@/parts/problem-box";
import { NumberField } from "@/parts/select";
import css from "./scale-sheet.module.css";
import { describe, differences, type Quantities } from "./scaling";

export function ScaleSheet({ deployment, onClose }: { deployment: Deployment; onClose: () => void }) {
  const { deployment_id: id, deployment_name: name } = deployment;
  const [quantities, setQuantities] = useState<Quantities>(deployment.quantities);
  const [problem, setProblem] = useState<Problem>();
  const change = differences(deployment.quantities, quantities);
  const changed = change.added + change.removed > 0;
  const planning = usePlan(id, changed ? { quantities } : undefined, (body, signal) =>
    client.PUT("/api/v2/deployments/{deployment_id}", { params: { path: { deployment_id: id }, query: { dry_run: "full" } }, body, signal }),
  );
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
          <Button look="main" disabled={!changed} onClick={() => void scale()}>
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
        {changed && (
          <div className={css.plan}>
            <PlanPart planning={planning} />
          </div>
        )}
        {change.removed > 0 && <p>Slots with the highest numbers go. Volumes stay.</p>}
        {problem && <ProblemBox problem={problem} onDismiss={() => setProblem(undefined)} />}
      </div>
    </Sheet>
  );
}
