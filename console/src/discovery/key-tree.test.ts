import { expect, test } from "vitest";
import { bytesOf, foldersOf, hexOf, jsonFault, listBelow, textOf } from "./key-tree";

const NAMES = ["apps/web/containers/1", "apps/web/containers/2", "limit", "shop/a", "shop/b/c", "shop"];

test("a prefix shows its folders with their counts, then its keys", () => {
  expect(listBelow(NAMES, "").map((each) => [each.path, each.count])).toEqual([["apps/", 2], ["shop/", 2], ["limit", 1], ["shop", 1]]);
  expect(listBelow(NAMES, "shop/").map((each) => each.path)).toEqual(["shop/b/", "shop/a"]);
});

test("a key's folders are those that must be open to see it", () => {
  expect(foldersOf("shop/b/c")).toEqual(["shop/", "shop/b/"]);
  expect(foldersOf("limit")).toEqual([]);
});

test("bytes that are no text are shown in hexadecimal", () => {
  expect(textOf(bytesOf(btoa("10")))).toBe("10");
  expect(textOf(new Uint8Array([0xff, 0xfe]))).toBeUndefined();
  expect(hexOf(new Uint8Array([0x41, 0xff]))).toMatch(/^000000 {2}41 ff +A\.$/);
});

test("only what looks like JSON is checked as JSON", () => {
  expect(jsonFault("plain text")).toBe("");
  expect(jsonFault('{"a": 1}')).toBe("");
  expect(jsonFault('{"a": 1')).not.toBe("");
});
