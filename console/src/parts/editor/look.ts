// How texts look in every editor: colours from the tokens, so that both themes hold.

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { nonce } from "@/nonce";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: [tags.string, tags.content], color: "var(--ok)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--hold)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--text-3)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.meta, tags.labelName], color: "var(--busy)" },
  { tag: [tags.punctuation, tags.separator], color: "var(--text-2)" },
]);

const base = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--panel)", fontSize: "13px", blockSize: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px", overflow: "auto" },
  ".cm-content": { caretColor: "var(--accent)", paddingBlock: "8px" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--text-3)", border: "none", paddingInlineStart: "6px" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in oklab, var(--text) 5%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--accent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-soft)",
  },
  ".cm-searchMatch": { backgroundColor: "var(--wait-soft)", outline: "1px solid var(--wait-fill)" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--text)", borderColor: "var(--line)" },
  ".cm-tooltip": { backgroundColor: "var(--panel)", border: "1px solid var(--line)", borderRadius: "6px", boxShadow: "var(--float)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent-soft)", color: "var(--text)" },
  ".cm-changedText": { background: "none", textDecoration: "underline", textDecorationThickness: "2px" },
  ".cm-insertedLine, &.cm-merge-b .cm-changedLine": { backgroundColor: "var(--ok-soft)" },
  ".cm-deletedLine, .cm-deletedChunk, &.cm-merge-a .cm-changedLine": { backgroundColor: "var(--bad-soft)" },
  ".cm-collapsedLines::before, .cm-collapsedLines::after": { content: '"⋯"', marginInline: "8px" },
  ".cm-collapsedLines": { backgroundColor: "var(--sunken)", color: "var(--text-2)", backgroundImage: "none", fontFamily: "var(--sans)", paddingBlock: "2px" },
});

/** Colours, fonts, and the nonce without which the policy refuses the editor's styles. */
export const look: Extension = [base, syntaxHighlighting(colours), ...(nonce ? [EditorView.cspNonce.of(nonce)] : [])];
