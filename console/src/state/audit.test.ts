import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AUDIT_KEYS, describeOrigin, isAudit } from "./audit";

test("the console knows every kind of event that tells who did what", () => {
  const source = readFileSync(join(import.meta.dirname, "../../../src/berth/domain/audit.py"), "utf8");
  const keys = [...source.matchAll(/^ +"([a-z_]+)",$/gm)].map(([, key]) => key);
  expect(keys.sort()).toEqual([...AUDIT_KEYS].sort());
});

test("a login is such an event, and a start of a container is none", () => {
  expect([isAudit({ event_key: "login" }), isAudit({ event_key: "container_started" })]).toEqual([true, false]);
});

test("an act says with what it was allowed and where it came from", () => {
  expect(describeOrigin({ credential: "token ci", address: "10.0.0.3" })).toBe("with the token ci, from 10.0.0.3");
  expect(describeOrigin({ credential: "session a1b2" })).toBe("in the session a1b2");
  expect(describeOrigin({ caller: "admin" })).toBe("");
});
