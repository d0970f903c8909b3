import { expect, test } from "vitest";
import { describeEnd, tokenBody } from "./token-facts";

const NOW = Date.parse("2026-01-01T00:00:00Z");

test("a token says when it ends", () => {
  expect(describeEnd({ expires_on: "2026-01-31T00:00:00Z", ended: false }, NOW)).toBe("ends in 30\u202fd");
  expect(describeEnd({ expires_on: "0001-01-01T00:00:00Z", ended: false }, NOW)).toBe("does not end");
  expect(describeEnd({ expires_on: "2025-12-31T00:00:00Z", ended: true }, NOW)).toBe("ended");
});

test("a token that never ends is asked for without a lifetime", () => {
  expect(tokenBody(" ci ", "read", "")).toEqual({ name: "ci", scope: "read" });
  expect(tokenBody("ci", "full", "86400")).toEqual({ name: "ci", scope: "full", lifetime_s: 86_400 });
});
