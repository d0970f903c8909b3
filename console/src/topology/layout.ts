// Where everything is on the map: pools below one another, hosts as tiles, slots as cells.

import type { Condition } from "@/state/condition";

export interface CellView {
  /** Id of the container; "" for a slot without one. */
  id: string;
  label: string;
  condition: Condition;
  /** Whether the chosen deployment leaves it out. */
  dim: boolean;
}

export interface TileView {
  /** Id of the host; "" for slots that no host takes. */
  id: string;
  name: string;
  /** What keeps it from taking containers; "" when nothing does. */
  trouble: string;
  cells: readonly CellView[];
}

export interface PoolView {
  id: string;
  name: string;
  tiles: readonly TileView[];
}

export interface Tile extends TileView {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Band {
  id: string;
  name: string;
  y: number;
  hosts: number;
  tiles: readonly Tile[];
}

export interface MapLayout {
  width: number;
  height: number;
  /** Side of a cell with the space after it. */
  step: number;
  bands: readonly Band[];
}

const CELLS_WIDE = 8;
const GAP_PX = 8;
const PAD_PX = 5;
const HEAD_PX = 28;
const NAME_PX = 18;

/** Return the height of a tile's name: small cells leave no room for one. */
export const nameHeight = (step: number): number => (step >= 12 ? NAME_PX : 0);

export function layOut(pools: readonly PoolView[], width: number, step: number): MapLayout {
  const tileWidth = CELLS_WIDE * step + 2 * PAD_PX;
  const perRow = Math.max(1, Math.floor((width + GAP_PX) / (tileWidth + GAP_PX)));
  let y = 0;
  const bands = pools.map((pool) => {
    const top = y;
    y += HEAD_PX;
    const tiles: Tile[] = [];
    for (let first = 0; first < pool.tiles.length; first += perRow) {
      const row = pool.tiles.slice(first, first + perRow);
      const lines = Math.max(1, ...row.map((tile) => Math.ceil(tile.cells.length / CELLS_WIDE)));
      const height = lines * step + 2 * PAD_PX + nameHeight(step);
      row.forEach((tile, index) => tiles.push({ ...tile, x: index * (tileWidth + GAP_PX), y, width: tileWidth, height }));
      y += height + GAP_PX;
    }
    y += GAP_PX;
    return { id: pool.id, name: pool.name, y: top, hosts: pool.tiles.filter((tile) => tile.id).length, tiles };
  });
  return { width, height: Math.max(y, 1), step, bands };
}

/** Return where a cell of a tile is. */
export function placeOf(tile: Tile, index: number, step: number): { x: number; y: number } {
  return {
    x: tile.x + PAD_PX + (index % CELLS_WIDE) * step,
    y: tile.y + PAD_PX + nameHeight(step) + Math.floor(index / CELLS_WIDE) * step,
  };
}

export interface Found {
  tile: Tile;
  cell: CellView | undefined;
}

/** Return what is at a point of the map. */
export function findAt(map: MapLayout, x: number, y: number): Found | undefined {
  for (const band of map.bands) {
    const tile = band.tiles.find((each) => x >= each.x && x < each.x + each.width && y >= each.y && y < each.y + each.height);
    if (!tile) continue;
    const origin = placeOf(tile, 0, map.step);
    const column = Math.floor((x - origin.x) / map.step);
    const line = Math.floor((y - origin.y) / map.step);
    const inside = column >= 0 && column < CELLS_WIDE && line >= 0;
    return { tile, cell: inside ? tile.cells[line * CELLS_WIDE + column] : undefined };
  }
  return undefined;
}

const STEPS = [24, 20, 16, 13, 10, 8];

/** Return the largest step with which everything is seen at once; the smallest where nothing fits. */
export function fittingStep(pools: readonly PoolView[], width: number, height: number): number {
  return STEPS.find((step) => layOut(pools, width, step).height <= height) ?? (STEPS.at(-1) as number);
}
