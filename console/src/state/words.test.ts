import { expect, test } from "vitest";
import { formatAge, formatBytes, formatCount, parseTime, plural } from "./words";

const plain = (text: string) => text.replaceAll("\u202f", " ");

test.each([
  [0, "0 B"], [999, "999 B"], [1024, "1 KB"], [4_509_715_660, "4.2 GB"], [131_072, "128 KB"], [1_073_217_536, "1 GB"],
])("%i bytes are %s", (bytes, text) => {
  expect(plain(formatBytes(bytes))).toBe(text);
});

test.each([
  [-5, "0 s"], [12_400, "12 s"], [59_999, "59 s"], [240_000, "4 min"], [3 * 3_600_000, "3 h"], [9 * 86_400_000, "9 d"],
])("%i ms are %s", (ms, text) => {
  expect(plain(formatAge(ms))).toBe(text);
});

test("thousands have commas, and one is singular", () => {
  expect([formatCount(10_000), plural(1, "host"), plural(3, "host"), plural(2, "entry", "entries")]).toEqual([
    "10,000", "1 host", "3 hosts", "2 entries",
  ]);
});

test("the year 1 is no time", () => {
  expect([parseTime("0001-01-01T00:00:00Z"), parseTime(""), parseTime(undefined)].every(Number.isNaN)).toBe(true);
  expect(parseTime("2026-12-01T00:00:00Z")).toBe(Date.UTC(2026, 11, 1));
});
