// A chip: a state with its count that filters by it, or a plain label.

import type { ReactNode } from "react";
import { formatCount } from "@/state/words";
import css from "./chip.module.css";

interface FilterChipProps {
  icon?: ReactNode;
  label: string;
  count: number;
  pressed: boolean;
  onPress: () => void;
}

export function FilterChip({ icon, label, count, pressed, onPress }: FilterChipProps) {
  return (
    <button type="button" className={css.filter} aria-pressed={pressed} onClick={onPress}>
      {icon}
      {label} <span className={css.count}>{formatCount(count)}</span>
    </button>
  );
}

export function Chip({ children }: { children: ReactNode }) {
  return <span className={css.chip}>{children}</span>;
}
