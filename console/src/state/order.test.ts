import { expect, test } from "vitest";
import type { Condition } from "./condition";
import { compareConditions, compareNames } from "./order";

test("what needs a person comes first", () => {
  const mixed: Condition[] = ["well", "paused", "waits", "ill", "runs", "unknown", "fails", "starts", "stops"];
  expect(mixed.sort(compareConditions)).toEqual(["ill", "fails", "waits", "starts", "stops", "unknown", "paused", "runs", "well"]);
});

test("numbers in names count as numbers", () => {
  expect(["web-10", "web-2", "Web-1"].sort(compareNames)).toEqual(["Web-1", "web-2", "web-10"]);
});
