// Work that is not sent yet: kept in this tab from the first key on, so that a reload loses nothing.

import { useCallback, useState } from "react";

const PREFIX = "berth.draft.";

function readDraft<D extends object>(name: string, empty: D): D {
  try {
    return { ...empty, ...(JSON.parse(sessionStorage.getItem(PREFIX + name) ?? "{}") as Partial<D>) };
  } catch {
    return empty;
  }
}

function writeDraft(name: string, draft: object): void {
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(draft));
  } catch {
    // Without storage it holds until the page is left.
  }
}

/** Return a draft, a function that changes some members, and one that forgets it. */
export function useDraft<D extends object>(name: string, empty: D): [D, (changes: Partial<D>) => void, () => void] {
  const [draft, setDraft] = useState(() => readDraft(name, empty));
  const change = useCallback(
    (changes: Partial<D>) =>
      setDraft((before) => {
        const after = { ...before, ...changes };
        writeDraft(name, after);
        return after;
      }),
    [name],
  );
  const [first] = useState(empty);
  const forget = useCallback(() => {
    sessionStorage.removeItem(PREFIX + name);
    setDraft(first);
  }, [name, first]);
  return [draft, change, forget];
}
