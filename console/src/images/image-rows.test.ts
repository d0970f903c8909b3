import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { groupImages, listImages, usesOf } from "./image-rows";

const item = (host: string, name: string, id: string, size = 10): Schemas["ImageItem"] => ({
  host_id: host, hostname: host,
  image: { Id: id, ParentId: "", RepoTags: name ? [name] : [], RepoDigests: [], Created: 1, Size: size, VirtualSize: size, Labels: {} },
});
const images = groupImages([item("a", "nginx:1", "i1"), item("b", "nginx:1", "i2", 20), item("a", "", "i3")]);
const used = new Map([["b/i2", 2], ["b/i1", 5]]);
const query = { q: "", unused: false, sort: "name", down: false };

test("an image is one row by its name, and one without a name by its id", () => {
  expect([...images.keys()]).toEqual(["nginx:1", "i3"]);
  expect(images.get("nginx:1")).toMatchObject({ size: 20, copies: [{ hostId: "a" }, { hostId: "b" }] });
});

test("only containers of the same host and image id count as its use", () => {
  const row = images.get("nginx:1");
  expect(row && usesOf(row, used)).toBe(2);
});

test("the list narrows to unused images, to words, and to hosts of the scope", () => {
  expect(listImages(images, used, { ...query, unused: true }).ids).toEqual(["i3"]);
  expect(listImages(images, used, { ...query, q: "nginx b" }).ids).toEqual(["nginx:1"]);
  expect(listImages(images, used, { ...query, hosts: new Set(["b"]) }).ids).toEqual(["nginx:1"]);
  expect(listImages(images, used, query)).toMatchObject({ total: 2, unused: 1 });
});
