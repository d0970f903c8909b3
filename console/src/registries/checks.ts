// The last check of each registry's login, kept while the console is open.

import { useSyncExternalStore } from "react";
import { asProblem } from "@/api/problem";
import { tellFailure } from "@/parts/toast";
import type { Registry } from "@/live/records";
import type { Check } from "./check-result";
import { checkLogin } from "./registry-acts";

export interface LastCheck {
  at: number;
  /** None while the registry is asked. */
  check?: Check;
}

const checks = new Map<string, LastCheck>();
const listeners = new Set<() => void>();

function keep(id: string, last: LastCheck | undefined): void {
  if (last) checks.set(id, last);
  else checks.delete(id);
  for (const listener of listeners) listener();
}

/** Ask a registry whether its login works, and keep what it says. */
export async function checkRegistry(registry: Registry): Promise<void> {
  const { registry_id: id, url } = registry;
  keep(id, { at: Date.now() });
  try {
    keep(id, { at: Date.now(), check: await checkLogin(id) });
  } catch (thrown) {
    keep(id, undefined);
    tellFailure(`The login of ${url} was not checked`, asProblem(thrown).message);
  }
}

export function useLastCheck(id: string): LastCheck | undefined {
  return useSyncExternalStore(subscribe, () => checks.get(id));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
