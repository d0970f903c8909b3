// What the palette finds in the cache: ranked exact, prefix, word, anywhere.

import type { Store } from "@/live/store";
import { addressOf } from "@/parts/ref";
import { compareNames } from "@/state/order";
import { PLACES } from "./places";

export interface Hit {
  kind: string;
  name: string;
  note: string;
  to: string;
}

const MAX_HITS = 40;

/** Return how well a name answers a query; the less the better, none for not at all. */
export function rankOf(name: string, query: string): number | undefined {
  const text = name.toLowerCase();
  if (text === query) return 0;
  if (text.startsWith(query)) return 1;
  const at = text.indexOf(query);
  if (at < 0) return undefined;
  return /[^a-z0-9]/.test(text[at - 1] ?? "") ? 2 : 3;
}

/** A letter and a space in front narrow to a kind; `>` to commands. */
export function readQuery(text: string): { only: string; query: string } {
  const [, letter, rest] = /^([dhc]) (.*)$/i.exec(text) ?? [];
  if (letter) return { only: letter.toLowerCase(), query: (rest ?? "").trim().toLowerCase() };
  if (text.startsWith(">")) return { only: ">", query: text.slice(1).trim().toLowerCase() };
  return { only: "", query: text.trim().toLowerCase() };
}

export function findHits(store: Store, text: string, pool: string): Hit[] {
  const { only, query } = readQuery(text);
  const sources: [letter: string, hits: () => Iterable<Hit>][] = [
    ["d", () => deployments(store, pool)],
    ["h", () => hosts(store, pool)],
    ["c", () => (query.length > 1 ? containers(store, pool) : [])],
    ["", () => others(store)],
    [">", commands],
  ];
  const found: [rank: number, hit: Hit][] = [];
  for (const [letter, hits] of sources) {
    if (only && only !== letter) continue;
    for (const hit of hits()) {
      const rank = query ? rankOf(hit.name, query) : 4;
      if (rank !== undefined) found.push([rank, hit]);
    }
  }
  found.sort(([a, one], [b, two]) => a - b || compareNames(one.name, two.name));
  return found.slice(0, MAX_HITS).map(([, hit]) => hit);
}

function* deployments(store: Store, pool: string): Iterable<Hit> {
  for (const [id, each] of store.all("deployment")) {
    if (pool && each.placement.pool_id !== pool) continue;
    yield { kind: "Deployment", name: each.deployment_name, note: each.placement.pool_id, to: addressOf("deployment", id) };
  }
}

function* hosts(store: Store, pool: string): Iterable<Hit> {
  for (const [id, { info }] of store.all("host")) {
    if (!pool || info.pool_id === pool) yield { kind: "Host", name: info.hostname, note: info.pool_id, to: addressOf("host", id) };
  }
}

function* containers(store: Store, pool: string): Iterable<Hit> {
  for (const [id, each] of store.all("container")) {
    if (pool && each.host_group !== pool) continue;
    yield { kind: "Container", name: each.container_name, note: each.hostname, to: addressOf("container", id) };
  }
}

function* others(store: Store): Iterable<Hit> {
  for (const [id, each] of store.all("pool")) yield { kind: "Pool", name: each.name, note: "", to: addressOf("pool", id) };
}

function* commands(): Iterable<Hit> {
  for (const place of PLACES) yield { kind: "Go to", name: place.label, note: "", to: place.to };
}
