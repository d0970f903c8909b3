// The slots of a deployment: those that have a container or a host, and those that wait for one.

import { compareNames } from "@/state/order";
import type { Container, WaitingSlot } from "./records";
import type { Store } from "./store";

/** Return the slots of a deployment in order: service by service, slot by slot; those without a host too. */
export function slotsOf(store: Store, id: string, waiting = waitingSlots(store).get(id) ?? []): Container[] {
  const filled = [...store.containersOf("deployment", id)].flatMap((each) => store.get("container", each) ?? []);
  return [...filled, ...waiting.map((slot) => emptySlot(slot, filled))].sort(
    (a, b) => a.phase_id - b.phase_id || compareNames(a.service_id, b.service_id) || a.service_slot - b.service_slot,
  );
}

/** Return the waiting slots of each deployment. */
export function waitingSlots(store: Store): Map<string, WaitingSlot[]> {
  const slots = new Map<string, WaitingSlot[]>();
  for (const slot of store.all("slot").values()) slots.set(slot.deployment_id, [...(slots.get(slot.deployment_id) ?? []), slot]);
  return slots;
}

/** Return a waiting slot as the row that it would be; its phase is that of its service's others. */
function emptySlot(slot: WaitingSlot, others: readonly Container[]): Container {
  const { deployment_id, service_id, service_slot, message, id } = slot;
  const sibling = others.find((each) => each.service_id === service_id);
  return { ...EMPTY, id, deployment_id, service_id, service_slot, message, container_name: `${service_slot}.${service_id}.${deployment_id}`, phase_id: sibling?.phase_id ?? 0, image: sibling?.image ?? "" };
}

const EMPTY: Container = {
  deployment_id: "", deployment_name: "", deployment_key: "", environment_id: "", stack_id: "", service_id: "", service_slot: 0,
  container_name: "", container_id: "", container_hostname: "", host_id: "", hostname: "", host_group: "", subtype: "", phase_id: 0,
  state: "Pending", started_at: "", message: "", checks_total: 0, checks_passed: 0, id: "", health: "none", attempt: 0, failures: 0,
  code: "", retry_at: "", exit_code: null, ports: [], image: "", image_id: "", image_digest: "", command: "", created_at: "", up_to_date: true, wanted: true,
};
