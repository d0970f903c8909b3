// A list keeps its order while somebody points at it: rows never jump under a click.

import { useRef } from "react";

export interface HeldOrder {
  ids: readonly string[];
  /** Rows that would stand elsewhere, came, or went. */
  moved: number;
}

/** Return the shown order: that of before without what went, and how many rows changed place. */
export function holdOrder(shown: readonly string[], wanted: readonly string[]): HeldOrder {
  const exist = new Set(wanted);
  const ids = shown.filter((id) => exist.has(id));
  let moved = wanted.length - ids.length;
  for (let index = 0; index < ids.length; index += 1) if (ids[index] !== wanted[index]) moved += 1;
  return { ids, moved: Math.min(moved, wanted.length) };
}

/** Hold the order while `held`; a new `scope` (filter, sort) is shown at once. */
export function useHeldOrder(wanted: readonly string[], held: boolean, scope: string): HeldOrder {
  const last = useRef({ ids: wanted, scope });
  if (!held || last.current.scope !== scope) {
    last.current = { ids: wanted, scope };
    return { ids: wanted, moved: 0 };
  }
  const order = holdOrder(last.current.ids, wanted);
  last.current = { ids: order.ids, scope };
  return order;
}
