import { Text } from "@codemirror/state";
import { expect, test } from "vitest";
import { stretchOf } from "./text-marks";

const doc = Text.of(["web:", "  imge: nginx", ""]);

const marked = (line: number, column: number) => {
  const { from, to } = stretchOf(doc, { line, column });
  return doc.sliceString(from, to);
};

test("a mark underlines the word at its column", () => {
  expect([marked(2, 3), marked(2, 9)]).toEqual(["imge", "nginx"]);
});

test("a mark without a column underlines what stands on the line", () => {
  expect(marked(2, 0)).toBe("imge: nginx");
});

test("a mark outside the text stays in it", () => {
  expect([marked(99, 4), marked(1, 99)]).toEqual(["", "web:"]);
});
