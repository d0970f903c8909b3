// Slots: service by service, each slot a card; a press shows the slot and why it waits.

import { useMemo } from "react";
import { useDerived } from "@/live/hooks";
import type { Container } from "@/live/records";
import { Empty } from "@/parts/empty";
import { Panel } from "@/parts/page";
import { usePageSearch } from "@/parts/search";
import { conditionOf } from "@/state/condition";
import type { DeploymentRow } from "./deployment-rows";
import { slotsOf } from "@/live/slots";
import { groupByService } from "./services";
import { SlotCard } from "./slot-card";
import { SlotSheet } from "./slot-sheet";
import css from "./slots-tab.module.css";

export function SlotsTab({ id, row }: { id: string; row: DeploymentRow }) {
  const slots = useDerived(["container", "slot"], (store) => slotsOf(store, id), [id]);
  const services = useMemo(() => groupByService(slots), [slots]);
  const [search, change] = usePageSearch({ slot: "" });
  const shown = slots.find((slot) => nameOfSlot(slot) === search.slot);
  if (slots.length === 0) {
    return (
      <Panel>
        <Empty title={row.deployment.desired_state === 1 ? "No slot has a container yet" : "The deployment is stopped"}>
          Its slots appear here when they are placed on hosts.
        </Empty>
      </Panel>
    );
  }
  return (
    <Panel>
      {services.map((service) => (
        <section key={service.name} className={css.service} aria-label={`Service ${service.name}`}>
          <header className={css.head}>
            <h3>{service.name}</h3>
            <p>
              {service.slots.filter(isFilled).length} of {service.slots.length} running
            </p>
            <p>Phase {service.phase}</p>
            <p className={css.image}>{service.slots[0]?.image}</p>
          </header>
          <ul className={css.slots}>
            {service.slots.map((slot) => (
              <li key={nameOfSlot(slot) + slot.container_id}>
                <SlotCard slot={slot} onOpen={() => change({ slot: nameOfSlot(slot) })} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {shown && <SlotSheet slot={shown} deployment={row.deployment} onClose={() => change({ slot: "" })} />}
    </Panel>
  );
}

const isFilled = (slot: Container) => ["well", "runs", "done"].includes(conditionOf(slot));

const nameOfSlot = (slot: Container) => `${slot.service_id}.${slot.service_slot}`;
