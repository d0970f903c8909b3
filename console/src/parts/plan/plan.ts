// What a dry run tells, service by service and in words.

import type { Schemas } from "@/api/client";
import type { Condition } from "@/state/condition";
import { formatCount } from "@/state/words";

export type Plan = Schemas["ForecastAnswer"];
export type ServiceChange = Schemas["ServiceChange"];

/** A service with what becomes of its slots. */
export interface PlannedService extends ServiceChange {
  kept: Plan["kept"];
  placed: Plan["placed"];
  replaced: Plan["replaced"];
  ended: Plan["ended"];
  waiting: Plan["unplaced"];
  held: Plan["held"];
}

export interface PlanCounts {
  replaced: number;
  placed: number;
  ended: number;
  waiting: number;
}

/** Return the services of a plan, each with its slots. */
export function groupByService(plan: Plan): PlannedService[] {
  const of = <Item extends { service_id: string }>(items: readonly Item[], id: string) => items.filter((each) => each.service_id === id);
  return plan.services.map((service) => {
    const id = service.service_id;
    return {
      ...service,
      kept: of(plan.kept, id),
      placed: of(plan.placed, id),
      replaced: of(plan.replaced, id),
      ended: of(plan.ended, id),
      waiting: of(plan.unplaced, id),
      held: of(plan.held, id),
    };
  });
}

export function countPlan(plan: Plan): PlanCounts {
  return {
    replaced: plan.replaced.length,
    placed: plan.placed.length,
    ended: plan.ended.length,
    waiting: plan.unplaced.reduce((sum, each) => sum + each.service_slots.length, 0),
  };
}

/** Write what a plan does: "replaces 6, adds 2, 1 waits"; "" where nothing changes. */
export function describeCounts({ replaced, placed, ended, waiting }: PlanCounts): string {
  const parts = [
    replaced > 0 && `replaces ${formatCount(replaced)}`,
    placed > 0 && `adds ${formatCount(placed)}`,
    ended > 0 && `removes ${formatCount(ended)}`,
    waiting > 0 && `${formatCount(waiting)} ${waiting === 1 ? "waits" : "wait"}`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** Return the slots at the end of a plan, as a strip shows them: service by service. */
export function conditionsOf(plan: Plan): Condition[] {
  return groupByService(plan).flatMap((service) => {
    const slots = new Map<number, Condition>();
    for (const each of service.waiting) for (const slot of each.service_slots) slots.set(slot, "waits");
    for (const each of service.kept) slots.set(each.service_slot, "runs");
    for (const each of [...service.replaced, ...service.placed]) slots.set(each.service_slot, "starts");
    return [...slots].sort(([a], [b]) => a - b).map(([, condition]) => condition);
  });
}

/** Write how the slots of a service are replaced. */
export function describePolicy({ parallelism, order, delay_s: delay, on_failure: onFailure }: Schemas["PolicyItem"]): string {
  const ORDERS: Record<string, string> = { "start-first": "the new one first", "stop-first": "the old one stops first" };
  const FAILURES: Record<string, string> = { rollback: "returns on failure", pause: "pauses on failure", continue: "goes on after a failure" };
  const parts = [
    parallelism === 0 ? "all at once" : `${formatCount(parallelism)} at a time`,
    ORDERS[order],
    delay > 0 && `${delay} s apart`,
    FAILURES[onFailure],
  ];
  return parts.filter(Boolean).join(", ");
}

/** Write the numbers of slots: "slot 3", "slots 0 to 4", "slots 0, 2 and 7". */
export function describeSlots(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [first = 0] = sorted;
  const last = sorted.at(-1) ?? first;
  if (sorted.length === 1) return `slot ${first}`;
  if (sorted.length > 2 && last - first === sorted.length - 1) return `slots ${first} to ${last}`;
  if (sorted.length > 6) return `${formatCount(sorted.length)} slots`;
  return `slots ${sorted.slice(0, -1).join(", ")} and ${last}`;
}
