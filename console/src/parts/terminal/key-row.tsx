// Keys that phones do not have.

import { Button } from "../button";
import css from "./terminal.module.css";

const KEYS: readonly [label: string, text: string][] = [
  ["Esc", "\x1b"], ["Tab", "\t"], ["Ctrl C", "\x03"], ["Ctrl D", "\x04"], ["↑", "\x1b[A"], ["↓", "\x1b[B"], ["←", "\x1b[D"], ["→", "\x1b[C"],
];

export function KeyRow({ onKey }: { onKey: (text: string) => void }) {
  return (
    <div className={css.keys} role="toolbar" aria-label="Keys">
      {KEYS.map(([label, text]) => (
        <Button key={label} onClick={() => onKey(text)}>
          {label}
        </Button>
      ))}
    </div>
  );
}
