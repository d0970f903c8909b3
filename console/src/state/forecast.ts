// What a dry run of a drain or a move says, added up over deployments.

import type { Schemas } from "@/api/client";

type Fleet = Schemas["FleetForecast"];
type Reason = Schemas["UnplacedReason"];

export interface Target {
  hostId: string;
  hostname: string;
  count: number;
}

export interface SlotGroup {
  deploymentId: string;
  /** "web 1, 2 and 3". */
  slots: string;
  count: number;
  reasons: readonly Reason[];
}

export interface Forecast {
  moved: number;
  /** Hosts that get slots, those with most first. */
  targets: Target[];
  waiting: SlotGroup[];
  held: SlotGroup[];
  /** Slots that end and get no successor. */
  ended: number;
  /** The manager had no time to find out all. */
  more: boolean;
}

export function sumForecasts(fleets: readonly Fleet[]): Forecast {
  const plans = fleets.flatMap((fleet) => fleet.plans);
  const targets = new Map<string, Target>();
  for (const { host_id: hostId, hostname } of plans.flatMap((plan) => [...plan.replaced, ...plan.placed])) {
    const target = targets.get(hostId) ?? { hostId, hostname, count: 0 };
    targets.set(hostId, { ...target, count: target.count + 1 });
  }
  return {
    moved: [...targets.values()].reduce((sum, target) => sum + target.count, 0),
    targets: [...targets.values()].sort((a, b) => b.count - a.count),
    waiting: plans.flatMap((plan) => groups(plan.deployment_id, plan.unplaced)),
    held: plans.flatMap((plan) => groups(plan.deployment_id, plan.held)),
    ended: plans.reduce((sum, plan) => sum + plan.ended.length, 0),
    more: fleets.some((fleet) => fleet.more || fleet.plans.some((plan) => plan.more)),
  };
}

export const countSlots = (all: readonly SlotGroup[]): number => all.reduce((sum, group) => sum + group.count, 0);

function groups(deploymentId: string, waiting: readonly Schemas["WaitingSlots"][]): SlotGroup[] {
  return waiting.map(({ service_id, service_slots, reasons }) => ({
    deploymentId,
    slots: `${service_id} ${listNumbers(service_slots)}`,
    count: service_slots.length,
    reasons,
  }));
}

function listNumbers(numbers: readonly number[]): string {
  const last = numbers.at(-1);
  return numbers.length > 1 ? `${numbers.slice(0, -1).join(", ")} and ${last}` : `${last ?? ""}`;
}
