import { expect, test } from "vitest";
import { parseFilter, passes, readAmount, type Searchable } from "./filter";

const FIELDS = ["host", "image", "since"];

const row: Searchable = {
  text: "0.api.shop\nregistry.lan/shop/api:4.12\nprod-041\nupstream timed out",
  field: (name) => ({ host: "prod-041", image: "registry.lan/shop/api:4.12", since: 300 })[name],
};

test.each([
  ["", true],
  ["api shop", true],
  ["api billing", false],
  ["-billing", true],
  ["-api", false],
  ['"upstream timed"', true],
  ['"timed upstream"', false],
  ["host:prod", true],
  ["host:stag", false],
  ["-host:prod", false],
  ["IMAGE:API", true],
  ["since:<10m", true],
  ["since:<4m", false],
  ["since:>4m api", true],
])("the filter %s lets the row pass: %s", (text, expected) => {
  expect(passes(parseFilter(text, FIELDS), row)).toBe(expected);
});

test("unknown fields are told, not ignored", () => {
  const filter = parseFilter("hots:prod api", FIELDS);
  expect(filter.problems).toEqual(["There is no field “hots”. Fields: host, image, since."]);
  expect(filter.terms).toHaveLength(1);
});

test("an amount that cannot be read is told", () => {
  expect(parseFilter("since:<soon", FIELDS).problems).toEqual(["“soon” is neither a number nor an age such as 10m."]);
});

test("a filter that is being typed refuses nothing yet", () => {
  for (const text of ["host:", "-", '"', "since:<"]) expect(parseFilter(text, FIELDS).problems).toEqual([]);
});

test.each([["10m", 600], ["2h", 7200], ["1.5", 1.5], ["80%", 80], ["soon", NaN]])("%s is %d", (text, amount) => {
  expect(readAmount(text)).toBe(amount);
});
