// What becomes of one service: its image and number, and each slot with its host.

import { type ReactNode, useState } from "react";
import type { Condition } from "@/state/condition";
import { plural } from "@/state/words";
import { Button } from "../button";
import { Glyph } from "../glyph";
import { describePolicy, type PlannedService, type ServiceChange } from "./plan";
import css from "./plan-view.module.css";

const WORDS: Record<ServiceChange["change"], string> = {
  added: "New",
  changed: "Changed",
  restarted: "Restarted",
  same: "Unchanged",
  removed: "Removed",
};

/** Slots that are listed before the rest is asked for. */
const FEW = 12;

export function ServicePlan({ service, children }: { service: PlannedService; children?: ReactNode }) {
  const { service_id: id, change, replaced, placed, ended, kept } = service;
  return (
    <section className={css.service} aria-label={`Service ${id}`}>
      <header className={css.serviceHead}>
        <h3>{id}</h3>
        <span className={css.word}>{change === "same" && service.quantity !== service.quantity_before ? "Scaled" : WORDS[change]}</span>
        <span className={css.number}>{numberOf(service)}</span>
      </header>
      <p className={css.image}>{imageOf(service)}</p>
      {replaced.length > 0 && (
        <Slots
          title={`Replaces ${replaced.length}: ${describePolicy(service.policy)}`}
          shape="starts"
          slots={replaced.map((each) => ({
            slot: each.service_slot,
            step: each.step,
            text: each.from_host_id === each.host_id ? each.hostname : `${each.from_hostname} → ${each.hostname}`,
          }))}
        />
      )}
      {placed.length > 0 && (
        <Slots title={`Adds ${placed.length}`} shape="starts" slots={placed.map((each) => ({ slot: each.service_slot, step: each.step, text: each.hostname }))} />
      )}
      {ended.length > 0 && (
        <Slots
          title={`Removes ${ended.length}`}
          shape="stops"
          slots={ended.map((each) => ({ slot: each.service_slot, step: each.step, text: `${each.hostname}${each.reason ? `, ${each.reason}` : ""}` }))}
        />
      )}
      {kept.length > 0 && <p className="muted">{plural(kept.length, "slot")} {kept.length === 1 ? "stays as it is" : "stay as they are"}</p>}
      {children}
    </section>
  );
}

function numberOf({ change, quantity, quantity_before: before }: ServiceChange): string {
  if (change === "removed") return plural(before, "slot");
  return change === "added" || quantity === before ? plural(quantity, "slot") : `${before} → ${plural(quantity, "slot")}`;
}

function imageOf({ change, image, image_before: before }: ServiceChange): string {
  if (change === "removed") return before;
  return !before || before === image ? image : `${before} → ${image}`;
}

interface SlotsProps {
  title: string;
  shape: Condition;
  slots: readonly { slot: number; step: number; text: string }[];
}

function Slots({ title, shape, slots }: SlotsProps) {
  const [all, setAll] = useState(false);
  const sorted = [...slots].sort((a, b) => a.step - b.step || a.slot - b.slot);
  const shown = all ? sorted : sorted.slice(0, FEW);
  return (
    <div className={css.group}>
      <h4>{title}</h4>
      <ul className={css.slots}>
        {shown.map((each) => (
          <li key={each.slot}>
            <Glyph condition={shape} size={10} />
            <code className={css.slot}>{each.slot}</code>
            <span className={css.where} title={each.text}>{each.text}</span>
          </li>
        ))}
      </ul>
      {sorted.length > FEW && (
        <Button look="quiet" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `Show all ${sorted.length}`}
        </Button>
      )}
    </div>
  );
}
