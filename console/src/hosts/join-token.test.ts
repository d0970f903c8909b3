import { expect, test } from "vitest";
import { describeLimits, isOver, limitsBody } from "./join-token";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const NEVER = "0001-01-01T00:00:00Z";

test("a token says how long and for how many hosts it is good", () => {
  expect(describeLimits({ expires_on: NEVER, uses_left: null }, NOW)).toBe("This token does not end and is good for any number of hosts.");
  expect(describeLimits({ expires_on: "2026-01-01T01:00:00Z", uses_left: 2 }, NOW)).toBe("This token ends in 1\u202fh and is good for 2 more hosts.");
});

test("a token is over at its end, and after its last use", () => {
  expect(isOver({ expires_on: "2025-12-31T23:59:59Z", uses_left: null }, NOW)).toBe(true);
  expect(isOver({ expires_on: NEVER, uses_left: 0 }, NOW)).toBe(true);
  expect(isOver({ expires_on: NEVER, uses_left: 1 }, NOW)).toBe(false);
});

test("bounds that were not chosen are not sent", () => {
  expect([limitsBody("", 0), limitsBody("3600", 2)]).toEqual([{}, { lifetime_s: 3600, uses: 2 }]);
});
