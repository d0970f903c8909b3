// Images as a list shows them: one row a name, with the hosts that have it.

import type { Schemas } from "@/api/client";
import { compareNames } from "@/state/order";

export interface Copy {
  hostId: string;
  hostname: string;
  imageId: string;
  size: number;
  /** Milliseconds. */
  created: number;
}

export interface ImageRow {
  /** The name, or the id of one without a name. */
  id: string;
  named: boolean;
  copies: Copy[];
  size: number;
  created: number;
}

export type ImageMap = ReadonlyMap<string, ImageRow>;
/** Containers by host and image id. */
export type UsedBy = ReadonlyMap<string, number>;

export function groupImages(items: readonly Schemas["ImageItem"][]): ImageMap {
  const rows = new Map<string, ImageRow>();
  for (const { host_id: hostId, hostname, image } of items) {
    const name = image.RepoTags[0] ?? "";
    const id = name || image.Id;
    const row = rows.get(id) ?? { id, named: name !== "", copies: [], size: 0, created: 0 };
    const copy = { hostId, hostname, imageId: image.Id, size: image.Size, created: image.Created * 1000 };
    rows.set(id, { ...row, copies: [...row.copies, copy], size: Math.max(row.size, copy.size), created: Math.max(row.created, copy.created) });
  }
  return rows;
}

export const usesOf = (row: ImageRow, used: UsedBy): number =>
  row.copies.reduce((sum, copy) => sum + (used.get(`${copy.hostId}/${copy.imageId}`) ?? 0), 0);

export const spaceOf = (row: ImageRow): number => row.copies.reduce((sum, copy) => sum + copy.size, 0);

export interface ImageQuery {
  q: string;
  unused: boolean;
  /** Hosts of the scope; all where it is undefined. */
  hosts?: ReadonlySet<string>;
  sort: string;
  down: boolean;
}

export interface ImageList {
  ids: string[];
  total: number;
  unused: number;
}

export function listImages(images: ImageMap, used: UsedBy, { q, unused, hosts, sort, down }: ImageQuery): ImageList {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = [...images.values()].filter((row) => {
    if (hosts && !row.copies.some((copy) => hosts.has(copy.hostId))) return false;
    const text = [row.id, ...row.copies.map((copy) => copy.hostname)].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const idle = rows.filter((row) => usesOf(row, used) === 0);
  const value: Record<string, (row: ImageRow) => number> = {
    hosts: (row) => row.copies.length, size: (row) => row.size, used: (row) => usesOf(row, used), created: (row) => row.created,
  };
  const by = value[sort];
  const byName = (a: ImageRow, b: ImageRow) => compareNames(a.id, b.id);
  const compare = (a: ImageRow, b: ImageRow) => (by ? by(a) - by(b) : byName(a, b));
  const shown = (unused ? idle : rows).sort((a, b) => (down ? -1 : 1) * compare(a, b) || byName(a, b));
  return { ids: shown.map((row) => row.id), total: images.size, unused: idle.length };
}
