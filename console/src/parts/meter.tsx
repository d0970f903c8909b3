// A share of a whole, as a bar and a number.

import { formatBytes, THIN } from "@/state/words";
import css from "./meter.module.css";

interface MeterProps {
  /** From 0 to 100. */
  percent: number;
  label: string;
  /** Old figures are grey. */
  stale?: boolean;
}

export function Meter({ percent, label, stale = false }: MeterProps) {
  const value = Math.round(Math.min(100, Math.max(0, percent)));
  const look = stale ? css.stale : value >= 90 ? css.high : "";
  return (
    <span className={`${css.meter} ${look}`} role="img" aria-label={`${label} ${value} percent${stale ? ", old" : ""}`}>
      <span className={css.track}>
        <span className={css.fill} style={{ inlineSize: `${value}%` }} />
      </span>
      <span className={css.value}>
        {value}
        {THIN}%
      </span>
    </span>
  );
}

/** A size, with all bytes on hover. */
export function Bytes({ value }: { value: number }) {
  return <span title={`${value.toLocaleString("en")} bytes`}>{formatBytes(value)}</span>;
}
