// The bar above a list: a filter by words and fields, chips by state, and what cannot be applied.

import { type ReactNode, useEffect, useRef } from "react";
import css from "./filter-bar.module.css";

interface FilterBarProps {
  value: string;
  placeholder: string;
  onChange: (value: string) => void;
  problems?: readonly string[];
  /** Chips by state. */
  children?: ReactNode;
  /** What stands at the end: columns. */
  end?: ReactNode;
}

/** Shortcut `/` puts the cursor here. */
export function FilterBar({ value, placeholder, onChange, problems = [], children, end }: FilterBarProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);
  return (
    <div className={css.bar} data-filter>
      <input
        ref={input}
        className={css.input}
        type="search"
        aria-label={placeholder}
        placeholder={placeholder}
        value={value}
        aria-invalid={problems.length > 0}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && (value ? onChange("") : event.currentTarget.blur())}
      />
      <div className={css.chips}>{children}</div>
      {end && <div className={css.end}>{end}</div>}
      {problems.length > 0 && <p className={css.problem}>{problems.join(" ")}</p>}
    </div>
  );
}

/** Whether keys go into a field, where single letters are text. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input:not([type=checkbox]), textarea, select, [contenteditable=true]") !== null;
}
