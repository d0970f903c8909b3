// Whether the narrow layout holds, which is one of its own.

import { useSyncExternalStore } from "react";

const query = matchMedia("(max-width: 760px)");

function subscribe(tell: () => void): () => void {
  query.addEventListener("change", tell);
  return () => query.removeEventListener("change", tell);
}

export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => query.matches);
