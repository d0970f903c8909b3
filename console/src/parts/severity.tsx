// The shape of a severity: octagon, diamond, triangle, disc, dot, tick.

import type { SeverityName } from "@/state/severity";
import css from "./glyph.module.css";

const TONES: Record<SeverityName, string> = {
  critical: "bad",
  error: "bad",
  warning: "wait",
  info: "busy",
  debug: "idle",
  cleared: "ok",
};

const PATHS: Record<SeverityName, string> = {
  critical: "M3.7.5h4.6l3.2 3.2v4.6l-3.2 3.2H3.7L.5 8.3V3.7Z",
  error: "M6 .3 11.7 6 6 11.7.3 6Z",
  warning: "M6 .8 11.6 11H.4Z",
  info: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Z",
  debug: "M6 4a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
  cleared: "M1.2 6.4 2.5 5.1l2.3 2.3 4.8-5.2 1.3 1.2-6.1 6.6Z",
};

export function Severity({ name, size = 12 }: { name: SeverityName; size?: number }) {
  return (
    <svg className={`${css.glyph} ${css[TONES[name]]}`} viewBox="0 0 12 12" width={size} height={size} role="img" aria-label={name}>
      <path d={PATHS[name]} />
    </svg>
  );
}
