import { expect, test } from "vitest";
import type { Container } from "@/live/records";
import { Store } from "@/live/store";
import { parseFilter } from "@/state/filter";
import { ACTIONS, reasonAgainst } from "./container-acts";
import { FILTER_FIELDS, listContainers } from "./container-rows";
import { SECTIONS } from "./facts";
import { isSecretName } from "./inspect";
import { findSuccessor } from "./use-container";

const aContainer = (members: Partial<Container>): Container =>
  ({
    container_name: "", container_id: "c", image: "", hostname: "", host_id: "h", host_group: "", deployment_id: "d", deployment_name: "",
    service_id: "", service_slot: 0, state: "Running", message: "", checks_total: 0, checks_passed: 0, started_at: "", ...members,
  }) as Container;

function aStore(containers: Record<string, Partial<Container>>): Store {
  const store = new Store((run) => run());
  for (const [id, members] of Object.entries(containers)) store.put("container", id, aContainer(members));
  return store;
}

const query = { filter: parseFilter("", FILTER_FIELDS), states: [], pool: "", by: "name", down: false };

test("a list is sorted as people count, and its chips count what the filter leaves", () => {
  const store = aStore({ a: { container_name: "10.web" }, b: { container_name: "2.web" }, c: { container_name: "db", state: "Paused" } });
  const list = listContainers(store, { ...query, filter: parseFilter("web", FILTER_FIELDS) }, 0);
  expect([list.ids, list.counts.runs, list.counts.paused, list.total]).toEqual([["b", "a"], 2, 0, 3]);
});

test("chips choose states without changing their counts", () => {
  const store = aStore({ a: {}, b: { state: "Paused" } });
  const list = listContainers(store, { ...query, states: ["paused"] }, 0);
  expect([list.ids, list.counts.runs]).toEqual([["b"], 1]);
});

test("the scope leaves other pools out", () => {
  const store = aStore({ a: { host_group: "edge" }, b: { host_group: "core" } });
  expect(listContainers(store, { ...query, pool: "edge" }, 0).ids).toEqual(["a"]);
});

test("by state the worse comes first", () => {
  const store = aStore({ a: {}, b: { health: "unhealthy", checks_total: 1 } as Partial<Container>, c: { state: "Stopped" } });
  expect(listContainers(store, { ...query, by: "state" }, 0).ids).toEqual(["b", "a", "c"]);
});

test.each<[Partial<Container>, string[]]>([
  [{}, ["stop", "restart", "pause", "kill"]],
  [{ state: "Paused" }, ["stop", "restart", "unpause", "kill"]],
  [{ state: "Stopped" }, ["start", "restart", "remove"]],
  [{ state: "Unknown" }, []],
  [{ container_id: "", state: "Pending" }, []],
])("a container that is %o allows %o", (members, allowed) => {
  expect(ACTIONS.filter((action) => !reasonAgainst(action, aContainer(members)))).toEqual(allowed);
});

test("a page goes on with the newest container of the same slot", () => {
  const store = aStore({
    old: { service_id: "web", service_slot: 1, started_at: "2026-12-01T10:00:00Z" },
    new: { service_id: "web", service_slot: 1, started_at: "2026-12-01T11:00:00Z" },
    other: { service_id: "web", service_slot: 2, started_at: "2026-12-01T12:00:00Z" },
  });
  expect(findSuccessor(store, aContainer({ service_id: "web", service_slot: 1 }))).toBe("new");
});

test.each(["DATABASE_PASSWORD", "API_KEY", "token", "AWS_SECRET"])("the value of %s is hidden at first", (name) => {
  expect(isSecretName(name)).toBe(true);
});

test("ordinary variables are shown", () => {
  expect(["LOG_LEVEL", "PATH", "OCCS_HOST_ID"].some(isSecretName)).toBe(false);
});


test("variables with an equals sign in their value stay whole", () => {
  const { sections } = SECTIONS.environment({ Config: { Env: ["B=x=y", "A"] } }, aContainer({}));
  expect(sections[0]?.facts).toEqual([{ name: "A", value: "" }, { name: "B", value: "x=y" }]);
});

test("any document is shown without an error, however empty", () => {
  for (const tab of Object.keys(SECTIONS) as (keyof typeof SECTIONS)[]) expect(SECTIONS[tab]({}, aContainer({})).sections.length).toBeGreaterThan(0);
});
