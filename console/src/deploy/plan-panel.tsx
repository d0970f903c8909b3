// The right side of Deploy and Change: what it would do, and why slots wait.

import { Panel } from "@/parts/page";
import { PlanPart } from "@/parts/plan/plan-view";
import type { Planning } from "@/parts/plan/use-plan";
import css from "./deploy.module.css";

interface PlanPanelProps {
  planning: Planning;
  /** What stands there while there is nothing to plan. */
  none: string;
  /** Said above the plan. */
  note?: string;
}

export function PlanPanel({ planning, none, note }: PlanPanelProps) {
  const { plan, problem, pending } = planning;
  return (
    <Panel title="Plan">
      {note && plan && <p className={css.note}>{note}</p>}
      {!plan && !problem && !pending && <p className={css.note}>{none}</p>}
      {problem ? (
        <div className={css.inPanel}>
          <PlanPart planning={planning} />
        </div>
      ) : (
        <PlanPart planning={planning} />
      )}
    </Panel>
  );
}
