// What this browser remembers: theme, columns, folded navigation.

import { useCallback, useSyncExternalStore } from "react";

const PREFIX = "berth.";
const listeners = new Set<() => void>();

/** Return a kept text; storage may be switched off. */
export function readPreference(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Keep a text, and tell whoever shows it. */
export function writePreference(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Without storage it holds until the page is left.
  }
  for (const listener of listeners) listener();
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  addEventListener("storage", tell);
  return () => {
    listeners.delete(tell);
    removeEventListener("storage", tell);
  };
}

/** Return a preference and a function that changes it; all tabs follow. */
export function usePreference(name: string, fallback: string): [string, (value: string) => void] {
  const value = useSyncExternalStore(subscribe, () => readPreference(name) ?? fallback);
  const change = useCallback((next: string) => writePreference(name, next), [name]);
  return [value, change];
}
