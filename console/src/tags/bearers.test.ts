import { expect, test } from "vitest";
import { changesOf } from "./bearers";
import type { Bearer } from "./tag-acts";

const bearer = (id: string, tags: string[]): Bearer => ({ kind: "host", id, name: id, tags });

test("only those whose tags differ from what was chosen are changed", () => {
  const bearers = [bearer("a", ["eu", "ssd"]), bearer("b", ["eu"]), bearer("c", [])];
  expect(changesOf(bearers, "eu", new Set(["host/b", "host/c"]))).toEqual([
    [bearers[0], ["ssd"]],
    [bearers[2], ["eu"]],
  ]);
});
