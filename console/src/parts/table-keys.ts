// Walking a table by key: arrows or j k move, Enter opens, Space or x selects, Shift x selects to here.

import type { Virtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import type { Selection } from "./selection";

interface TableKeysOptions {
  ids: readonly string[];
  virtual: Virtualizer<HTMLDivElement, Element>;
  selection?: Selection;
  onOpen: (id: string) => void;
}

const PAGE = 10;

/** Return how far a key moves; none for a key that does not. */
function stepOf(key: string, count: number): number | undefined {
  const steps: Record<string, number> = {
    ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: PAGE, PageUp: -PAGE, Home: -count, End: count,
  };
  return steps[key];
}

export function useTableKeys({ ids, virtual, selection, onOpen }: TableKeysOptions) {
  const [active, setActive] = useState(0);
  const wanted = useRef<number | undefined>(undefined);
  const activate = useCallback((index: number) => setActive(index), []);
  useEffect(() => {
    if (wanted.current === undefined) return;
    const row = virtual.scrollElement?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`);
    if (!row) return;
    wanted.current = undefined;
    row.focus({ preventScroll: true });
  });
  const move = (step: number) => {
    const next = Math.min(ids.length - 1, Math.max(0, active + step));
    wanted.current = next;
    setActive(next);
    virtual.scrollToIndex(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as Element;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input:not([type=checkbox])")) return;
    const id = ids[active];
    const step = stepOf(event.key, ids.length);
    if (step !== undefined) move(step);
    else if (id === undefined || !actOnRow(event.key, id, target)) return;
    event.preventDefault();
  };
  const actOnRow = (key: string, id: string, target: Element): boolean => {
    const onRow = target.getAttribute("role") === "row";
    if (key === "Enter" && onRow) onOpen(id);
    else if (key === "x" || (key === " " && onRow)) selection?.toggle(id);
    else if (key === "X") selection?.extend(id, ids);
    else return false;
    return true;
  };
  return { active: Math.min(active, Math.max(0, ids.length - 1)), activate, onKeyDown };
}
