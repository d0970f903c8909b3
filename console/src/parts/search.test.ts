import { expect, test } from "vitest";
import { parseSearch, readParameter, stringifySearch, writeParameter } from "./search";

test("a bad value falls back to what the page has without it", () => {
  expect([readParameter("x", 5), readParameter("", 5), readParameter("7", 5), readParameter(undefined, "name")]).toEqual([5, 5, 7, "name"]);
});

test("what is the default stands in no address", () => {
  expect([writeParameter("name", "name"), writeParameter(true, false), writeParameter(false, true)]).toEqual([undefined, "1", "0"]);
});

test("addresses are plain, and unknown parameters stay", () => {
  const search = parseSearch("?q=host%3Aprod&pool=edge&other=1");
  expect(search).toEqual({ q: "host:prod", pool: "edge", other: "1" });
  expect(stringifySearch({ ...search, q: undefined })).toBe("?pool=edge&other=1");
});
