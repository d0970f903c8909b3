import fc from "fast-check";
import { expect, test } from "vitest";
import type { Container } from "./records";
import { Store } from "./store";

/** A store whose frames come when the test says so. */
function aStore() {
  const frames: (() => void)[] = [];
  const store = new Store((run) => frames.push(run));
  return { store, frame: () => frames.splice(0).forEach((run) => run()) };
}

const aContainer = (members: Partial<Container>) => ({ deployment_id: "", host_id: "", host_group: "", ...members }) as Container;

test("rows are told once a frame, however often they change", () => {
  const { store, frame } = aStore();
  let told = 0;
  store.onRecord("container", "a", () => (told += 1));
  store.put("container", "a", aContainer({ state: "Pending" }));
  store.put("container", "a", aContainer({ state: "Running" }));
  expect(told).toBe(0);
  frame();
  expect([told, store.get("container", "a")?.state]).toEqual([1, "Running"]);
});

test("only rows that changed are told", () => {
  const { store, frame } = aStore();
  const told: string[] = [];
  for (const id of ["a", "b"]) store.onRecord("container", id, () => told.push(id));
  store.put("container", "b", aContainer({}));
  frame();
  expect(told).toEqual(["b"]);
});

test("a list that is read again tells only of what differs", () => {
  const { store, frame } = aStore();
  store.replace("container", new Map([["a", aContainer({ state: "Running" })], ["b", aContainer({})], ["c", aContainer({})]]));
  frame();
  const told: string[] = [];
  for (const id of ["a", "b", "c"]) store.onRecord("container", id, () => told.push(id));
  store.replace("container", new Map([["a", aContainer({ state: "Running" })], ["b", aContainer({ state: "Paused" })]]));
  frame();
  expect(told.sort()).toEqual(["b", "c"]);
});

test("an empty list counts as read", () => {
  const { store, frame } = aStore();
  store.replace("container", new Map());
  frame();
  expect(store.version("container")).toBe(1);
});

test("who stopped listening is not told", () => {
  const { store, frame } = aStore();
  let told = 0;
  const stop = store.onKind("container", () => (told += 1));
  stop();
  store.put("container", "a", aContainer({}));
  frame();
  expect(told).toBe(0);
});

const ids = fc.constantFrom("a", "b", "c", "d");
const owners = fc.constantFrom("", "x", "y");
const commands = fc.array(fc.tuple(ids, fc.option(fc.record({ deployment_id: owners, host_id: owners, host_group: owners }))));

test("indices agree with the records after any commands", () => {
  fc.assert(
    fc.property(commands, (steps) => {
      const { store, frame } = aStore();
      const model = new Map<string, Container>();
      for (const [id, members] of steps) {
        store.put("container", id, members && aContainer(members));
        if (members) model.set(id, aContainer(members));
        else model.delete(id);
      }
      frame();
      for (const owner of ["x", "y"]) {
        const wanted = [...model].filter(([, each]) => each.host_id === owner).map(([id]) => id);
        expect([...store.containersOf("host", owner)].sort()).toEqual(wanted.sort());
      }
      expect([...store.all("container").keys()].sort()).toEqual([...model.keys()].sort());
    }),
  );
});
