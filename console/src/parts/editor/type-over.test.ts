import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";
import { replaceTyped } from "./type-over";

const TEXT = "web:\n  image: nginx\n";
const typed = { inputType: "insertText", data: "w", isComposing: false };
const stateWith = (head: number) => EditorState.create({ doc: TEXT, selection: { anchor: 0, head } });

test("what is typed over several lines takes their place", () => {
  const state = stateWith(TEXT.length);
  const change = replaceTyped(state, typed);
  expect(change && state.update(change).newDoc.toString()).toBe("w");
});

test("typing without a selection, composing and reading are left to the browser", () => {
  expect(replaceTyped(stateWith(0), typed)).toBeUndefined();
  expect(replaceTyped(stateWith(4), { ...typed, isComposing: true })).toBeUndefined();
  const reading = EditorState.create({ doc: TEXT, selection: { anchor: 0, head: 4 }, extensions: EditorState.readOnly.of(true) });
  expect(replaceTyped(reading, typed)).toBeUndefined();
});
