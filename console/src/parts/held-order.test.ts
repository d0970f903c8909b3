import { expect, test } from "vitest";
import { holdOrder } from "./held-order";

test("rows that changed place stay where they are and are counted", () => {
  expect(holdOrder(["a", "b", "c"], ["c", "a", "b"])).toEqual({ ids: ["a", "b", "c"], moved: 3 });
});

test("rows that went leave, rows that came wait", () => {
  expect(holdOrder(["a", "b", "c"], ["a", "c", "d"])).toEqual({ ids: ["a", "c"], moved: 1 });
});

test("an order that holds says that nothing moved", () => {
  expect(holdOrder(["a", "b"], ["a", "b"]).moved).toBe(0);
});
