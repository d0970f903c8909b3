import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { countSlots, sumForecasts } from "./forecast";

const plan = (parts: Partial<Schemas["ForecastAnswer"]>): Schemas["ForecastAnswer"] => ({
  deployment_id: "shop", generation: 1, kept: [], placed: [], replaced: [], ended: [], unplaced: [], held: [], services: [], steps: 1, more: false, ...parts,
});
const replaced = (slot: number, hostname: string) => ({
  service_id: "web", service_slot: slot, from_host_id: "a", from_hostname: "a", host_id: hostname, hostname, step: 1,
});

test("slots are counted by the host that they go to, the fullest first", () => {
  const forecast = sumForecasts([{ plans: [plan({ replaced: [replaced(1, "b"), replaced(2, "c"), replaced(3, "c")] })], more: false }]);
  expect(forecast.moved).toBe(3);
  expect(forecast.targets.map((each) => [each.hostname, each.count])).toEqual([["c", 2], ["b", 1]]);
});

test("slots that wait and slots that stay are told with their numbers", () => {
  const waiting = { service_id: "db", service_slots: [1, 2, 3], reasons: [] };
  const forecast = sumForecasts([{ plans: [plan({ unplaced: [waiting], held: [{ ...waiting, service_slots: [4] }] })], more: false }]);
  expect(forecast.waiting[0]?.slots).toBe("db 1, 2 and 3");
  expect(forecast.held[0]?.slots).toBe("db 4");
  expect(countSlots(forecast.waiting)).toBe(3);
});

test("one plan that is not complete makes the whole forecast incomplete", () => {
  expect(sumForecasts([{ plans: [], more: false }, { plans: [plan({ more: true })], more: false }]).more).toBe(true);
});
