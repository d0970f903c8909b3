// Whether the narrow layout holds, which is one of its own.

import { useSyncExternalStore } from "react";

let query: MediaQueryList | undefined;

const media = (): MediaQueryList => (query ??= matchMedia("(max-width: 760px)"));

function subscribe(tell: () => void): () => void {
  media().addEventListener("change", tell);
  return () => media().removeEventListener("change", tell);
}

export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => media().matches);
