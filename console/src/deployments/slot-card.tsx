// A slot as a card: number, shape, age, where it runs or why it does not.

import { memo } from "react";
import type { Container } from "@/live/records";
import { Ago, useNow } from "@/parts/ago";
import { Glyph } from "@/parts/glyph";
import { type Condition, conditionOf, describeSlot } from "@/state/condition";
import css from "./slots-tab.module.css";

interface SlotCardProps {
  slot: Container;
  onOpen: () => void;
}

/** Conditions whose message a person should read. */
const TELLING: ReadonlySet<Condition> = new Set(["ill", "fails", "starts", "stops"]);

export const SlotCard = memo(
  function SlotCard({ slot, onOpen }: SlotCardProps) {
    const condition = conditionOf(slot);
    const told = slot.hostname && TELLING.has(condition) ? slot.message : "";
    return (
      <button type="button" className={`${css.card} ${css[lookOf(condition)] ?? ""}`} onClick={onOpen}>
        <Glyph condition={condition} />
        <span className={css.number}>{slot.service_slot}</span>
        <span className={css.age}>
          {!slot.up_to_date && "old "}
          {condition === "fails" ? <Retry slot={slot} /> : <Ago at={slot.started_at} />}
        </span>
        <Where slot={slot} />
        {told && <span className={`${css.where} ${css.told}`}>{told}</span>}
      </button>
    );
  },
  (before, after) => before.slot === after.slot,
);

function Where({ slot }: { slot: Container }) {
  if (slot.hostname) return <span className={css.where}>{slot.hostname}</span>;
  return <span className={`${css.where} ${css.told}`}>{slot.message || "Waiting"}</span>;
}

/** Counts down to the next try; apart, since it draws each second. */
function Retry({ slot }: { slot: Container }) {
  return describeSlot(slot, useNow()).replace("Failing, ", "");
}

function lookOf(condition: Condition): string {
  if (condition === "waits") return "waits";
  return condition === "ill" || condition === "fails" ? "ill" : "";
}
