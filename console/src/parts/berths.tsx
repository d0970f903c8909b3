// The berth strip: one cell a slot, the same on every page; above 48 slots a bar of its parts.

import { memo } from "react";
import { CONDITIONS, type Condition, type Counts, TONE_OF, WORD_OF } from "@/state/condition";
import { formatCount } from "@/state/words";
import css from "./berths.module.css";
import { Glyph } from "./glyph";

/** Slots that are drawn one by one. */
export const MAX_CELLS = 48;

interface BerthsProps {
  /** In the order of the text: service by service, slot by slot. */
  conditions: readonly Condition[];
  size?: number;
  /** Slots that are drawn one by one: fewer where there is little room. */
  cells?: number;
}

export const Berths = memo(function Berths({ conditions, size = 10, cells = MAX_CELLS }: BerthsProps) {
  const counts = count(conditions);
  return (
    <span className={css.berths} role="img" aria-label={describe(counts, conditions.length)}>
      {conditions.length <= cells ? (
        conditions.map((condition, slot) => <Glyph key={slot} condition={condition} size={size} />)
      ) : (
        <Bar counts={counts} />
      )}
    </span>
  );
}, same);

function Bar({ counts }: { counts: Counts }) {
  return (
    <span className={css.bar}>
      {CONDITIONS.filter((condition) => counts[condition] > 0).map((condition) => (
        <span
          key={condition}
          className={`${css.part} ${css[TONE_OF[condition]]} ${css[condition] ?? ""}`}
          style={{ flexGrow: counts[condition] }}
        />
      ))}
    </span>
  );
}

function count(conditions: readonly Condition[]): Counts {
  const counts = Object.fromEntries(CONDITIONS.map((each) => [each, 0])) as Counts;
  for (const condition of conditions) counts[condition] += 1;
  return counts;
}

function describe(counts: Counts, total: number): string {
  const told = CONDITIONS.filter((condition) => counts[condition] > 0);
  const parts = told.map((condition) => `${formatCount(counts[condition])} ${WORD_OF[condition].toLowerCase()}`);
  return total === 0 ? "No slots" : `${formatCount(total)} slots: ${parts.join(", ")}`;
}

function same(before: BerthsProps, after: BerthsProps): boolean {
  return (
    before.size === after.size &&
    before.conditions.length === after.conditions.length &&
    before.conditions.every((condition, slot) => condition === after.conditions[slot])
  );
}
