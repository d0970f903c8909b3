// Ages: one timer for the page, the exact moment on hover.

import { useSyncExternalStore } from "react";
import { subscribeSecond } from "@/live/clock";
import { formatAge, formatExact, parseTime } from "@/state/words";

interface AgoProps {
  /** The API's text, or milliseconds. */
  at: string | number | null | undefined;
  /** Shown where there is no moment. */
  none?: string;
}

export function Ago({ at, none = "" }: AgoProps) {
  const ms = typeof at === "number" ? at : parseTime(at);
  const text = useSyncExternalStore(subscribeSecond, () => (Number.isNaN(ms) ? none : formatAge(Date.now() - ms)));
  if (Number.isNaN(ms)) return <>{none}</>;
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatExact(ms)}>
      {text}
    </time>
  );
}

/** Return the time in milliseconds, renewed every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribeSecond, () => Math.floor(Date.now() / 1000) * 1000);
}
