// Two texts compared: beside one another, or one below the other on phones.

import { yaml } from "@codemirror/lang-yaml";
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { useNarrow } from "../layout";
import css from "./diff.module.css";
import { look } from "./look";

interface DiffProps {
  before: string;
  after: string;
  beforeLabel: string;
  afterLabel: string;
}

const COLLAPSE = { margin: 3, minSize: 6 };

export function Diff({ before, after, beforeLabel, afterLabel }: DiffProps) {
  const place = useRef<HTMLDivElement>(null);
  const narrow = useNarrow();
  useEffect(() => {
    const parent = place.current;
    if (!parent) return;
    if (narrow) {
      const unified = unifiedMergeView({ original: before, mergeControls: false, collapseUnchanged: COLLAPSE });
      const view = new EditorView({ parent, doc: after, extensions: [reading(afterLabel), unified] });
      return () => view.destroy();
    }
    const view = new MergeView({
      parent,
      a: { doc: before, extensions: reading(beforeLabel) },
      b: { doc: after, extensions: reading(afterLabel) },
      collapseUnchanged: COLLAPSE,
      gutter: true,
    });
    return () => view.destroy();
  }, [before, after, beforeLabel, afterLabel, narrow]);
  return (
    <div className={css.diff}>
      <div className={css.heads}>
        <span>{beforeLabel}</span>
        <span>{afterLabel}</span>
      </div>
      {before === after && <p className={css.same}>The texts are the same.</p>}
      <div ref={place} className={css.place} />
    </div>
  );
}

function reading(label: string): Extension {
  return [
    look,
    lineNumbers(),
    yaml(),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
  ];
}
