// A plan: how many slots find a host, what becomes of each service, and why slots wait.

import type { Schemas } from "@/api/client";
import { store } from "@/live/store";
import { formatCount, plural } from "@/state/words";
import { Berths } from "../berths";
import { ProblemBox } from "../problem-box";
import { Skeleton } from "../skeleton";
import { Why } from "../why";
import { conditionsOf, countPlan, describeCounts, describeSlots, groupByService, type Plan, type PlannedService } from "./plan";
import css from "./plan-view.module.css";
import { ServicePlan } from "./service-plan";
import type { Planning } from "./use-plan";

/** A plan that is being asked for: its answer, a refusal, or what stands there before. */
export function PlanPart({ planning }: { planning: Planning }) {
  const { plan, problem, pending, report, retry } = planning;
  if (problem) return <ProblemBox problem={problem} onRetry={problem.status === 422 ? undefined : retry} />;
  if (!plan) return pending ? <Skeleton rows={4} /> : null;
  return (
    <div className={pending ? css.old : ""} aria-busy={pending}>
      <PlanView plan={plan} report={report} />
    </div>
  );
}

interface PlanViewProps {
  plan: Plan;
  report?: readonly Schemas["ReportEntry"][];
}

export function PlanView({ plan, report = [] }: PlanViewProps) {
  const conditions = conditionsOf(plan);
  const waiting = conditions.filter((each) => each === "waits").length;
  const services = groupByService(plan);
  return (
    <div className={css.plan}>
      <div className={css.head}>
        <p className={css.sentence} aria-live="polite">
          {sentenceOf(conditions.length, waiting)}
          <span className="muted"> {describeCounts({ ...countPlan(plan), waiting: 0 }) || "nothing is replaced, added or removed"}</span>
        </p>
        {conditions.length > 0 && <Berths conditions={conditions} size={12} />}
        {plan.more && <p className="muted">The plan goes on after {plural(plan.steps, "step")}: this is the part that was worked out in two seconds.</p>}
      </div>
      {services.map((service) => (
        <ServicePlan key={service.service_id} service={service}>
          <Waiting service={service} />
        </ServicePlan>
      ))}
      {report.length > 0 && <Report report={report} />}
    </div>
  );
}

function sentenceOf(total: number, waiting: number): string {
  if (total === 0) return "No slots are wanted.";
  if (waiting === 0) return total === 1 ? "Its slot has a host." : `All ${formatCount(total)} slots have a host.`;
  return `${formatCount(total - waiting)} of ${plural(total, "slot")} ${total - waiting === 1 ? "has" : "have"} a host.`;
}

function Waiting({ service }: { service: PlannedService }) {
  const nameOf = (id: string) => store.get("host", id)?.info.hostname ?? id;
  return (
    <>
      {service.waiting.map((each) => (
        <Why
          key={`waiting ${each.service_slots.join()}`}
          title={`Why ${describeSlots(each.service_slots)} of ${service.service_id} ${each.service_slots.length === 1 ? "waits" : "wait"}`}
          reasons={each.reasons}
          nameOf={nameOf}
        />
      ))}
      {service.held.map((each) => (
        <Why
          key={`held ${each.service_slots.join()}`}
          title={`Why ${describeSlots(each.service_slots)} of ${service.service_id} ${each.service_slots.length === 1 ? "stays" : "stay"}`}
          reasons={each.reasons}
          nameOf={nameOf}
        />
      ))}
    </>
  );
}

/** What of the text has no effect, or another one than it says. */
function Report({ report }: { report: readonly Schemas["ReportEntry"][] }) {
  return (
    <section className={css.report}>
      <h3>Not taken over word by word</h3>
      <ul>
        {report.map((each, index) => (
          <li key={index}>
            {each.line > 0 && `Line ${each.line}: `}
            <code>{each.field}</code> {each.reason}
          </li>
        ))}
      </ul>
    </section>
  );
}
