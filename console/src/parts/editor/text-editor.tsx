// A text to write: YAML or a command, with what is wrong marked where it stands.

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, type Text } from "@codemirror/state";
import { EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { look } from "./look";
import { stretchOf, type TextMark } from "./text-marks";
import { typeOver } from "./type-over";
import css from "./text-view.module.css";

interface TextEditorProps {
  text: string;
  label: string;
  language?: "yaml" | "command";
  hint?: string;
  marks?: readonly TextMark[];
  /** A place to go to; a new object goes there again. */
  place?: Pick<TextMark, "line" | "column">;
  onChange: (text: string) => void;
}

const NO_MARKS: readonly TextMark[] = [];

/** Escape, then Tab, leaves the editor. */
export function TextEditor({ text, label, language = "yaml", hint = "", marks = NO_MARKS, place, onChange }: TextEditorProps) {
  const parent = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ text, onChange });
  latest.current = { text, onChange };
  useEffect(() => {
    if (!parent.current) return;
    const tell = EditorView.updateListener.of((update) => {
      const written = update.docChanged ? update.state.doc.toString() : latest.current.text;
      if (written !== latest.current.text) latest.current.onChange(written);
    });
    const extensions = [writing(label, language, hint), tell];
    const made = new EditorView({ parent: parent.current, state: EditorState.create({ doc: latest.current.text, extensions }) });
    view.current = made;
    return () => made.destroy();
  }, [label, language, hint]);
  useEffect(() => {
    const doc = view.current?.state.doc;
    if (doc && doc.toString() !== text) view.current?.dispatch({ changes: { from: 0, to: doc.length, insert: text } });
  }, [text]);
  useEffect(() => {
    const state = view.current?.state;
    if (state) view.current?.dispatch(setDiagnostics(state, diagnose(state.doc, marks)));
  }, [marks, label, language, hint]);
  useEffect(() => {
    if (!place || !view.current) return;
    const { from } = stretchOf(view.current.state.doc, place);
    view.current.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
    view.current.focus();
  }, [place]);
  return <div ref={parent} className={css.text} />;
}

function diagnose(doc: Text, marks: readonly TextMark[]): Diagnostic[] {
  return marks
    .filter((mark) => mark.line > 0)
    .map((mark) => ({ ...stretchOf(doc, mark), severity: mark.severity, message: mark.message }))
    .sort((a, b) => a.from - b.from);
}

function writing(label: string, language: "yaml" | "command", hint: string): Extension {
  return [
    look,
    lineNumbers(),
    lintGutter(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    history(),
    typeOver,
    search({ top: true }),
    keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap, indentWithTab]),
    language === "yaml" ? yaml() : [],
    EditorView.lineWrapping,
    EditorState.tabSize.of(2),
    placeholder(hint),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
  ];
}
