// Typing over a selection, done in the editor's own text. Left to the browser, it keeps the look of
// what it replaces in a style attribute, which the page's policy refuses.

import type { EditorState, TransactionSpec } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

type Typed = Pick<InputEvent, "inputType" | "data" | "isComposing">;

/** Return the change that typing makes; none where the browser may do it. */
export function replaceTyped(state: EditorState, { inputType, data, isComposing }: Typed): TransactionSpec | undefined {
  const selected = state.selection.ranges.some((range) => !range.empty);
  if (inputType !== "insertText" || !data || isComposing || !selected || state.readOnly) return undefined;
  return { ...state.replaceSelection(data), userEvent: "input.type", scrollIntoView: true };
}

export const typeOver = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const change = view.composing ? undefined : replaceTyped(view.state, event);
    if (change) view.dispatch(change);
    return Boolean(change);
  },
});
