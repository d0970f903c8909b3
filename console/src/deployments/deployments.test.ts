import { expect, test } from "vitest";
import type { Container, Deployment } from "@/live/records";
import { Store } from "@/live/store";
import { parseFilter } from "@/state/filter";
import { ACTION_LABEL, type DeploymentAction, reasonAgainst } from "./deployment-acts";
import { slotsOf } from "@/live/slots";
import { FILTER_FIELDS, listDeployments } from "./deployment-rows";
import { chooseTwo } from "./generation-choice";
import { describe, differences } from "./scaling";
import { groupByService } from "./services";

const aDeployment = (id: string, members: Partial<Deployment> = {}): Deployment =>
  ({
    deployment_id: id, deployment_name: id, placement: { pool_id: "default" }, desired_state: 1, current_state: 1, pending_state: 0,
    stack: { service_id: "", service_name: "", subtype: "stack" }, created_on: "", desired_state_changed_at: "", generation: 1, ...members,
  }) as Deployment;

const aSlot = (members: Partial<Container>): Container =>
  ({
    deployment_id: "shop", host_id: "h", host_group: "", service_id: "web", service_slot: 0, phase_id: 0, state: "Running", message: "",
    checks_total: 0, checks_passed: 0, retry_at: "", ...members,
  }) as Container;

function aStore(deployments: Deployment[], slots: Container[] = []): Store {
  const store = new Store((run) => run());
  for (const each of deployments) store.put("deployment", each.deployment_id, each);
  slots.forEach((each, index) => store.put("container", String(index), each));
  return store;
}

const query = { filter: parseFilter("", FILTER_FIELDS), words: [], pool: "", by: "state", down: false };

test("deployments that need a person come first", () => {
  const store = aStore([aDeployment("calm"), aDeployment("shop")], [aSlot({ health: "unhealthy", checks_total: 1, message: "status 503" })]);
  const list = listDeployments(store, query, 0);
  expect([list.ids, list.rows.get("shop")?.word, list.rows.get("shop")?.message]).toEqual([["shop", "calm"], "unhealthy", "status 503"]);
});

test("slots stand by phase, then service, then number", () => {
  const slots = [
    aSlot({ service_id: "web", service_slot: 10, phase_id: 1 }), aSlot({ service_id: "web", service_slot: 2, phase_id: 1 }),
    aSlot({ service_id: "db", phase_id: 0 }),
  ];
  const order = slotsOf(aStore([], slots), "shop");
  expect(order.map((each) => `${each.service_id}${each.service_slot}`)).toEqual(["db0", "web2", "web10"]);
  expect(groupByService(order).map((each) => [each.name, each.slots.length])).toEqual([["db", 1], ["web", 2]]);
});

test("the filter knows state and pool", () => {
  const store = aStore([aDeployment("a"), aDeployment("b", { placement: { pool_id: "edge" }, desired_state: 0, current_state: 0 })]);
  const ids = (text: string) => listDeployments(store, { ...query, filter: parseFilter(text, FILTER_FIELDS) }, 0).ids;
  expect([ids("pool:edge"), ids("state:stopped"), ids("-state:stopped")]).toEqual([["b"], ["b"], ["a"]]);
});

test.each<[string, Partial<Deployment>, DeploymentAction[]]>([
  ["runs", {}, ["stop", "restart"]],
  ["is stopped", { desired_state: 0, current_state: 0 }, ["start", "remove"]],
  ["is stopping", { desired_state: 0, current_state: 2 }, ["start"]],
])("a deployment that %s allows what makes sense", (_, members, allowed) => {
  const actions = Object.keys(ACTION_LABEL) as DeploymentAction[];
  expect(actions.filter((action) => !reasonAgainst(action, aDeployment("a", members)))).toEqual(allowed);
});

test("the button says how many slots come and go", () => {
  expect(describe(differences({ web: 3, db: 1 }, { web: 5, db: 0 }))).toBe("Scale: add 2, remove 1");
  expect(describe(differences({ web: 3 }, { web: 3 }))).toBe("Scale");
});

test("choosing a third generation compares it with the newer of the two", () => {
  expect([chooseTwo(1, 4, 6), chooseTwo(6, 4, 6)]).toEqual([{ from: 1, to: 6 }, { from: 4, to: 6 }]);
});
