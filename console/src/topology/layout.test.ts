import { expect, test } from "vitest";
import { findAt, fittingStep, layOut, placeOf, type PoolView } from "./layout";

const pool = (hosts: number, cells: number): PoolView => ({
  id: "p", name: "p",
  tiles: Array.from({ length: hosts }, (_, host) => ({
    id: `h${host}`, name: `h${host}`, trouble: "",
    cells: Array.from({ length: cells }, (_, cell) => ({ id: `c${host}.${cell}`, label: "", condition: "well" as const, dim: false })),
  })),
});

test("a point of the map is the cell that is drawn there", () => {
  const map = layOut([pool(3, 12)], 500, 16);
  const tile = map.bands[0]?.tiles[1];
  if (!tile) throw new Error("there is no second tile");
  const { x, y } = placeOf(tile, 9, map.step);
  expect(findAt(map, x + 4, y + 4)?.cell?.id).toBe("c1.9");
  expect(findAt(map, tile.x + 1, tile.y + 1)?.cell).toBeUndefined();
});

test("tiles do not overlap and stay within the width", () => {
  const tiles = layOut([pool(30, 20), pool(2, 0)], 700, 10).bands.flatMap((band) => band.tiles);
  expect(tiles.every((tile) => tile.x + tile.width <= 700)).toBe(true);
  const clash = tiles.some((one, index) => tiles.slice(index + 1).some((two) =>
    one.x < two.x + two.width && two.x < one.x + one.width && one.y < two.y + two.height && two.y < one.y + one.height));
  expect(clash).toBe(false);
});

test("few hosts are drawn large, a whole fleet small", () => {
  expect(fittingStep([pool(3, 8)], 1200, 700)).toBe(24);
  expect(fittingStep([pool(500, 20)], 1200, 700)).toBe(8);
});
