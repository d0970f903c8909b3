// The shape of a condition: every state is a shape and a word besides its colour.

import { type Condition, describeSlot, type Slot, TONE_OF, WORD_OF, conditionOf } from "@/state/condition";
import css from "./glyph.module.css";

interface GlyphProps {
  condition: Condition;
  size?: number;
}

/** Draws in a field of 12 by 12. */
export function Glyph({ condition, size = 12 }: GlyphProps) {
  return (
    <svg
      className={`${css.glyph} ${css[TONE_OF[condition]]} ${condition === "starts" ? css.breathing : ""}`}
      viewBox="0 0 12 12"
      width={size}
      height={size}
      aria-hidden="true"
    >
      <Shape condition={condition} />
    </svg>
  );
}

function Shape({ condition }: { condition: Condition }) {
  switch (condition) {
    case "well":
      return <rect x="1" y="1" width="10" height="10" rx="2" />;
    case "runs":
      return <path fillRule="evenodd" d="M3 1h6a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2Zm1 3v4h4V4Z" />;
    case "starts":
      return <path d="M3 1h6a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2Zm-.6 8.2L9.2 2.4H3a.6.6 0 0 0-.6.6Z" fillRule="evenodd" />;
    case "waits":
      return <rect className={css.outline} x="1.75" y="1.75" width="8.5" height="8.5" rx="1.5" strokeDasharray="2.1 1.75" />;
    case "ill":
      return <path d="M6 .3 11.7 6 6 11.7.3 6Z" />;
    case "fails":
      return <path fillRule="evenodd" d="M3 1h6a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2Zm.5 1.4L2.4 3.5 4.9 6 2.4 8.5l1.1 1.1L6 7.1l2.5 2.5 1.1-1.1L7.1 6l2.5-2.5-1.1-1.1L6 4.9Z" />;
    case "stops":
      return <rect x="3.25" y="3.25" width="5.5" height="5.5" rx="1" />;
    case "paused":
      return <path d="M2 1h2.8v10H2Zm5.2 0H10v10H7.2Z" />;
    case "unknown":
      return (
        <g className={css.outline} strokeWidth="1.2">
          <rect x="1.6" y="1.6" width="8.8" height="8.8" rx="1.5" />
          <path d="M2 6.5 6.5 2M2.2 10 10 2.2M5.5 10 10 5.5" />
        </g>
      );
    case "done":
      return (
        <g className={css.outline} strokeWidth="1.3">
          <rect x="1.65" y="1.65" width="8.7" height="8.7" rx="1.5" />
          <path d="m3.6 6.2 1.7 1.7 3.2-3.6" />
        </g>
      );
    case "off":
      return <rect className={css.outline} x="1.75" y="1.75" width="8.5" height="8.5" rx="1.5" />;
  }
}

/** A condition with its word. */
export function State({ condition, word }: { condition: Condition; word?: string }) {
  return (
    <span className={css.state}>
      <Glyph condition={condition} />
      {word ?? WORD_OF[condition]}
    </span>
  );
}

/** How a slot fares, in shape and word. */
export function SlotState({ slot, now }: { slot: Slot; now: number }) {
  return <State condition={conditionOf(slot)} word={describeSlot(slot, now)} />;
}
