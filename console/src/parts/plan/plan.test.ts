import { expect, test } from "vitest";
import { Store } from "@/live/store";
import { conditionsOf, countPlan, describeCounts, describePolicy, describeSlots, groupByService, type Plan } from "./plan";
import { describeFleet } from "./use-plan";

const at = (service_id: string, service_slot: number) => ({ service_id, service_slot, host_id: "h", hostname: "h", step: 1, reason: "" });

const policy = { parallelism: 1, delay_s: 2, order: "start-first", on_failure: "rollback", monitor_s: 5, max_failure_ratio: 0 };

const aService = (service_id: string) =>
  ({ service_id, change: "same", image: "", image_before: "", quantity: 1, quantity_before: 1, policy }) as const;

const aPlan = (members: Partial<Plan>): Plan => ({
  deployment_id: "shop", generation: 1, steps: 1, more: false, services: [aService("db"), aService("web")],
  kept: [], placed: [], replaced: [], ended: [], unplaced: [], held: [], ...members,
});

const waiting = { service_id: "web", service_slots: [1, 3], reasons: [] };

test("a plan says what it replaces, adds and removes, and what waits", () => {
  const replaced = [{ ...at("web", 0), from_host_id: "h", from_hostname: "h" }];
  const plan = aPlan({ replaced, placed: [at("web", 2)], ended: [at("db", 1)], unplaced: [waiting] });
  expect(describeCounts(countPlan(plan))).toBe("replaces 1, adds 1, removes 1, 2 wait");
});

test("a plan that changes nothing says nothing", () => {
  expect(describeCounts(countPlan(aPlan({ kept: [at("db", 0)] })))).toBe("");
});

test("the strip stands by service and slot, and an old container that stays fills its slot", () => {
  const plan = aPlan({ kept: [at("web", 1), at("db", 0)], placed: [at("web", 0)], unplaced: [waiting] });
  expect(conditionsOf(plan)).toEqual(["runs", "starts", "runs", "waits"]);
});

test("each service has its own slots", () => {
  const [db, web] = groupByService(aPlan({ placed: [at("web", 0)], unplaced: [waiting] }));
  expect([db?.placed.length, db?.waiting.length, web?.placed.length, web?.waiting.length]).toEqual([0, 0, 1, 1]);
});

test("an update policy is told in words", () => {
  expect(describePolicy(policy)).toBe("1 at a time, the new one first, 2 s apart, returns on failure");
  expect(describePolicy({ ...policy, parallelism: 0, order: "", delay_s: 0, on_failure: "pause" })).toBe("all at once, pauses on failure");
});

test.each([
  [[3], "slot 3"],
  [[2, 0, 1], "slots 0 to 2"],
  [[0, 7, 2], "slots 0, 2 and 7"],
  [[0, 1], "slots 0 and 1"],
  [[0, 2, 4, 6, 8, 10, 12], "7 slots"],
])("slots %j are told as %s", (numbers, words) => {
  expect(describeSlots(numbers)).toBe(words);
});

test("a plan is asked for again when a host stops taking slots, not when its load changes", () => {
  const store = new Store((run) => run());
  const host = { info: { pool_id: "default" }, state: "active", duty: "active", engine_reachable: true, held: false, tags: [], load: 1 };
  const told = (members: object) => {
    store.put("host", "h", { ...host, ...members } as never);
    return describeFleet(store);
  };
  const first = told({});
  expect([told({ load: 9 }) === first, told({ duty: "drained" }) === first]).toEqual([true, false]);
});
