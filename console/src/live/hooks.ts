// How components read what is live: by row, or by what they derive from whole kinds.

import { useCallback, useMemo, useSyncExternalStore } from "react";
import { getFailures, type Mark, markOf, subscribeAsked } from "@/api/asked";
import type { LinkInfo } from "./link";
import { link } from "./page-link";
import type { Kind, Records } from "./records";
import { type Store, store } from "./store";
import { throttled } from "./throttle";

/** Return a record; the component draws again when that record changes, and only then. */
export function useRecord<K extends Kind>(kind: K, id: string): Records[K] | undefined {
  const subscribe = useCallback((tell: () => void) => store.onRecord(kind, id, tell), [kind, id]);
  return useSyncExternalStore(subscribe, () => store.get(kind, id));
}

/**
 * Return what a function makes of the store: for lists, counts and sums.
 *
 * It is computed again when `inputs` change, and at most `perSecond` times when the kinds change.
 */
export function useDerived<T>(
  kinds: readonly Kind[],
  derive: (store: Store) => T,
  inputs: readonly unknown[],
  perSecond = 4,
): T {
  const names = kinds.join();
  const subscribe = useCallback(
    (tell: () => void) => {
      const told = throttled(tell, 1000 / perSecond);
      const stops = (names.split(",") as Kind[]).map((kind) => store.onKind(kind, told.run));
      return () => {
        told.stop();
        stops.forEach((stop) => stop());
      };
    },
    [names, perSecond],
  );
  const version = useSyncExternalStore(subscribe, () => (names.split(",") as Kind[]).map((kind) => store.version(kind)).join());
  // `derive` is new at each render by nature: what it depends on are the inputs.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => derive(store), [version, ...inputs]);
}

/** Whether a kind was read at least once: before, an empty list means nothing. */
export function useLoaded(...kinds: Kind[]): boolean {
  return useDerived(kinds, () => kinds.every((kind) => store.version(kind) > 0), []);
}

/** Return the state of the connection. */
export function useLink(): LinkInfo {
  return useSyncExternalStore(link.subscribe, link.getInfo);
}

/** Whether writes can be sent: false while the manager is away. */
export function useOnline(): boolean {
  return useSyncExternalStore(link.subscribe, () => link.getInfo().state !== "offline");
}

/** Return what was asked of an object and has not been seen yet. */
export function useMark(kind: string, id: string): Mark | undefined {
  return useSyncExternalStore(subscribeAsked, () => markOf(kind, id));
}

/** Return the acts that failed and were not dismissed. */
export const useFailures = () => useSyncExternalStore(subscribeAsked, getFailures);
