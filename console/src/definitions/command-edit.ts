// What an edit of a docker run command changes in a service. A command cannot say all that a service can,
// so only members that differ between the command before and after are taken over.

import type { FormService } from "./language";

/** Return the service with what differs between two readings of its command. */
export function takeOver(service: FormService, before: FormService, after: FormService): FormService {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = new Set(names.filter((name) => name !== "name" && !isSame(before[name], after[name])));
  const kept = Object.entries(service).filter(([name]) => !changed.has(name));
  return Object.fromEntries([...kept, ...Object.entries(after).filter(([name]) => changed.has(name))]);
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
