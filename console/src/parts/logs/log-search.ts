// Searching in output: words, or a /regular expression/.

import type { Span } from "./ansi";

export interface Search {
  pattern: RegExp | undefined;
  /** Why it cannot be applied. */
  problem: string;
}

const NOTHING: Search = { pattern: undefined, problem: "" };

/** Read a search; text between slashes is a regular expression. */
export function readSearch(text: string, matchCase: boolean): Search {
  if (!text) return NOTHING;
  const [, expression] = /^\/(.+)\/$/.exec(text) ?? [];
  const source = expression ?? text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  try {
    return { pattern: new RegExp(source, matchCase ? "g" : "gi"), problem: "" };
  } catch (thrown) {
    return { pattern: undefined, problem: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

export function matches(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(text);
}

/** Return the spans of a line with what was found as spans of its own, whose look has "found". */
export function markFound(spans: readonly Span[], pattern: RegExp | undefined): Span[] {
  if (!pattern) return [...spans];
  const ranges = rangesOf(pattern, spans.map((span) => span.text).join(""));
  const marked: Span[] = [];
  let at = 0;
  for (const span of spans) {
    for (const part of cut(span.text.length, at, ranges)) {
      marked.push({ text: span.text.slice(part.from, part.to), look: part.found ? `${span.look} found`.trim() : span.look });
    }
    at += span.text.length;
  }
  return marked;
}

type Range = readonly [from: number, to: number];

function rangesOf(pattern: RegExp, text: string): Range[] {
  return [...text.matchAll(pattern)].filter((match) => match[0]).map((match) => [match.index, match.index + match[0].length]);
}

function cut(length: number, offset: number, ranges: readonly Range[]): { from: number; to: number; found: boolean }[] {
  const parts: { from: number; to: number; found: boolean }[] = [];
  let from = 0;
  for (const [start, end] of ranges) {
    const [begin, stop] = [Math.max(0, start - offset), Math.min(length, end - offset)];
    if (stop <= 0 || begin >= length) continue;
    if (begin > from) parts.push({ from, to: begin, found: false });
    parts.push({ from: begin, to: stop, found: true });
    from = stop;
  }
  if (from < length) parts.push({ from, to: length, found: false });
  return parts;
}
