// What was asked of an object and has not been seen yet: the verb, dotted, until the manager tells.

import { useMark } from "@/live/hooks";
import { useNow } from "./ago";
import css from "./asked-mark.module.css";
import { Ref } from "./ref";

/** After this the mark says that it still waits. */
const LONG_MS = 10_000;

export function AskedMark({ kind, id }: { kind: string; id: string }) {
  const mark = useMark(kind, id);
  const now = useNow();
  if (!mark) return null;
  if (now - mark.since < LONG_MS) return <span className={css.asked}>{mark.verb}…</span>;
  return (
    <span className={css.asked}>
      {mark.verb}, still waiting{" "}
      {mark.taskId && (
        <Ref kind="task" id={mark.taskId}>
          Open task
        </Ref>
      )}
    </span>
  );
}
