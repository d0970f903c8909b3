// Acts on what is selected: says how many, offers the acts, lets go.

import type { ReactNode } from "react";
import { plural } from "@/state/words";
import { Button } from "./button";
import css from "./bulk-bar.module.css";
import type { Selection } from "./selection";

interface BulkBarProps {
  selection: Selection;
  /** What one of the rows is called. */
  noun: string;
  /** All rows that match the filter, for "Select all". */
  matching: readonly string[];
  children: ReactNode;
}

export function BulkBar({ selection, noun, matching, children }: BulkBarProps) {
  if (selection.count === 0) return null;
  return (
    <div className={css.bar} role="toolbar" aria-label={`Actions on selected ${noun}s`}>
      <strong>{plural(selection.count, noun)} selected</strong>
      {selection.count < matching.length && (
        <Button look="quiet" onClick={() => selection.setAll(matching)}>
          Select all {plural(matching.length, noun)}
        </Button>
      )}
      <span className={css.acts}>{children}</span>
      <Button look="quiet" onClick={selection.clear}>
        Clear selection
      </Button>
    </div>
  );
}
