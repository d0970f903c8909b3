import { expect, test } from "vitest";
import { conditionOf, countConditions, describeSlot, hasEnded, type Slot } from "./condition";

const aSlot = (members: Partial<Slot>): Slot => ({ state: "Running", host_id: "h1", checks_total: 0, checks_passed: 0, deployment_id: "d1", ...members });

test.each<[string, Partial<Slot>]>([
  ["well", { checks_total: 2, checks_passed: 2 }],
  ["well", { health: "healthy", checks_total: 1 }],
  ["runs", {}],
  ["runs", { health: "none" }],
  ["off", { state: "Stopped", exit_code: null }],
  ["starts", { state: "Pending" }],
  ["starts", { checks_total: 2, checks_passed: 1 }],
  ["starts", { health: "checking", checks_total: 1 }],
  ["waits", { state: "Pending", host_id: "" }],
  ["ill", { health: "unhealthy", checks_total: 1 }],
  ["fails", { state: "Pending", failures: 2, retry_at: "2026-12-01T12:00:12Z" }],
  ["starts", { state: "Pending", failures: 2, retry_at: "0001-01-01T00:00:00Z" }],
  ["stops", { state: "Stopping" }],
  ["done", { state: "Stopped", exit_code: 0 }],
  ["off", { state: "Stopped", exit_code: 137 }],
  ["off", { state: "Stopped", exit_code: 0, deployment_id: "" }],
  ["paused", { state: "Paused" }],
  ["unknown", { state: "Unknown", health: "unhealthy" }],
])("a slot is %s when it is %o", (condition, members) => {
  expect(conditionOf(aSlot(members))).toBe(condition);
});

test("a failing slot tells the seconds until its next try", () => {
  const slot = aSlot({ state: "Pending", retry_at: "2026-12-01T12:00:12Z" });
  expect(describeSlot(slot, Date.parse("2026-12-01T12:00:00Z"))).toBe("Failing, retry in 12 s");
  expect(describeSlot(slot, Date.parse("2026-12-01T12:00:13Z"))).toBe("Failing, retrying");
});

test("a running slot whose checks have not passed is being checked", () => {
  expect(describeSlot(aSlot({ checks_total: 1 }), 0)).toBe("Checking");
});

test("slots are counted by condition", () => {
  const counts = countConditions([aSlot({}), aSlot({}), aSlot({ state: "Paused" })]);
  expect([counts.runs, counts.paused, counts.ill]).toEqual([2, 1, 0]);
});

test("a container that failed or finished has ended and can be read, one that runs again has not", () => {
  const ended = { container_id: "c", exit_code: 3 };
  expect(hasEnded({ ...aSlot({ state: "Pending", retry_at: "2026-12-01T12:00:12Z" }), ...ended })).toBe(true);
  expect(hasEnded({ ...aSlot({ state: "Stopped" }), ...ended, exit_code: 0 })).toBe(true);
  expect(hasEnded({ ...aSlot({ state: "Running" }), ...ended })).toBe(false);
  expect(hasEnded({ ...aSlot({ state: "Stopped" }), ...ended, container_id: "" })).toBe(false);
});
