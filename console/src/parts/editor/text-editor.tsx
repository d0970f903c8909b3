// A text to write: YAML with colours, line numbers, search, and marks at lines that are wrong.

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { indentUnit } from "@codemirror/language";
import { search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { look } from "./look";
import css from "./text-view.module.css";

interface TextEditorProps {
  text: string;
  label: string;
  onChange: (text: string) => void;
  /** Numbers of lines that are marked as wrong. */
  wrong?: readonly number[];
}

const marked = new Compartment();
const WRONG = Decoration.line({ class: "cm-deletedLine" });

export function TextEditor({ text, label, onChange, wrong = [] }: TextEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(null);
  const latest = useRef({ text, onChange });
  latest.current = { text, onChange };
  useEffect(() => {
    if (!place.current) return;
    const told = EditorView.updateListener.of((update) => {
      const written = update.state.doc.toString();
      if (update.docChanged && written !== latest.current.text) latest.current.onChange(written);
    });
    const state = EditorState.create({ doc: latest.current.text, extensions: [writing(label), told, marked.of([])] });
    const view = new EditorView({ parent: place.current, state });
    editor.current = view;
    return () => view.destroy();
  }, [label]);
  useEffect(() => {
    const view = editor.current;
    if (!view || view.state.doc.toString() === text) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  }, [text]);
  const lines = wrong.join();
  useEffect(() => {
    editor.current?.dispatch({ effects: marked.reconfigure(mark(lines.split(",").map(Number))) });
  }, [lines]);
  return <div ref={place} className={css.text} />;
}

/** `Esc` and then `Tab` leaves the editor, as its own keys say. */
function writing(label: string): Extension {
  return [
    look,
    lineNumbers(),
    yaml(),
    history(),
    drawSelection(),
    highlightActiveLine(),
    indentUnit.of("  "),
    search({ top: true }),
    keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, indentWithTab]),
    EditorView.contentAttributes.of({ "aria-label": label }),
    EditorView.lineWrapping,
  ];
}

function mark(lines: readonly number[]): Extension {
  return EditorView.decorations.of((view) => {
    const there = [...new Set(lines)].filter((line) => line >= 1 && line <= view.state.doc.lines).sort((a, b) => a - b);
    return Decoration.set(there.map((line) => WRONG.range(view.state.doc.line(line).from)));
  });
}
