// Keys of a page: registered while it is shown, listed by `?`, never taken from fields.

import { useEffect, useRef } from "react";
import { isTyping } from "./filter-bar";
import { readPreference } from "./preference";

export interface PageKey {
  /** As the browser names it: "e", "Enter", "?"; with "Ctrl+" in front for chords. */
  key: string;
  label: string;
  run: () => void;
}

const registered = new Set<{ readonly current: readonly PageKey[] }>();

/** Return all keys that work now, for the list of keys. */
export const currentKeys = (): PageKey[] => [...registered].flatMap((each) => [...each.current]);

/** Let keys work while the component is shown. */
export function useKeys(keys: readonly PageKey[]): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    registered.add(latest);
    return () => {
      registered.delete(latest);
    };
  }, []);
}

/** Name a pressed key as pages register it. */
export function nameOf(event: KeyboardEvent): string {
  return event.ctrlKey || event.metaKey ? `Ctrl+${event.key.toLowerCase()}` : event.key;
}

/** Whether a plain key is for something else: a field, a layer over the page, or nobody. */
function isTaken(event: KeyboardEvent): boolean {
  if (isTyping(event.target) || document.querySelector("[role=dialog], [role=menu]")) return true;
  return event.key.length === 1 && readPreference("letters") === "off";
}

function handle(event: KeyboardEvent): void {
  const chord = event.ctrlKey || event.metaKey;
  if (event.defaultPrevented || event.altKey || (!chord && isTaken(event))) return;
  const name = nameOf(event);
  const found = currentKeys().findLast((each) => each.key === name);
  if (!found) return;
  event.preventDefault();
  found.run();
}

/** Begin to listen; called once. */
export function listenToKeys(): void {
  addEventListener("keydown", handle);
}
