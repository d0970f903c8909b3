import { expect, test } from "vitest";
import type { Definition, Deployment } from "@/live/records";
import { Store } from "@/live/store";
import { parseFilter } from "@/state/filter";
import { takeOver } from "./command-edit";
import { FILTER_FIELDS, imagesOf, listDefinitions } from "./definition-rows";
import { isCommand, marksOf } from "./language";

const definition = (id: string, content: string): [string, Definition] =>
  [id, { service_id: id, service_name: id, subtype: "service", content }];

const deployment = (name: string, service: string, subtype = "service") =>
  [name, { deployment_id: name, deployment_name: name, stack: { service_id: service, subtype } } as Deployment] as const;

function aStore(): Store {
  const store = new Store(() => undefined);
  store.replace("service", new Map([definition("web", "web:\n  image: nginx:1.29 # small\n"), definition("db", "db:\n  image: 'postgres:18'\n")]));
  store.replace("deployment", new Map([deployment("shop", "web"), deployment("shop-2", "web"), deployment("other", "web", "stack")]));
  return store;
}

const list = (q: string, group = "", by = "name") =>
  listDefinitions(aStore(), "service", { filter: parseFilter(q, FILTER_FIELDS), group, by, down: false });

test("a definition lists the deployments that came from it, and not those of a stack of the same id", () => {
  expect(list("").rows.get("web")?.deployments.map((each) => each.deployment_name)).toEqual(["shop", "shop-2"]);
});

test("definitions are found by image and by deployment", () => {
  expect([list("image:postgres").ids, list("deployment:shop").ids]).toEqual([["db"], ["web"]]);
});

test("a group narrows the list and its count stays", () => {
  const { ids, counts } = list("", "deployed");
  expect([ids, counts.deployed, counts.own]).toEqual([["web"], 1, 2]);
});

test("images are read from every way to write them", () => {
  const text = 'a:\n  image: "one:1"\nb:\n  image: two # note\nc:\n  - image: \'three\'\nd:\n  image: one:1\n  # image: four\n';
  expect(imagesOf(text)).toEqual(["one:1", "two", "three"]);
});

test("an edited command changes only what differs, and never the service's name", () => {
  const service = { name: "web", image: "nginx:1", scheduler: "spread", hostname: "w", ports: [1] };
  const before = { name: "nginx", image: "nginx:1", hostname: "w", ports: [1] };
  const after = { name: "nginx-2", image: "nginx:2", ports: [1], user: "www" };
  expect(takeOver(service, before, after)).toEqual({ name: "web", image: "nginx:2", scheduler: "spread", ports: [1], user: "www" });
});

test("what has no effect is marked less than an error", () => {
  const marks = marksOf({
    valid: false,
    errors: [{ line: 3, column: 2, message: "unknown key", field: "imge" }],
    report: [
      { line: 4, field: "build", outcome: "ignored", reason: "Berth runs images" },
      { line: 5, field: "links", outcome: "translated", reason: "by hosts entries" },
    ],
    services: {},
  });
  expect(marks.map((each) => [each.line, each.severity])).toEqual([[3, "error"], [4, "info"]]);
});

test("a docker run command is told from YAML", () => {
  expect([isCommand("docker run -d nginx"), isCommand(" sudo docker container run x"), isCommand("docker: {image: run}")]).toEqual([true, true, false]);
});
