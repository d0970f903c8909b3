import { expect, test } from "vitest";
import { fixOfReason } from "./reason-fixes";

test("a refusal that people meet has a fix, an unknown one has none", () => {
  expect([fixOfReason("port_taken"), fixOfReason("tag_missing"), fixOfReason("no_hosts")].every(Boolean)).toBe(true);
  expect(fixOfReason("of a later version")).toBeUndefined();
});
