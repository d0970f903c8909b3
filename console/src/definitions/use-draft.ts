// The text that somebody writes: begins as the saved one or as their draft, and is kept after each pause.

import { useCallback, useEffect, useRef, useState } from "react";
import { dropDraft, keepDraft, readDraft } from "./drafts";

/** Pause in writing after which the draft is kept. */
const KEEP_MS = 400;

export interface Writing {
  text: string;
  /** The saved text that it started from. */
  base: string;
  /** When the draft that it began as was kept; 0 for none. */
  restored: number;
  /** When it was last kept in the browser; 0 for never. */
  kept: number;
  /** When it began: another moment is another text. */
  begun: number;
}

type Pending = Pick<Writing, "text" | "base">;

export interface DraftText extends Writing {
  change: (text: string) => void;
  /** Put the draft away and go on from the saved text. */
  restart: (saved: string) => void;
  /** Take note that a text was saved; what was written since stays a draft. */
  settle: (sent: string, saved: string) => void;
}

/** Return the text to edit; none while it is read. `stored` is what is saved now. */
export function useDraft(key: string, stored: string | undefined): DraftText | undefined {
  const [writing, setWriting] = useState<Writing>();
  const pending = useRef<Pending>(undefined);
  const known = stored !== undefined;
  const saved = useRef("");
  saved.current = stored ?? "";
  useEffect(() => {
    if (!known) return;
    let current = true;
    void readDraft(key).then((draft) => {
      if (!current) return;
      const differs = draft !== undefined && draft.text !== saved.current;
      if (differs) setWriting({ text: draft.text, base: draft.base, restored: draft.at, kept: draft.at, begun: Date.now() });
      else setWriting(beginFrom(saved.current));
    });
    return () => {
      current = false;
      setWriting(undefined);
    };
  }, [key, known]);
  useEffect(() => {
    // Somebody else saved it: who has changed nothing reads the new text.
    if (stored !== undefined) setWriting((now) => (now && now.text === now.base ? beginFrom(stored) : now));
  }, [stored]);
  useKeeping(key, writing, pending, (at) => setWriting((now) => now && { ...now, kept: at }));
  const change = useCallback((text: string) => setWriting((now) => now && { ...now, text }), []);
  const restart = useCallback(
    (text: string) => {
      pending.current = undefined;
      void dropDraft(key);
      setWriting(beginFrom(text));
    },
    [key],
  );
  const settle = useCallback(
    (sent: string, text: string) => {
      void dropDraft(key);
      setWriting((now) => (now && now.text !== sent ? { ...now, base: text, restored: 0 } : beginFrom(text)));
    },
    [key],
  );
  return writing && { ...writing, change, restart, settle };
}

const beginFrom = (saved: string): Writing => ({ text: saved, base: saved, restored: 0, kept: 0, begun: Date.now() });

/** Keep what is written after each pause, and at once when the page is left. */
function useKeeping(
  key: string,
  writing: Writing | undefined,
  pending: React.RefObject<Pending | undefined>,
  tell: (at: number) => void,
): void {
  const told = useRef(tell);
  told.current = tell;
  const text = writing?.text;
  const base = writing?.base;
  useEffect(() => {
    const keep = () => {
      const now = pending.current;
      pending.current = undefined;
      if (!now) return;
      if (now.text === now.base) void dropDraft(key);
      else {
        const at = Date.now();
        void keepDraft({ key, text: now.text, base: now.base, at }).then((kept) => kept && told.current(at));
      }
    };
    addEventListener("pagehide", keep);
    const timer = setInterval(keep, KEEP_MS);
    return () => {
      removeEventListener("pagehide", keep);
      clearInterval(timer);
      keep();
    };
  }, [key, pending]);
  const first = useRef(true);
  useEffect(() => {
    if (text === undefined || base === undefined) first.current = true;
    else if (first.current) first.current = false;
    else pending.current = { text, base };
  }, [text, base, pending]);
}
