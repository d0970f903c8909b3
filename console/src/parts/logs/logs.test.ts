import { expect, test } from "vitest";
import { parseAnsi, plainText } from "./ansi";
import { linesOfStreams, LogBuffer } from "./log-buffer";
import { formatLineTime } from "./log-row";
import { markFound, matches, readSearch } from "./log-search";

test("colours become looks, and what is no colour is dropped", () => {
  expect(parseAnsi("\x1b[1;32mINFO\x1b[0m ready\x1b[2K\x1b]0;title\x07")).toEqual([
    { text: "INFO", look: "green bold" },
    { text: " ready", look: "" },
  ]);
});

test("exact colours are passed over without taking what follows for codes", () => {
  expect(parseAnsi("\x1b[38;5;1mone\x1b[38;2;1;2;31mtwo")).toEqual([{ text: "one", look: "" }, { text: "two", look: "" }]);
});

test("a text without its colours is what is searched", () => {
  expect(plainText("\x1b[31mer\x1b[0mror")).toBe("error");
});

test("a search goes over the borders of colours", () => {
  const { pattern } = readSearch("error", false);
  expect(markFound(parseAnsi("\x1b[31mEr\x1b[0mror!"), pattern)).toEqual([
    { text: "Er", look: "red found" },
    { text: "ror", look: "found" },
    { text: "!", look: "" },
  ]);
});

test("words are taken as they are, and between slashes as an expression", () => {
  expect(matches(readSearch("a.c", false).pattern as RegExp, "abc")).toBe(false);
  expect(matches(readSearch("/a.c/", false).pattern as RegExp, "ABC")).toBe(true);
  expect(matches(readSearch("/a.c/", true).pattern as RegExp, "ABC")).toBe(false);
  expect(readSearch("/(/", false).problem).not.toBe("");
});

test("an expression that finds nothing between letters marks nothing and ends", () => {
  expect(markFound([{ text: "abc", look: "" }], readSearch("/x*/", false).pattern)).toEqual([{ text: "abc", look: "" }]);
});

const line = (text: string) => ({ stream: "stdout", text });

test("the newest 50,000 lines are kept, and each keeps its number", () => {
  const buffer = new LogBuffer((run) => run());
  buffer.append(Array.from({ length: 60_000 }, (_, index) => line(String(index))));
  const all = buffer.all();
  expect([all.length, all[0]?.number, all[0]?.text, all.at(-1)?.number]).toEqual([50_000, 10_000, "10000", 59_999]);
});

test("older lines stand before the others and change no number", () => {
  const buffer = new LogBuffer((run) => run());
  buffer.append([line("c")]);
  buffer.prepend([line("a"), line("b")]);
  buffer.append([line("d")]);
  expect(buffer.all().map(({ number, text }) => `${number}${text}`)).toEqual(["-2a", "-1b", "0c", "1d"]);
});

test("both streams of an answer become lines by time", () => {
  const lines = linesOfStreams("2026-12-01T12:00:02Z two\n", "2026-12-01T12:00:01Z one\n2026-12-01T12:00:03Z \n");
  expect(lines.map(({ stream, text }) => `${stream} ${text}`)).toEqual(["stderr one", "stdout two", "stderr "]);
});

test("times are written to the millisecond, in UTC or as an age", () => {
  const time = "2026-12-01T12:00:01.123456789Z";
  expect(formatLineTime(time, "utc", 0)).toBe("12:00:01.123");
  expect(formatLineTime(time, "relative", Date.parse("2026-12-01T12:00:13.200Z"))).toBe("12\u202fs");
  expect(formatLineTime("", "utc", 0)).toBe("");
});
