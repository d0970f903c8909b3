// A text to read: YAML with colours, line numbers, search.

import { yaml } from "@codemirror/lang-yaml";
import { search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import css from "./text-view.module.css";
import { look } from "./look";

interface TextViewProps {
  text: string;
  label: string;
}

export function TextView({ text, label }: TextViewProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return;
    const view = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          look,
          lineNumbers(),
          yaml(),
          search({ top: true }),
          keymap.of(searchKeymap),
          EditorState.readOnly.of(true),
          EditorView.contentAttributes.of({ "aria-label": label }),
          EditorView.lineWrapping,
        ],
      }),
    });
    return () => view.destroy();
  }, [text, label]);
  return <div ref={place} className={css.text} />;
}
