import { expect, test } from "vitest";
import { contrast } from "./colours.ts";
import { LIGHT } from "./palette.ts";
import { findWeakPairs } from "./tokens.ts";

test("white on black has the greatest contrast there is", () => {
  expect(contrast([1, 0, 0], [0, 0, 0])).toBeCloseTo(21, 1);
});

test("a text that is too light is found", () => {
  expect(findWeakPairs("light", LIGHT)).toEqual([]);
  const weak = findWeakPairs("light", { ...LIGHT, "text-3": [0.75, 0, 0] });
  expect(weak[0]).toMatch(/^light: text-3 on page has \d\.\d\d, needs 4.5$/);
});
