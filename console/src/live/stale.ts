// What is too old to be shown as it were true.

/** Figures of a host older than this are grey and say their age. */
export const STALE_MS = 30_000;

/** Whether a host's figures are old; `lastSeen` is in seconds. */
export function isStale(lastSeen: number, now: number): boolean {
  return now - lastSeen * 1000 > STALE_MS;
}
