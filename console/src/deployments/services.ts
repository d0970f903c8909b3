// Slots by service.

import type { Container } from "@/live/records";

export interface Service {
  name: string;
  phase: number;
  slots: Container[];
}

/** Group slots in their order, so services stay in the order of phases. */
export function groupByService(slots: readonly Container[]): Service[] {
  const services = new Map<string, Service>();
  for (const slot of slots) {
    const service = services.get(slot.service_id) ?? { name: slot.service_id, phase: slot.phase_id, slots: [] };
    service.slots.push(slot);
    services.set(slot.service_id, service);
  }
  return [...services.values()];
}
