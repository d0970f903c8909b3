import { expect, test } from "vitest";
import { groupHits, markHits, type Result } from "./hits";

const result = (kind: string, id: string): Result => ({ kind, id, name: id, matches: [], path: "" });

test("results are grouped by kind in the order of the page", () => {
  const groups = groupHits([result("key", "limit"), result("container", "c1"), result("deployment", "shop"), result("comet", "x")]);
  expect(groups.map((each) => each.label)).toEqual(["Deployments", "Containers", "Keys", "comet"]);
});

test("every place of the query is marked, whatever its case", () => {
  expect(markHits("API of api", "api")).toEqual([
    { text: "API", hit: true }, { text: " of ", hit: false }, { text: "api", hit: true },
  ]);
  expect(markHits("web", "api")).toEqual([{ text: "web", hit: false }]);
});
