// Which rows of a list are selected.

import { useCallback, useMemo, useRef, useState } from "react";

export interface Selection {
  ids: ReadonlySet<string>;
  count: number;
  has: (id: string) => boolean;
  toggle: (id: string) => void;
  /** Select from the row that was toggled last up to this one. */
  extend: (id: string, order: readonly string[]) => void;
  setAll: (ids: readonly string[]) => void;
  clear: () => void;
}

/** Keep a selection; rows that are gone from `exist` are not in it. */
export function useSelection(exist: readonly string[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const anchor = useRef("");
  const ids = useMemo(() => {
    const there = new Set(exist);
    return new Set([...chosen].filter((id) => there.has(id)));
  }, [chosen, exist]);
  const toggle = useCallback((id: string) => {
    anchor.current = id;
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  }, []);
  const extend = useCallback((id: string, order: readonly string[]) => {
    const [from, to] = [order.indexOf(anchor.current), order.indexOf(id)];
    if (from < 0 || to < 0) return;
    const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
    setChosen((before) => new Set([...before, ...range]));
  }, []);
  const setAll = useCallback((all: readonly string[]) => setChosen(new Set(all)), []);
  const clear = useCallback(() => setChosen(new Set()), []);
  return { ids, count: ids.size, has: (id) => ids.has(id), toggle, extend, setAll, clear };
}
