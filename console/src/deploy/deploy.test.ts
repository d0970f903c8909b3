import { expect, test } from "vitest";
import { Problem } from "@/api/problem";
import type { Definition, Deployment } from "@/live/records";
import type { Plan, ServiceChange } from "@/parts/plan/plan";
import { defaultName, describeAct, describeChange, describeNew, describeSource, EMPTY, isOvertaken, wrongLines } from "./deploy-body";
import { reasonAgainst } from "./use-apply";

const shop: Definition = { service_id: "shop", service_name: "Shop", subtype: "stack", content: "web:" };

const running = {
  deployment_id: "shop-1", deployment_name: "shop", placement: { pool_id: "default" }, quantities: { web: 3, db: 1 },
} as unknown as Deployment;

test("a definition is deployed by its id, so that its text is not sent", () => {
  const body = describeNew({ ...EMPTY, text: "web:" }, shop, "edge");
  expect(body).toEqual({ placement: { pool_id: "edge" }, quantities: {}, stack: { service_id: "shop", service_name: "Shop", subtype: "stack" } });
});

test("an edited text goes with the definition that it came from", () => {
  const body = describeNew({ ...EMPTY, name: " mine ", text: "api:" }, shop, "default");
  expect([body?.deployment_name, body?.stack]).toEqual(["mine", { service_id: "shop", service_name: "Shop", subtype: "stack", content: "api:" }]);
});

test.each([
  ["there is none", EMPTY, undefined],
  ["it is blank", { ...EMPTY, text: " \n" }, undefined],
  ["that of a definition was emptied", { ...EMPTY, text: "" }, shop],
])("nothing is asked for without a text: %s", (_, draft, definition) => {
  expect(describeNew(draft, definition, "default")).toBeUndefined();
});

test("a change sends only what differs", () => {
  const draft = { name: "shop", pool: "edge", text: "web:", quantities: { web: 5, db: 1 } };
  expect(describeChange(draft, running, "web:")).toEqual({ placement: { pool_id: "edge" }, quantities: { web: 5 } });
  expect(describeChange(EMPTY, running, "web:")).toEqual({});
});

const plan = { replaced: [], placed: [{}, {}], ended: [], unplaced: [{ service_slots: [0] }] } as unknown as Plan;

test("the button says what comes of it, where that comes at once", () => {
  expect([describeAct("Deploy", plan, true), describeAct("Prepare", plan, false)]).toEqual(["Deploy: adds 2, 1 waits", "Prepare"]);
});

const refusal = (...lines: number[]) =>
  new Problem(422, lines.map((line) => ({ code: "invalid_text", message: `line ${line} is wrong`, line })));

test("lines that a refusal names are marked", () => {
  expect([wrongLines(refusal(3, 0, 7)), wrongLines(undefined)]).toEqual([[3, 7], []]);
});

test("a text that others changed meanwhile is told of, one that nobody edits here is not", () => {
  const written = { ...EMPTY, text: "mine", base: "old" };
  expect([isOvertaken(written, "theirs"), isOvertaken(written, "old"), isOvertaken(EMPTY, "theirs")]).toEqual([true, false, false]);
});

test("a deployment without a name is called as its definition, or as the first service", () => {
  const services = [{ service_id: "api" }] as ServiceChange[];
  expect([defaultName(describeSource(shop), services), defaultName(describeSource(undefined), services)]).toEqual(["Shop", "api"]);
});

const ready = { online: true, busy: false, wanted: true, none: "Nothing is changed yet", planning: { plan, pending: false } };

test("slots that wait do not forbid to apply", () => {
  expect(reasonAgainst(ready)).toBeUndefined();
});

test.each([
  ["Offline", { online: false }],
  ["Nothing is changed yet", { wanted: false }],
  ["The plan is being made", { planning: { ...ready.planning, pending: true } }],
  ["line 3 is wrong", { planning: { pending: false, problem: refusal(3) } }],
])("the button says %j where it cannot be pressed", (reason, facts) => {
  expect(reasonAgainst({ ...ready, ...facts })).toBe(reason);
});
