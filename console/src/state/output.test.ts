import { expect, test } from "vitest";
import { mergeOutput } from "./output";

const OUT = "2026-01-01T00:00:01.000000001Z starting\n2026-01-01T00:00:03.000000000Z stopping\n";
const ERR = "2026-01-01T00:00:02.000000000Z cannot open db\n";

test("lines of both streams stand in the order of their times", () => {
  const lines = mergeOutput(OUT, ERR, 10);
  expect(lines.map((line) => [line.stream, line.text])).toEqual([
    ["stdout", "starting"],
    ["stderr", "cannot open db"],
    ["stdout", "stopping"],
  ]);
});

test("the newest lines are kept", () => {
  expect(mergeOutput(OUT, ERR, 1).map((line) => line.text)).toEqual(["stopping"]);
});

test("an empty line stays one", () => {
  expect(mergeOutput("2026-01-01T00:00:01.000000001Z \n", "", 5).map((line) => line.text)).toEqual([""]);
});
