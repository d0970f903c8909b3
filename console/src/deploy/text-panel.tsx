// The text that is deployed: written here, compared with what it began as.

import { lazy, Suspense, useMemo, useState } from "react";
import { Button } from "@/parts/button";
import { Panel } from "@/parts/page";
import { Skeleton } from "@/parts/skeleton";
import css from "./deploy.module.css";

const TextEditor = lazy(() => import("@/parts/editor/text-editor").then((it) => ({ default: it.TextEditor })));
const Diff = lazy(() => import("@/parts/editor/diff").then((it) => ({ default: it.Diff })));

interface TextPanelProps {
  text: string;
  /** What it is compared with; "" for nothing. */
  before: string;
  beforeLabel: string;
  wrong: readonly number[];
  onChange: (text: string) => void;
  onReset: () => void;
}

export function TextPanel({ text, before, beforeLabel, wrong, onChange, onReset }: TextPanelProps) {
  const [comparing, setComparing] = useState(false);
  const marks = useMemo(() => wrong.map((line) => ({ line, column: 0, message: "The plan says what is wrong here", severity: "error" as const })), [wrong]);
  const differs = before !== "" && text !== before;
  return (
    <Panel
      title="Text"
      acts={
        differs && (
          <span>
            <Button look="quiet" aria-pressed={comparing} onClick={() => setComparing(!comparing)}>
              {comparing ? "Edit" : "Show difference"}
            </Button>
            <Button look="quiet" onClick={onReset}>
              Reset
            </Button>
          </span>
        )
      }
    >
      <Suspense fallback={<Skeleton rows={8} />}>
        {comparing && differs ? (
          <div className={css.comparing}>
            <Diff before={before} after={text} beforeLabel={beforeLabel} afterLabel="As written here" />
          </div>
        ) : (
          <div className={css.editor}>
            <TextEditor text={text} label="Text of the deployment" marks={marks} onChange={onChange} />
          </div>
        )}
      </Suspense>
    </Panel>
  );
}
