import { expect, test } from "vitest";
import { readTags, writeTags } from "./tags";

test("tags are words between commas or spaces, each once", () => {
  expect(readTags(" eu, ssd  eu,,gpu ")).toEqual(["eu", "ssd", "gpu"]);
  expect(readTags("")).toEqual([]);
});

test("what is written is read back", () => {
  expect(readTags(writeTags(["eu", "ssd"]))).toEqual(["eu", "ssd"]);
  expect(writeTags(null)).toBe("");
});
