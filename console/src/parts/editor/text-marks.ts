// Places of a text that something is said about, as the manager names them: line and column from 1.

import type { Text } from "@codemirror/state";

export interface TextMark {
  line: number;
  /** 0 for the whole line. */
  column: number;
  message: string;
  severity: "error" | "info";
}

/** Return the stretch that a mark underlines: the word at its column, or what stands on its line. */
export function stretchOf(doc: Text, { line, column }: Pick<TextMark, "line" | "column">): { from: number; to: number } {
  const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const indent = at.text.length - at.text.trimStart().length;
  const start = column > 1 ? Math.min(column - 1, at.length) : indent;
  if (start >= at.length) return { from: at.from, to: at.to };
  const [word = ""] = column > 0 ? (/^[^\s:]+/.exec(at.text.slice(start)) ?? []) : [];
  return { from: at.from + start, to: word ? at.from + start + word.length : at.to };
}
